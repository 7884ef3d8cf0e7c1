"""Reopening: a new hold, a new round of attempts, a fresh pay link; and what it does to money of earlier rounds."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from bookings import lifecycle
from bookings.refusals import Refused
from payments import checkout, decisions, ledger, operations, reconcile, reopen
from payments.gateway import Declined
from tests.factories import BookingFactory, days_ahead
from tests.stays import (
    REFUSED_CARD,
    AtStripe,
    at_stripe,
    by_guest,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    mails,
    paid,
    pay,
    submitted,
    transitions,
    with_page,
)

pytestmark = pytest.mark.django_db(transaction=True)


def reopened(booking, reason="The guest called."):
    with by_staff():
        return reopen.reopen(booking, reason=reason)


def refused(booking):
    with by_staff(), pytest.raises(Refused) as caught:
        reopen.reopen(booking)
    return caught.value.message


def expired(booking):
    """The booking after its hold has run out."""
    with clock_at(timezone.now() + timedelta(hours=25)):
        decisions.expire(booking)
    return fresh(booking)


def pays(simulator, booking):
    """The guest opens a page and pays on it."""
    with by_guest():
        _, payment = checkout.open_payment_page(booking)
    operations.refresh(pay(simulator, payment))
    return fresh(booking)


def with_used_up_attempts(simulator):
    """A booking whose hotel allows one attempt, and whose guest's card was refused on a page that has ended."""
    payment = with_page()
    hotel = payment.booking.hotel
    hotel.payment_attempts = 1
    hotel.save()
    operations.refresh(pay(simulator, payment, REFUSED_CARD))
    simulator.control(f"expire/{payment.stripe_checkout_session_id}")
    operations.refresh(payment)
    return fresh(payment.booking)


def test_expired_booking_is_offered_again_and_can_be_paid(stripe_simulator):
    booking = expired(with_page().booking)
    outcome = reopened(booking)
    assert (outcome.state, outcome.booking.status, outcome.booking.first_attempt) == ("done", "PENDING_PAYMENT", 2)
    assert timedelta(hours=23, minutes=59) < outcome.booking.hold_expires_at - timezone.now() <= timedelta(hours=24)
    booking = pays(stripe_simulator, booking)
    assert (booking.status, [p.status for p in booking.payments.order_by("attempt_number")]) == (
        "PENDING_APPROVAL",
        ["EXPIRED", "AUTHORIZED"],
    )
    assert mails(booking) == ["pay_link", "expired", "pay_link", "authorized"]
    last = booking.history.get(transition="reopen")
    assert (last.history_change_reason, last.actor_kind) == ("The guest called.", "staff")


def test_reopening_twice_offers_the_room_once(stripe_simulator):
    booking = expired(with_page().booking)
    reopened(booking)
    assert refused(booking) == "The guest can still pay. Send the pay link again instead."
    assert mails(booking) == ["pay_link", "expired", "pay_link"]


def test_expired_booking_whose_room_was_sold_is_not_reopened(stripe_simulator):
    booking = expired(with_page().booking)
    other = BookingFactory(room=booking.room, check_in=booking.check_in, check_out=booking.check_out)
    submitted(other)
    assert other.booking_id in refused(booking)
    assert (fresh(booking).status, mails(booking)) == ("EXPIRED", ["pay_link", "expired"])


def test_stay_that_lies_in_the_past_is_not_reopened(stripe_simulator):
    booking = expired(with_page(check_in=days_ahead(3)).booking)
    with clock_at(timezone.now() + timedelta(days=30)):
        assert refused(booking) == "This stay lies in the past. Change its dates first."
    assert fresh(booking).status == "EXPIRED"


def test_booking_with_used_up_attempts_gets_new_ones(stripe_simulator):
    booking = with_used_up_attempts(stripe_simulator)
    with by_guest(), pytest.raises(Refused):
        checkout.open_payment_page(booking)
    reopened(booking)
    booking = pays(stripe_simulator, booking)
    assert (booking.status, booking.first_attempt, ledger.balance(booking).authorized) == (
        "PENDING_APPROVAL",
        2,
        34000,
    )


def test_booking_whose_guest_can_still_pay_is_not_reopened(stripe_simulator):
    payment = with_page()
    assert refused(payment.booking) == "The guest can still pay. Send the pay link again instead."
    assert (fresh(payment.booking).first_attempt, mails(payment.booking)) == (1, ["pay_link"])


