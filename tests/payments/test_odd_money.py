"""Money that comes twice, late, in parts or to the wrong place, and refusals that come back every minute."""

from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from unittest import mock
from urllib.error import HTTPError

import pytest
from django.core.management import call_command
from django.utils import timezone

from bookings import audit
from bookings.audit import ActorKind
from bookings.models import Booking
from bookings.refusals import Refused
from cancellations import cancel
from payments import checkout, chores, decisions, ledger, operations, reconcile
from payments.gateway import Declined
from payments.models import Chore, Payment, PaymentOperation, Refund
from tests.factories import HotelFactory, RoomFactory, RoomTypeFactory, UserFactory
from tests.stays import (
    AtStripe,
    at_stripe,
    by_guest,
    by_staff,
    clock_at,
    fresh,
    in_instant_hotel,
    mails,
    paid,
    pay,
    submitted,
    transitions,
    with_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def refresh(payment):
    with audit.acting_as(ActorKind.STRIPE):
        operations.refresh(Payment.objects.get(pk=payment.pk))


def second_page(booking):
    """Another page beside the first one, as after a race that should not be possible."""
    Payment.objects.filter(booking=booking).update(session_expires_at=timezone.now())
    nothing = dict.fromkeys(("close_old_page", "refuse_unfinished"), lambda *_, **__: None)
    with mock.patch.multiple(checkout, **nothing):
        return checkout.open_payment_page(booking)[1]


def given_up(payment):
    """Our booking has expired while Stripe still shows the page."""
    booking = fresh(payment.booking)
    booking.expire()
    booking.save()
    return booking


def own_operations(payment, kind):
    return list(payment.operations.filter(kind=kind).order_by("pk").values_list("status", flat=True))


def test_refused_return_of_unwanted_money_is_tried_again_only_after_a_pause(stripe_simulator):
    payment = with_page(in_instant_hotel())
    booking = given_up(payment)
    pay(stripe_simulator, payment)
    now = timezone.now()
    stripe_simulator.control("faults", kind="refused", match={"path_regex": "/v1/refunds"}, times=9)
    with pytest.raises(Declined, match="too low"):
        refresh(payment)
    assert own_operations(payment, "refund") == ["failed"]
    reconcile.reconcile(now)
    assert own_operations(payment, "refund") == ["failed"]
    with clock_at(now + timedelta(hours=2)):
        reconcile.settle_strays()
    assert own_operations(payment, "refund") == ["failed", "failed"]
    payment.refresh_from_db()
    assert (bool(payment.unwanted_since), ledger.left_of(payment)) == (True, 36000)
    assert at_stripe(stripe_simulator, booking).refunds == 0


def test_returned_money_that_the_bank_refused_is_left_to_a_person(stripe_simulator):
    payment = with_page(in_instant_hotel())
    given_up(payment)
    pay(stripe_simulator, payment)
    refresh(payment)
    stripe_simulator.control(f"refunds/{Refund.objects.get().stripe_refund_id}/resolve", status="failed")
    refresh(payment)
    with clock_at(timezone.now() + timedelta(days=1)):
        reconcile.settle_strays()
    assert own_operations(payment, "refund") == ["succeeded"]
    failed, owed = Refund.objects.order_by("pk")
    assert (failed.status, owed.replaces, owed.is_owed, owed.amount) == ("failed", failed, True, 36000)


def test_page_whose_payment_is_on_its_way_is_not_asked_to_close_for_ever(stripe_simulator):
    payment = with_page(in_instant_hotel())
    stripe_simulator.control(f"pay/{payment.stripe_checkout_session_id}/delayed")
    booking = given_up(payment)
    refresh(payment)
    reconcile.settle_strays()
    assert not payment.operations.filter(kind="expire_session").exists()
    stripe_simulator.control(f"pay/{payment.stripe_checkout_session_id}/settle", status="succeeded")
    refresh(payment)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=36000, refunded=36000, captures=1, refunds=1)


def test_guest_may_cancel_while_the_payment_is_on_its_way_and_gets_it_back_when_it_arrives(stripe_simulator):
    payment = with_page(in_instant_hotel())
    stripe_simulator.control(f"pay/{payment.stripe_checkout_session_id}/delayed")
    shown = cancel.quote(payment.booking, at=timezone.now()).signed(payment.booking)
    with by_guest():
        outcome = cancel.cancel_booking(payment.booking, reason="", signed_quote=shown)
    assert (outcome.state, outcome.booking.status) == ("done", "CANCELLED")
    stripe_simulator.control(f"pay/{payment.stripe_checkout_session_id}/settle", status="succeeded")
    refresh(payment)
    assert at_stripe(stripe_simulator, payment.booking).refunded == 36000
    assert fresh(payment.booking).status == "CANCELLED"


