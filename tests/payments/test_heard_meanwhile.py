"""Refunds made at Stripe that are heard of while ours waits for its answer, or stands promised."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Hotel
from bookings.refusals import Refused
from cancellations import pages
from payments import decisions, external, ledger, operations, payouts, reconcile, reopen
from payments.models import Payment, PaymentOperation, Refund
from payments.settle import settle
from tests import disputes
from tests.factories import BookingFactory, days_ahead
from tests.payments.books import by_a_person
from tests.payments.moving import REFUNDS, move
from tests.payments.test_difference import longer, page_of
from tests.payments.test_owed import owed_of
from tests.payments.test_several_payments import decided, in_two_parts
from tests.stays import (
    AtStripe,
    at_stripe,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    guest_cancels,
    in_instant_hotel,
    mails,
    pay,
    transitions,
    with_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]
HALF_BACK = AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)


def half_kept(simulator):
    """A stay whose cancellation keeps half of it."""
    return confirmed(simulator, BookingFactory(check_in=days_ahead(10)))


def lost(simulator):
    """Stripe does not hear of the next refund, nor of its repetitions."""
    simulator.control("faults", match=REFUNDS, kind="drop_before", times=3)


def heard(payment):
    """The webhook of what somebody did at Stripe itself arrives."""
    operations.refresh(Payment.objects.get(pk=payment.pk))


def resolved():
    reconcile.resolve_open(timezone.now() + reconcile.GRACE)


def elsewhere(simulator, payment, amount):
    simulator.control(f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/refund", amount=amount)


@pytest.mark.parametrize("in_time", [True, False])
def test_guests_refund_is_not_sent_beside_one_made_at_stripe(stripe_simulator, in_time):
    booking = half_kept(stripe_simulator)
    lost(stripe_simulator)
    assert guest_cancels(booking).state == "in_progress"
    by_a_person(stripe_simulator, booking, "refund", amount=17000)
    if in_time:
        heard(booking.payments.get())
    resolved()
    assert at_stripe(stripe_simulator, booking) == HALF_BACK
    assert (fresh(booking).status, fresh(booking).cancellation_fee) == ("CANCELLED", 17000)


@pytest.mark.parametrize("in_time", [True, False])
def test_refund_by_staff_is_not_sent_beside_one_made_at_stripe(stripe_simulator, in_time):
    booking = half_kept(stripe_simulator)
    lost(stripe_simulator)
    with by_staff():
        assert decisions.refund(booking, amount=5000, note="Noise").state == "in_progress"
    by_a_person(stripe_simulator, booking, "refund", amount=5000)
    if in_time:
        heard(booking.payments.get())
    resolved()
    assert at_stripe(stripe_simulator, booking).refunded == 5000
    failed = PaymentOperation.objects.get(kind="refund")
    assert (failed.status, failed.error_code) == ("failed", "refunds_unknown")


def test_move_whose_difference_went_back_at_stripe_sends_nothing_more(stripe_simulator):
    booking = confirmed(stripe_simulator)
    lost(stripe_simulator)
    assert move(booking, nights=1).state == "in_progress"
    by_a_person(stripe_simulator, booking, "refund", amount=17000)
    heard(booking.payments.get())
    resolved()
    assert at_stripe(stripe_simulator, booking) == HALF_BACK


def test_change_that_was_paid_while_a_refund_waited_is_not_undone(stripe_simulator):
    booking = longer(stripe_simulator)
    page = page_of(booking)
    lost(stripe_simulator)
    with by_staff():
        assert decisions.refund(booking, amount=5000, note="Noise").state == "in_progress"
    heard(pay(stripe_simulator, page))
    with clock_at(fresh(booking).kept_stay.due_at + timedelta(minutes=1)):
        assert reconcile.undo_due(timezone.now()) == 0
        assert fresh(booking).nights == 3
        reconcile.settle_strays()
        assert reconcile.undo_due(timezone.now()) == 0
    assert (fresh(booking).nights, transitions(booking)[-1]) == (3, "difference_paid")
    assert ledger.balance(fresh(booking)).captured == 51000


def test_own_refunds_made_before_are_known(stripe_simulator):
    booking = half_kept(stripe_simulator)
    with by_staff():
        decisions.refund(booking, amount=5000, note="Noise")
        assert decisions.refund(fresh(booking), amount=4000, note="Again").state == "done"
    assert at_stripe(stripe_simulator, booking).refunded == 9000


def test_fee_stays_with_the_hotel_when_a_part_goes_back_at_stripe_in_between(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    older = booking.payments.earliest("pk")
    lost(stripe_simulator)
    assert guest_cancels(booking).state == "in_progress"
    elsewhere(stripe_simulator, older, 8500)
    heard(older)
    resolved()
    assert at_stripe(stripe_simulator, booking).refunded == 25500
    assert decided(booking)[:2] == ("CANCELLED", 25500)


def promised(simulator):
    """A cancelled stay of which the hotel has promised half, to send by hand."""
    booking = half_kept(simulator)
    Hotel.objects.filter(pk=booking.hotel_id).update(automatic_guest_refunds=False)
    guest_cancels(fresh(booking))
    assert owed_of(booking).amount == 17000
    return booking


def test_promise_that_was_kept_at_stripe_is_owed_no_longer(stripe_simulator):
    booking = promised(stripe_simulator)
    owed = owed_of(booking)
    by_a_person(stripe_simulator, booking, "refund", amount=17000)
    for _ in range(2):
        heard(booking.payments.get())
    owed.refresh_from_db()
    made = Refund.objects.get(is_external=True)
    assert (owed.status, made.review) == ("canceled", "It is what was owed.")
    assert owed.note.endswith(f"Refunded at Stripe itself as {made.stripe_refund_id}.")
    assert (transitions(booking)[-1], mails(booking)[-1]) == ("refund", "refund_sent")
    assert mails(booking).count("refund_sent") == 1
    assert pages.done(fresh(booking))["refund_state"] == "sent"
    with by_staff(), pytest.raises(Refused, match="not owed any more"):
        payouts.send_again(owed)
    assert at_stripe(stripe_simulator, booking) == HALF_BACK


def test_other_amount_sent_at_stripe_is_answered_before_the_promise_is_kept(stripe_simulator):
    booking = promised(stripe_simulator)
    owed = owed_of(booking)
    by_a_person(stripe_simulator, booking, "refund", amount=5000)
    heard(booking.payments.get())
    for act in (payouts.send_again, lambda refund: payouts.pay_out(refund, method="Cash")):
        with by_staff(), pytest.raises(Refused, match=r"€50\.00 of this payment was refunded at Stripe itself"):
            act(owed)
    owed.refresh_from_db()
    assert (owed.status, at_stripe(stripe_simulator, booking).refunded) == ("pending", 5000)
    with by_staff():
        external.keep_booking(Refund.objects.get(is_external=True), note="A present")
        assert payouts.send_again(owed).state == "done"
    assert at_stripe(stripe_simulator, booking).refunded == 22000


@pytest.mark.parametrize("answer", ["cancel", "reopen"])
def test_last_refund_by_staff_leaves_the_stay_as_it_is(stripe_simulator, answer):
    booking = confirmed(stripe_simulator)
    Hotel.objects.filter(pk=booking.hotel_id).update(external_refunds=answer)
    by_a_person(stripe_simulator, booking, "refund", amount=1000)
    heard(booking.payments.get())
    with by_staff():
        decisions.refund(fresh(booking), amount=33000, note="Goodwill, the stay goes on")
    assert (fresh(booking).status, ledger.left(fresh(booking))) == ("CONFIRMED", 0)


def test_cancellation_by_refunds_of_both_payments_at_stripe_names_their_sum(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    Hotel.objects.filter(pk=booking.hotel_id).update(external_refunds="cancel")
    for payment in booking.payments.order_by("-pk"):
        elsewhere(stripe_simulator, payment, payment.amount_captured)
        heard(payment)
    assert (fresh(booking).status, fresh(booking).refund_amount) == ("CANCELLED", 51000)
    assert not Refund.objects.filter(reviewed_at=None).exists()


def refused_by_bank(simulator):
    """A slow payment in an instant hotel that the guest's bank has refused at last."""
    payment = with_page(in_instant_hotel())
    simulator.control(f"pay/{payment.stripe_checkout_session_id}/delayed")
    heard(payment)
    simulator.control(f"pay/{payment.stripe_checkout_session_id}/settle", status="failed")
    heard(payment)
    return payment


def test_booking_whose_bank_said_no_can_be_moved_and_reopened(stripe_simulator):
    booking = refused_by_bank(stripe_simulator).booking
    assert move(booking, nights=3).state == "done"
    with clock_at(timezone.now() + timedelta(hours=25)):
        assert decisions.expire(fresh(booking)).state == "done"
    assert not reconcile.strays().exists()
    with by_staff():
        assert reopen.reopen(fresh(booking), reason="They asked").state == "done"
    assert fresh(booking).status == "PENDING_PAYMENT"


def test_money_won_back_after_a_part_was_refunded_and_the_booking_reopened_goes_back(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with by_staff():
        decisions.refund(booking, amount=5000, note="Noise")
    booking, name = disputes.disputed(stripe_simulator, fresh(booking))
    disputes.close(stripe_simulator, name, "lost")
    disputes.refresh(booking)
    with by_staff():
        reopen.reopen(fresh(booking), reason="They come all the same")
    seen = disputes.seen_now(booking)
    won = replace(seen.disputes[0], status="won", is_withdrawn=False)
    following = settle(booking.payments.get(), replace(seen, disputes=(won,)))
    assert (following.kind, following.amount) == ("refund", 29000)