def test_hold_too_short_for_a_page_is_reopened_and_the_old_page_closed_first(stripe_simulator):
    payment = with_page()
    later = payment.session_expires_at - timedelta(seconds=30)
    stripe_simulator.control("clock", advance=23 * 3600)
    with clock_at(later):
        outcome = reopened(payment.booking)
        assert (outcome.state, fresh(payment.booking).first_attempt) == ("done", 2)
    payment.refresh_from_db()
    assert (payment.status, payment.booking.operations.get(kind="expire_session").transition) == (
        "EXPIRED",
        "reopen",
    )


def test_guest_who_paid_meanwhile_is_not_asked_again(stripe_simulator):
    payment = pay(stripe_simulator, with_page())
    with clock_at(payment.session_expires_at - timedelta(seconds=30)), by_staff(), pytest.raises(Declined):
        reopen.reopen(payment.booking)
    booking = fresh(payment.booking)
    assert (booking.status, booking.first_attempt, transitions(booking)) == (
        "PENDING_APPROVAL",
        1,
        ["submit", "authorize"],
    )


def test_hold_released_at_stripe_is_reopened_with_a_fresh_link(stripe_simulator):
    booking = paid(stripe_simulator)
    assert refused(booking) == "The guest's money is held. Approve or decline the booking."
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/cancel")
    operations.refresh(booking.payments.get())
    with by_staff(), pytest.raises(Refused):
        decisions.approve(booking)
    reopened(booking)
    booking = pays(stripe_simulator, fresh(booking))
    with by_staff():
        booking = decisions.approve(booking).booking
    assert (booking.status, mails(booking)) == (
        "CONFIRMED",
        ["pay_link", "authorized", "pay_link", "authorized", "approved"],
    )
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1, voids=1)


def test_capture_that_finds_the_hold_gone_leaves_a_booking_to_reopen(stripe_simulator):
    booking = paid(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/cancel")
    with by_staff(), pytest.raises(Declined) as caught:
        decisions.approve(booking)
    assert (
        caught.value.message == "The guest's money is no longer held: the authorization was released or has run out."
    )
    assert fresh(booking).status == "PENDING_APPROVAL"
    assert reopened(booking).booking.status == "PENDING_PAYMENT"


def test_paid_booking_is_reopened_only_after_everything_was_refunded(stripe_simulator):
    booking = confirmed(stripe_simulator)
    words = "This booking is paid. It can be asked for again only after everything was refunded."
    assert refused(booking) == words
    with by_staff():
        decisions.refund(booking, amount=10000, note="Noise")
    assert refused(booking) == words
    with by_staff():
        decisions.refund(booking, amount=24000, note="Noise")
    reopened(booking)
    booking = pays(stripe_simulator, fresh(booking))
    with by_staff():
        booking = decisions.approve(booking).booking
    assert (booking.status, booking.payments.count()) == ("CONFIRMED", 2)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=68000, refunded=34000, captures=2, refunds=2)
    assert ledger.resting_balance(booking).left == 34000


def test_refunded_money_of_an_earlier_round_confirms_nothing(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with by_staff():
        decisions.refund(booking, amount=34000, note="Noise")
    reopened(booking)
    first = booking.payments.get()
    operations.refresh(first)
    reconcile.reconcile(timezone.now())
    assert (fresh(booking).status, fresh(booking).paid_at, first.operations.count()) == ("PENDING_PAYMENT", None, 3)


def test_late_money_of_an_earlier_round_goes_back(stripe_simulator):
    payment = pay(stripe_simulator, with_page())
    booking = fresh(payment.booking)
    booking.expire()
    booking.save()
    # As if the page had been closed: the desk has not heard of the payment and asks for it again.
    with transaction.atomic():
        lifecycle.record_reopened(fresh(booking), reason="The guest called.")
    operations.refresh(payment)
    payment.refresh_from_db()
    assert (fresh(booking).status, payment.status) == ("PENDING_PAYMENT", "VOIDED")
    assert pays(stripe_simulator, fresh(booking)).status == "PENDING_APPROVAL"
    assert at_stripe(stripe_simulator, booking) == AtStripe(voids=1)


def test_booking_paid_on_arrival_is_not_reopened():
    booking = submitted(BookingFactory(payment_method="ARRIVAL"))
    assert refused(booking) == "This booking is paid on arrival, so the guest is not asked for money again."


def test_deleted_booking_is_not_reopened(stripe_simulator):
    booking = expired(with_page().booking)
    with by_staff():
        decisions.soft_delete(booking, reason="Tidy")
    assert refused(booking).startswith("This booking was deleted")
