"""Approve, decline, refund, mark paid, expire, delete: one effect at Stripe each, and words when refused."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.refusals import Refused
from payments import decisions, ledger
from payments.gateway import Declined
from payments.models import PaymentOperation, Refund
from tests.factories import BookingFactory, UserFactory
from tests.stays import (
    AtStripe,
    at_stripe,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    in_instant_hotel,
    mails,
    paid,
    submitted,
    transitions,
    with_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def test_approve_captures_once(stripe_simulator):
    person = UserFactory()
    booking = paid(stripe_simulator)
    with by_staff(person):
        first = decisions.approve(booking)
        second = decisions.approve(booking)
    booking = fresh(booking)
    assert (first.state, second.state) == ("done", "already")
    assert f"was confirmed on {timezone.now().day} " in second.message
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)
    assert (booking.status, booking.decision_made_by, bool(booking.paid_at)) == ("CONFIRMED", person, True)
    assert transitions(booking) == ["submit", "authorize", "approve"]
    assert mails(booking) == ["pay_link", "authorized", "approved"]


def test_approve_of_an_arrival_booking_moves_no_money():
    booking = submitted(payment_method="ARRIVAL")
    with by_staff(UserFactory()):
        outcome = decisions.approve(booking)
    assert (outcome.booking.status, outcome.booking.paid_at) == ("CONFIRMED", None)
    assert not PaymentOperation.objects.exists()


def test_approve_after_the_hold_was_released_at_stripe_says_so(stripe_simulator):
    booking = paid(stripe_simulator)
    payment = booking.payments.get()
    stripe_simulator.control(f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/cancel")
    with pytest.raises(Declined) as refusal:
        decisions.approve(booking)
    assert "no longer held" in refusal.value.message
    booking = fresh(booking)
    assert (booking.status, booking.payments.get().status) == ("PENDING_APPROVAL", "VOIDED")
    assert at_stripe(stripe_simulator, booking) == AtStripe(voids=1)
    with pytest.raises(Refused, match="No money is held"):
        decisions.approve(booking)


def test_approve_after_the_authorization_ran_out_expires_the_booking(stripe_simulator):
    booking = paid(stripe_simulator)
    stripe_simulator.control("clock", advance=8 * 24 * 3600)
    with pytest.raises(Declined):
        decisions.approve(booking)
    booking = fresh(booking)
    assert (booking.status, booking.payments.get().status) == ("EXPIRED", "EXPIRED")
    assert mails(booking)[-1] == "expired"


def test_decline_releases_the_hold_once(stripe_simulator):
    person = UserFactory(first_name="Nora", last_name="Byrne")
    booking = paid(stripe_simulator)
    with by_staff(person):
        first = decisions.decline(booking, reason="No room")
        second = decisions.decline(booking, reason="No room")
        with pytest.raises(Refused, match=r"This booking was declined on .* \(Dublin\) by Nora Byrne\."):
            decisions.approve(booking)
    booking = fresh(booking)
    assert (first.state, second.state, booking.status) == ("done", "already", "DECLINED")
    assert (booking.decision_reason, booking.payments.get().status) == ("No room", "VOIDED")
    assert at_stripe(stripe_simulator, booking) == AtStripe(voids=1)
    assert mails(booking) == ["pay_link", "authorized", "declined"]


def test_decline_needs_a_reason(stripe_simulator):
    booking = paid(stripe_simulator)
    with pytest.raises(Refused, match="Please give a reason"):
        decisions.decline(booking, reason=" ")
    assert (fresh(booking).status, at_stripe(stripe_simulator, booking)) == ("PENDING_APPROVAL", AtStripe())


def test_decline_of_money_captured_elsewhere_gives_it_back(stripe_simulator):
    booking = paid(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/capture")
    with by_staff(UserFactory()):
        outcome = decisions.decline(booking, reason="No room")
    assert outcome.booking.status == "DECLINED"
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=1)


def test_refund_in_parts_up_to_what_is_left(stripe_simulator):
    booking = confirmed(stripe_simulator)
    decisions.refund(booking, amount=4000, note="Broken shower")
    decisions.refund(booking, amount=30000, note="The rest")
    with pytest.raises(Refused, match="Everything that was paid has been refunded"):
        decisions.refund(booking, amount=1, note="More")
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=2)
    payment = booking.payments.get()
    assert (payment.status, payment.amount_refunded, fresh(booking).status) == (
        "REFUNDED",
        34000,
        "CONFIRMED",
    )
    keys = PaymentOperation.objects.filter(kind="refund").order_by("pk").values_list("idempotency_key", flat=True)
    assert list(keys) == [f"refund:{booking.booking_id}:1", f"refund:{booking.booking_id}:2"]
    assert [refund.note for refund in Refund.objects.order_by("pk")] == ["Broken shower", "The rest"]


@pytest.mark.parametrize("amount", [0, -1, 34001])
def test_refund_of_an_impossible_amount_moves_nothing(stripe_simulator, amount):
    booking = confirmed(stripe_simulator)
    with pytest.raises(Refused, match=r"up to €340\.00, which is left"):
        decisions.refund(booking, amount=amount, note="x")
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)
    assert not Refund.objects.exists()


def test_refund_before_capture_is_refused(stripe_simulator):
    with pytest.raises(Refused, match="No money was taken"):
        decisions.refund(paid(stripe_simulator), amount=100, note="x")


def test_pending_refund_is_on_its_way_and_counts_as_gone(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("refund_outcome", mode="pending", times=1)
    decisions.refund(booking, amount=34000, note="All")
    balance = ledger.balance(booking)
    assert (balance.refunded, balance.refunding, balance.left) == (0, 34000, 0)
    assert booking.payments.get().status == "SUCCEEDED"
    with pytest.raises(Refused, match="refunded already"):
        decisions.refund(booking, amount=1, note="x")


def test_mark_paid_records_money_taken_by_the_hotel():
    booking = submitted(payment_method="ARRIVAL")
    with by_staff(UserFactory()):
        decisions.approve(booking)
        first = decisions.mark_paid(booking, method="Cash", note="Drawer 2")
        second = decisions.mark_paid(booking, method="Cash")
    payment = booking.payments.get()
    assert (first.state, second.state) == ("done", "already")
    assert (payment.provider, payment.status, payment.amount_captured) == ("manual", "SUCCEEDED", 34000)
    assert (payment.note, transitions(booking)[-1]) == ("Cash: Drawer 2", "mark_paid")


def test_mark_paid_records_no_other_price_than_was_shown():
    booking = submitted(payment_method="ARRIVAL")
    with by_staff(UserFactory()):
        decisions.approve(booking)
        with pytest.raises(Refused, match=r"€510\.00 when it was decided, now it is €340\.00\."):
            decisions.mark_paid(booking, method="Cash", promised=51000)
        assert (booking.payments.count(), transitions(booking)[-1]) == (0, "approve")
        assert decisions.mark_paid(booking, method="Cash", promised=34000).state == "done"


def test_mark_paid_is_refused_for_online_bookings(stripe_simulator):
    with pytest.raises(Refused, match="paid online"):
        decisions.mark_paid(confirmed(stripe_simulator), method="Cash")


def test_expire_closes_the_page_before_the_room_is_given_away(stripe_simulator):
    payment = with_page()
    with clock_at(payment.booking.hold_expires_at + timedelta(seconds=1)):
        outcome = decisions.expire(payment.booking)
    payment.refresh_from_db()
    assert (outcome.booking.status, payment.status) == ("EXPIRED", "EXPIRED")
    assert mails(payment.booking) == ["pay_link", "expired"]


def test_expire_honours_a_payment_made_at_the_last_moment(stripe_simulator):
    payment = with_page()
    stripe_simulator.control(f"pay/{payment.stripe_checkout_session_id}", card="4242424242424242")
    late = payment.booking.hold_expires_at + timedelta(seconds=1)
    with clock_at(late), pytest.raises(Declined, match="The guest has paid in the meantime"):
        decisions.expire(payment.booking)
    assert fresh(payment.booking).status == "PENDING_APPROVAL"
    assert transitions(payment.booking) == ["submit", "authorize"]


def test_expire_refuses_a_room_that_is_still_held():
    with pytest.raises(Refused, match="still held"):
        decisions.expire(submitted())


def test_instant_hotel_confirms_by_payment_alone(stripe_simulator):
    booking = paid(stripe_simulator, in_instant_hotel())
    assert (booking.status, bool(booking.paid_at), booking.decision_made_at) == ("CONFIRMED", True, None)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=36000, captures=1)
    assert mails(booking) == ["pay_link", "approved"]


def test_delete_and_restore_keep_the_status():
    booking = BookingFactory()
    with by_staff(UserFactory()):
        assert decisions.soft_delete(booking, reason="Twice").booking.is_deleted
        assert decisions.soft_delete(booking, reason="Twice").state == "already"
        with pytest.raises(Refused, match="This booking was deleted"):
            lifecycle.submit(booking)
        restored = lifecycle.restore(booking).booking
    assert (restored.status, restored.is_deleted, restored.deletion_reason) == ("DRAFT", False, "")
    assert transitions(booking) == ["soft_delete", "restore"]


def test_delete_needs_a_reason_where_the_hotel_asks():
    with pytest.raises(Refused, match="Please give a reason"):
        decisions.soft_delete(BookingFactory(), reason=" ")


def test_delete_says_cancel_first(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with pytest.raises(Refused, match=r"was confirmed .* Cancel it first, then delete it"):
        decisions.soft_delete(booking, reason="x")
    assert not fresh(booking).is_deleted


def test_delete_waits_for_a_pending_refund(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("refund_outcome", mode="pending", times=1)
    decisions.refund(booking, amount=100, note="x")
    with pytest.raises(Refused, match="still on its way"):
        decisions.soft_delete(booking, reason="x")


def test_restore_of_a_completed_stay_checks_the_room(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with clock_at(timezone.now() + timedelta(days=40)):
        lifecycle.complete(booking)
    decisions.soft_delete(booking, reason="x")
    submitted(room=booking.room)
    with pytest.raises(Refused, match="already taken"):
        lifecycle.restore(booking)


def test_complete_waits_for_the_check_out_day(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with pytest.raises(Refused, match="has not checked out yet"):
        lifecycle.complete(booking)
    with clock_at(timezone.now() + timedelta(days=33)):
        assert lifecycle.complete(booking).booking.status == "COMPLETED"