def test_hold_that_runs_out_while_the_payment_is_on_its_way_opens_one_operation(stripe_simulator):
    payment = with_page(in_instant_hotel())
    stripe_simulator.control(f"pay/{payment.stripe_checkout_session_id}/delayed")
    with clock_at(payment.booking.hold_expires_at + timedelta(seconds=1)):
        for _ in range(3):
            reconcile.expire_due(timezone.now())
    assert own_operations(payment, "expire_session") == ["failed"]
    assert fresh(payment.booking).status == "EXPIRED"


def test_no_second_page_while_a_payment_is_on_its_way(stripe_simulator):
    hotel = HotelFactory(booking_mode="instant", hold_hours=72)
    payment = with_page(room=RoomFactory(room_type=RoomTypeFactory(hotel=hotel)))
    stripe_simulator.control(f"pay/{payment.stripe_checkout_session_id}/delayed")
    with clock_at(payment.session_expires_at + timedelta(hours=1)), pytest.raises(Refused, match="on its way"):
        checkout.open_payment_page(payment.booking)
    assert payment.booking.payments.count() == 1


def test_page_whose_delayed_payment_failed_is_followed_by_a_new_one(stripe_simulator):
    payment = with_page(in_instant_hotel())
    stripe_simulator.control(f"pay/{payment.stripe_checkout_session_id}/delayed")
    stripe_simulator.control(f"pay/{payment.stripe_checkout_session_id}/settle", status="failed")
    refresh(payment)
    _, again = checkout.open_payment_page(payment.booking)
    assert (again.attempt_number, again.status) == (2, "PROCESSING")


def test_old_page_is_closed_at_stripe_before_another_is_opened(stripe_simulator):
    hotel = HotelFactory(hold_hours=72)
    first = with_page(room=RoomFactory(room_type=RoomTypeFactory(hotel=hotel)))
    nearly = first.session_expires_at - timedelta(seconds=30)
    stripe_simulator.control("clock", set=int(nearly.timestamp()))
    with clock_at(nearly):  # the guest has half a minute left on the first page
        _, second = checkout.open_payment_page(first.booking)
    first.refresh_from_db()
    assert (second.attempt_number, first.status) == (2, "EXPIRED")
    with pytest.raises(HTTPError, match="400"):
        stripe_simulator.control(f"expire/{first.stripe_checkout_session_id}")


def test_approve_captures_the_hold_that_the_booking_rests_on(stripe_simulator):
    first = with_page()
    second = second_page(first.booking)
    pay(stripe_simulator, first)
    refresh(first)
    booking = fresh(first.booking)
    # The second hold is heard of while an operation of the first is open, so nobody deals with it yet.
    stripe_simulator.control("faults", match={"path_regex": "capture", "method": "POST"}, kind="drop_before", times=3)
    with by_staff(UserFactory()):
        assert decisions.approve(booking).state == "in_progress"
        pay(stripe_simulator, second)
        refresh(second)
        reconcile.resolve_open(timezone.now() + reconcile.GRACE)
    booking = fresh(booking)
    assert (booking.status, booking.payment_reference) == (
        "CONFIRMED",
        Payment.objects.get(pk=first.pk).stripe_payment_intent_id,
    )
    reconcile.settle_strays()
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1, voids=1)


def test_second_hold_heard_of_during_an_operation_that_fails_is_released(stripe_simulator):
    first = with_page()
    second = second_page(first.booking)
    pay(stripe_simulator, first)
    refresh(first)
    payment = Payment.objects.get(pk=first.pk)
    operation = left_open(payment, "capture")
    pay(stripe_simulator, second)
    refresh(second)
    operation.status = "failed"
    operation.save()
    assert ledger.paying_payment(fresh(first.booking)).pk == first.pk
    reconcile.settle_strays()
    second.refresh_from_db()
    assert (second.status, bool(second.unwanted_since)) == ("VOIDED", True)
    assert at_stripe(stripe_simulator, first.booking) == AtStripe(voids=1)


def left_open(payment, kind):
    return PaymentOperation.objects.create(
        booking=payment.booking,
        payment=payment,
        kind=kind,
        currency=payment.currency,
        amount=1000,
        idempotency_key=f"left-open:{payment.pk}",
        details={"actor": audit.NOBODY.as_json()},
    )


def twice_paid(stripe_simulator):
    """A confirmed booking whose guest paid on two pages; the second was heard of during an operation."""
    first = with_page(in_instant_hotel())
    second = second_page(first.booking)
    pay(stripe_simulator, first)
    refresh(first)
    operation = left_open(Payment.objects.get(pk=first.pk), "refund")
    pay(stripe_simulator, second)
    refresh(second)
    operation.status = "failed"
    operation.save()
    return fresh(first.booking), second


