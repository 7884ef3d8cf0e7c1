"""What arrives late, twice, from elsewhere or against expectation: records and Stripe end up equal."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import audit
from bookings.audit import ActorKind
from cancellations import cancel
from payments import checkout, operations, reconcile
from payments.models import Payment, PaymentOperation, Refund
from tests.factories import UserFactory
from tests.stays import (
    AtStripe,
    at_stripe,
    by_guest,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    guest_cancels,
    in_instant_hotel,
    mails,
    paid,
    pay,
    transitions,
    with_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def refresh(booking):
    with audit.acting_as(ActorKind.STRIPE):
        for payment in Payment.objects.filter(booking=booking):
            operations.refresh(payment)


def test_settling_twice_writes_nothing_the_second_time(stripe_simulator):
    booking = confirmed(stripe_simulator)
    before = (booking.history.count(), Payment.history.count(), PaymentOperation.history.count())
    refresh(booking)
    assert (booking.history.count(), Payment.history.count(), PaymentOperation.history.count()) == before


def test_guest_cancels_while_paying_and_the_hold_is_released(stripe_simulator):
    payment = with_page()
    pay(stripe_simulator, payment)  # we have not heard of it
    outcome = guest_cancels(payment.booking)
    assert (outcome.state, outcome.booking.status) == ("done", "CANCELLED")
    assert at_stripe(stripe_simulator, payment.booking) == AtStripe(voids=1)
    kinds = PaymentOperation.objects.order_by("pk").values_list("kind", "status")
    assert list(kinds) == [
        ("create_session", "succeeded"),
        ("expire_session", "failed"),
        ("void", "succeeded"),
    ]
    refresh(payment.booking)
    assert transitions(payment.booking) == ["submit", "cancel"]
    assert fresh(payment.booking).cancelled_by_client


def test_guest_of_an_instant_hotel_cancels_while_paying_and_gets_everything_back(stripe_simulator):
    payment = with_page(in_instant_hotel())
    pay(stripe_simulator, payment)
    outcome = guest_cancels(payment.booking)
    assert (outcome.booking.status, outcome.booking.refund_amount) == ("CANCELLED", 36000)
    assert at_stripe(stripe_simulator, payment.booking) == AtStripe(
        captured=36000, refunded=36000, captures=1, refunds=1
    )


def test_guest_refund_has_the_fixed_key_and_the_decision_is_kept(stripe_simulator):
    booking = confirmed(stripe_simulator)
    outcome = guest_cancels(booking)
    operation = PaymentOperation.objects.get(kind="refund")
    booking = fresh(booking)
    assert outcome.state == "done"
    assert operation.idempotency_key == f"guest_cancel_refund:{booking.booking_id}"
    assert (booking.cancellation_fee, booking.refund_amount) == (0, 34000)
    assert booking.refund_reference == Refund.objects.get().stripe_refund_id
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=1)
    assert guest_cancels(booking).state == "already"
    assert mails(booking) == ["pay_link", "authorized", "approved", "cancelled_by_guest"]


def test_guest_cancel_goes_on_after_a_refund_made_at_stripe(stripe_simulator):
    booking = confirmed(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=10000)
    outcome = guest_cancels(booking)
    assert outcome.booking.status == "CANCELLED"
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=2)
    assert sorted(Refund.objects.values_list("amount", "is_external")) == [(10000, True), (24000, False)]


def test_guest_cancel_goes_through_when_stripe_has_refunded_everything(stripe_simulator):
    booking = confirmed(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=34000)
    outcome = guest_cancels(booking)
    assert outcome.booking.status == "CANCELLED"
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=1)
    assert not PaymentOperation.objects.filter(status="pending").exists()


def test_half_is_kept_ten_days_before(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with clock_at(timezone.now() + timedelta(days=20)):
        shown = cancel.quote(booking, at=timezone.now())
        with by_guest():
            outcome = cancel.cancel_booking(booking, reason="Ill", signed_quote=shown.signed(booking))
    assert (shown.fee, shown.refund) == (17000, 17000)
    assert (outcome.booking.cancellation_fee, outcome.booking.refund_amount) == (17000, 17000)
    assert at_stripe(stripe_simulator, booking).refunded == 17000
    assert booking.payments.get().status == "PARTIALLY_REFUNDED"


def test_nothing_is_refunded_in_the_last_week_and_stripe_is_not_called(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with clock_at(timezone.now() + timedelta(days=25)):
        outcome = guest_cancels(booking)
    assert (outcome.booking.status, outcome.booking.refund_amount) == ("CANCELLED", 0)
    assert not PaymentOperation.objects.filter(kind="refund").exists()


def test_staff_may_waive_the_fee(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with clock_at(timezone.now() + timedelta(days=25)), by_staff(UserFactory()):
        outcome = cancel.cancel_booking(booking, reason="Burst pipe", fee=0)
    assert (outcome.booking.cancellation_fee, outcome.booking.refund_amount) == (0, 34000)
    assert (outcome.booking.cancelled_by_client, mails(booking)[-1]) == (False, "cancelled_by_hotel")


def test_changed_quote_asks_again_and_moves_nothing(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with by_guest(), pytest.raises(cancel.QuoteChanged) as asked:
        cancel.cancel_booking(booking, reason="", signed_quote="forged")
    assert asked.value.quote.refund == 34000
    assert (fresh(booking).status, at_stripe(stripe_simulator, booking).refunds) == ("CONFIRMED", 0)


def test_promised_refund_is_kept_when_the_tier_moves(stripe_simulator):
    booking = confirmed(stripe_simulator)
    promise = cancel.quote(booking, at=timezone.now()).signed(booking)
    with clock_at(timezone.now() + timedelta(days=20)), by_guest():
        outcome = cancel.cancel_booking(booking, reason="", signed_quote=promise)
    assert (outcome.booking.cancellation_fee, outcome.booking.refund_amount) == (0, 34000)


def test_money_for_an_expired_booking_goes_back(stripe_simulator):
    payment = with_page()
    # The page was closed on our side only: the guest pays on a page that Stripe still shows.
    with clock_at(payment.booking.hold_expires_at + timedelta(seconds=1)):
        booking = fresh(payment.booking)
        booking.expire()
        booking.save()
    pay(stripe_simulator, payment)
    refresh(payment.booking)
    payment.refresh_from_db()
    assert (fresh(booking).status, payment.status, bool(payment.unwanted_since)) == (
        "EXPIRED",
        "VOIDED",
        True,
    )
    assert at_stripe(stripe_simulator, booking) == AtStripe(voids=1)


def test_second_paid_page_is_released_and_the_first_counts(stripe_simulator):
    first = with_page()
    booking = first.booking
    first.refresh_from_db()
    first.expire()
    first.save()  # we believe that the page is closed, but Stripe still shows it
    _, second = checkout.open_payment_page(booking)
    pay(stripe_simulator, second)
    refresh(booking)
    assert fresh(booking).status == "PENDING_APPROVAL"
    assert fresh(booking).payment_reference == Payment.objects.get(pk=second.pk).stripe_payment_intent_id


def test_capture_made_at_stripe_confirms(stripe_simulator):
    booking = paid(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/capture")
    refresh(booking)
    booking = fresh(booking)
    assert (booking.status, transitions(booking)[-1], mails(booking)[-1]) == (
        "CONFIRMED",
        "confirm_paid",
        "approved",
    )


def test_hold_released_by_a_person_at_stripe_waits_for_staff(stripe_simulator):
    booking = paid(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/cancel")
    refresh(booking)
    assert (fresh(booking).status, booking.payments.get().status) == ("PENDING_APPROVAL", "VOIDED")


def test_authorization_that_ran_out_expires_the_booking(stripe_simulator):
    booking = paid(stripe_simulator)
    stripe_simulator.control("clock", advance=8 * 24 * 3600)
    refresh(booking)
    assert (fresh(booking).status, mails(booking)[-1]) == ("EXPIRED", "expired")


def test_refund_made_at_stripe_is_recorded_as_external(stripe_simulator):
    booking = confirmed(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=5000)
    refresh(booking)
    refund = Refund.objects.get()
    assert (refund.is_external, refund.amount, refund.operation, refund.status) == (
        True,
        5000,
        None,
        "succeeded",
    )
    assert (booking.payments.get().amount_refunded, fresh(booking).status) == (5000, "CONFIRMED")


def drop_after(simulator, path, times=3):
    simulator.control("faults", match={"path_regex": path, "method": "POST"}, kind="drop_after", times=times)


def test_unknown_outcome_waits_and_reconcile_finds_the_effect(stripe_simulator):
    booking = confirmed(stripe_simulator)
    drop_after(stripe_simulator, "refunds")
    outcome = guest_cancels(booking)
    assert (outcome.state, fresh(booking).status) == ("in_progress", "CONFIRMED")
    assert reconcile.resolve_open(timezone.now() + reconcile.GRACE) == 1
    booking = fresh(booking)
    assert (booking.status, booking.cancelled_by_client, transitions(booking)[-1]) == (
        "CANCELLED",
        True,
        "cancel",
    )
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=1)
    assert booking.history.get(transition="cancel").actor_kind == "guest"


def test_saved_server_error_is_followed_by_a_new_key_only_after_a_look_up(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("faults", match={"path_regex": "refunds", "method": "POST"}, kind="error_500", times=1)
    assert guest_cancels(booking).state == "in_progress"
    assert PaymentOperation.objects.get(kind="refund").key_is_spent
    reconcile.resolve_open(timezone.now() + reconcile.GRACE)
    operation = PaymentOperation.objects.get(kind="refund")
    assert (operation.status, operation.idempotency_key) == ("succeeded", f"refund:{booking.booking_id}:2")
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=1)


def test_open_session_that_stripe_made_is_found_again(stripe_simulator):
    drop_after(stripe_simulator, "checkout/sessions$")
    payment = with_page()
    assert payment.status == "NOT_INITIATED"
    assert reconcile.resolve_open(timezone.now() + reconcile.GRACE) == 1
    payment.refresh_from_db()
    made = [
        row
        for row in stripe_simulator.look("requests")
        if row["path"] == "/v1/checkout/sessions" and row["method"] == "POST"
    ]
    assert payment.status == "PROCESSING"
    assert len({row["idempotency_key"] for row in made}) == 1
