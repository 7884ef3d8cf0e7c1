"""Refunds, captures and releases that somebody makes in Stripe's Dashboard, recognised and answered."""

import pytest

from bookings.refusals import Refused
from payments import decisions, external, ledger, operations
from payments.models import Refund
from tests.stays import (
    AtStripe,
    at_stripe,
    by_staff,
    confirmed,
    fresh,
    mails,
    paid,
    transitions,
)

pytestmark = pytest.mark.django_db(transaction=True)


def at_dashboard(simulator, booking, what, **body):
    """Do something to a booking's payment at Stripe; the desk then hears of it."""
    payment = booking.payments.get()
    simulator.control(f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/{what}", **body)
    operations.refresh(payment)
    return fresh(booking)


def in_hotel_that(simulator, answer):
    """A confirmed booking of a hotel with its answer to refunds made at Stripe."""
    booking = confirmed(simulator)
    booking.hotel.external_refunds = answer
    booking.hotel.save()
    return fresh(booking)


def waiting():
    return list(Refund.objects.filter(is_external=True, reviewed_at=None).values_list("amount", flat=True))


def test_whole_refund_at_stripe_waits_for_an_answer(stripe_simulator):
    booking = at_dashboard(stripe_simulator, in_hotel_that(stripe_simulator, "ask"), "refund")
    assert (booking.status, booking.payments.get().status, waiting()) == ("CONFIRMED", "REFUNDED", [34000])
    assert mails(booking)[-1] == "approved"


def test_whole_refund_at_stripe_cancels_where_the_hotel_wants_that(stripe_simulator):
    booking = at_dashboard(stripe_simulator, in_hotel_that(stripe_simulator, "cancel"), "refund")
    assert (booking.status, booking.cancellation_fee, booking.refund_amount, waiting()) == ("CANCELLED", 0, 34000, [])
    assert (booking.cancelled_by_client, booking.cancellation_reason) == (
        False,
        "The payment was refunded at Stripe.",
    )
    assert (booking.history.first().actor_kind, mails(booking)[-1]) == ("stripe", "cancelled_by_hotel")
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=1)


def test_whole_refund_at_stripe_reopens_where_the_hotel_wants_that(stripe_simulator):
    booking = at_dashboard(stripe_simulator, in_hotel_that(stripe_simulator, "reopen"), "refund")
    assert (booking.status, booking.first_attempt, waiting()) == ("PENDING_PAYMENT", 2, [])
    assert (transitions(booking)[-1], mails(booking)[-1]) == ("reopen", "pay_link")


@pytest.mark.parametrize("answer", ["ask", "cancel", "reopen"])
def test_part_refunded_at_stripe_always_waits_for_an_answer(stripe_simulator, answer):
    booking = at_dashboard(stripe_simulator, in_hotel_that(stripe_simulator, answer), "refund", amount=5000)
    assert (booking.status, waiting(), ledger.balance(booking).left) == ("CONFIRMED", [5000], 29000)


def test_hearing_of_it_twice_changes_nothing(stripe_simulator):
    booking = at_dashboard(stripe_simulator, in_hotel_that(stripe_simulator, "reopen"), "refund")
    before = booking.history.count()
    operations.refresh(booking.payments.get())
    assert (fresh(booking).history.count(), fresh(booking).status) == (before, "PENDING_PAYMENT")


def test_booking_is_kept_after_a_refund_at_stripe(stripe_simulator):
    booking = at_dashboard(stripe_simulator, confirmed(stripe_simulator), "refund", amount=5000)
    with by_staff():
        assert external.keep_booking(Refund.objects.get(), note="A discount.").state == "done"
        assert external.keep_booking(Refund.objects.get()).state == "already"
    assert (fresh(booking).status, waiting(), Refund.objects.get().review) == (
        "CONFIRMED",
        [],
        "The booking stays as it is. A discount.",
    )


def test_booking_is_cancelled_too_and_the_rest_is_the_fee(stripe_simulator):
    booking = at_dashboard(stripe_simulator, confirmed(stripe_simulator), "refund", amount=5000)
    with by_staff():
        external.cancel_booking_too(Refund.objects.get(), reason="Agreed on the phone.")
        assert external.cancel_booking_too(Refund.objects.get(), reason="Again").state == "already"
    booking = fresh(booking)
    assert (booking.status, booking.cancellation_fee, booking.refund_amount, waiting()) == (
        "CANCELLED",
        29000,
        5000,
        [],
    )
    assert at_stripe(stripe_simulator, booking).refunds == 1


def test_refund_made_here_has_nothing_to_answer(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with by_staff():
        decisions.refund(booking, amount=5000, note="Noise")
    with by_staff(), pytest.raises(Refused):
        external.cancel_booking_too(Refund.objects.get(), reason="No")
    assert fresh(booking).status == "CONFIRMED"


def test_capture_made_at_stripe_confirms(stripe_simulator):
    booking = at_dashboard(stripe_simulator, paid(stripe_simulator), "capture")
    assert (booking.status, transitions(booking)[-1], mails(booking)[-1]) == ("CONFIRMED", "confirm_paid", "approved")


def test_money_captured_and_refunded_at_stripe_before_we_heard_ends_as_if_we_had(stripe_simulator):
    booking = paid(stripe_simulator)
    booking.hotel.external_refunds = "cancel"
    booking.hotel.save()
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/capture")
    booking = at_dashboard(stripe_simulator, booking, "refund")
    assert (booking.status, transitions(booking)[-2:]) == ("CANCELLED", ["confirm_paid", "cancel"])


def test_hold_released_by_a_person_at_stripe_waits_for_staff(stripe_simulator):
    booking = at_dashboard(stripe_simulator, paid(stripe_simulator), "cancel")
    assert (booking.status, booking.payments.get().status, mails(booking)[-1]) == (
        "PENDING_APPROVAL",
        "VOIDED",
        "authorized",
    )