def test_second_charge_heard_of_during_an_operation_goes_back(stripe_simulator):
    booking, second = twice_paid(stripe_simulator)
    reconcile.settle_strays()
    second.refresh_from_db()
    assert (second.status, bool(second.unwanted_since)) == ("REFUNDED", True)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=72000, refunded=36000, captures=2, refunds=1)
    assert fresh(booking).status == "CONFIRMED"


@pytest.mark.parametrize("look", ["night", "command"])
def test_old_money_that_nobody_has_dealt_with_is_found_at_night_and_by_hand(stripe_simulator, look):
    booking, second = twice_paid(stripe_simulator)
    Payment.objects.filter(pk=second.pk).update(captured_at=timezone.now() - reconcile.RECENT)
    reconcile.reconcile(timezone.now())
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=72000, captures=2)
    if look == "night":
        chores.do_due(timezone.now())
        Chore.objects.exclude(name="strays").delete()
        chores.do_due(timezone.now() + timedelta(days=1))
    else:
        call_command("reconcile", stdout=StringIO())
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=72000, refunded=36000, captures=2, refunds=1)


def test_quote_counts_only_the_money_that_the_booking_rests_on(stripe_simulator):
    booking, _ = twice_paid(stripe_simulator)
    with clock_at(timezone.now() + timedelta(days=20)):
        shown = cancel.quote(booking, at=timezone.now())
    assert (shown.paid, shown.fee, shown.refund) == (36000, 18000, 18000)


def test_money_in_another_currency_is_not_what_was_asked(stripe_simulator):
    payment = with_page()
    pay(stripe_simulator, payment)
    Payment.objects.filter(pk=payment.pk).update(currency="USD")
    Booking.objects.filter(pk=payment.booking_id).update(currency="USD")
    refresh(payment)
    payment.refresh_from_db()
    assert (fresh(payment.booking).status, payment.status, payment.currency) == ("PENDING_PAYMENT", "VOIDED", "EUR")
    assert bool(payment.unwanted_since)


def test_part_of_a_hold_captured_at_stripe_does_not_confirm_and_goes_back(stripe_simulator):
    booking = paid(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/capture", amount=10000)
    refresh(booking.payments.get())
    assert (fresh(booking).status, transitions(booking)[-1], mails(booking)[-1]) == (
        "PENDING_APPROVAL",
        "authorize",
        "authorized",
    )
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=10000, refunded=10000, captures=1, refunds=1)


def test_approval_that_finds_part_of_the_hold_captured_is_refused(stripe_simulator):
    booking = paid(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/capture", amount=10000)
    with by_staff(UserFactory()), pytest.raises(Declined):
        decisions.approve(booking)
    assert (fresh(booking).status, at_stripe(stripe_simulator, booking).refunded) == ("PENDING_APPROVAL", 10000)


def test_money_returned_by_a_cancellation_is_not_called_unwanted(stripe_simulator):
    payment = with_page(in_instant_hotel())
    pay(stripe_simulator, payment)
    shown = cancel.quote(payment.booking, at=timezone.now()).signed(payment.booking)
    with by_guest():
        cancel.cancel_booking(payment.booking, reason="", signed_quote=shown)
    payment.refresh_from_db()
    assert (payment.status, payment.unwanted_since) == ("REFUNDED", None)


@contextmanager
def counted(simulator):
    before = len(simulator.look("requests"))
    calls = []
    yield calls
    calls.append(len(simulator.look("requests")) - before)


def test_money_that_is_back_is_not_read_again_every_minute(stripe_simulator):
    payment = with_page(in_instant_hotel())
    Payment.objects.filter(pk=payment.pk).update(amount=1)  # Stripe was asked for another amount
    pay(stripe_simulator, payment)
    refresh(payment)
    assert Payment.objects.get().status == "REFUNDED"
    with counted(stripe_simulator) as calls:
        reconcile.settle_strays()
    assert calls == [0]


def test_another_price_needs_another_page(stripe_simulator):
    first = with_page()
    Booking.objects.filter(pk=first.booking_id).update(total_amount=30000)
    _, second = checkout.open_payment_page(fresh(first.booking))
    first.refresh_from_db()
    assert (first.status, second.amount, second.attempt_number) == ("EXPIRED", 30000, 2)


def test_attempt_that_never_began_takes_the_new_price(stripe_simulator):
    stripe_simulator.control("currencies", unsupported=["eur"])
    booking = submitted()
    with pytest.raises(Refused):
        checkout.open_payment_page(booking)
    stripe_simulator.control("currencies", unsupported=[])
    Booking.objects.filter(pk=booking.pk).update(total_amount=30000)
    _, payment = checkout.open_payment_page(fresh(booking))
    pay(stripe_simulator, payment)
    refresh(payment)
    assert (fresh(booking).status, payment.amount) == ("PENDING_APPROVAL", 30000)
