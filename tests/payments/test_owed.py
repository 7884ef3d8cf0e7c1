"""Refunds that Stripe could not deliver, and money taken by hand: owed, paid out, sent again, written off."""

from datetime import timedelta
from functools import partial

import pytest

from bookings.refusals import Refused
from cancellations import cancel
from payments import decisions, ledger, operations, payouts, reconcile
from payments.gateway import Declined
from payments.models import Refund
from tests.factories import BookingFactory
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
    submitted,
    transitions,
    with_page,
)

pytestmark = pytest.mark.django_db(transaction=True)


def refresh(booking):
    operations.refresh(booking.payments.get())


def with_undelivered_refund(simulator, *, status="failed"):
    """A cancelled booking whose refund of 340.00 came back."""
    booking = confirmed(simulator)
    simulator.control("refund_outcome", mode="pending", times=1)
    guest_cancels(booking)
    refund = Refund.objects.get()
    simulator.control(f"refunds/{refund.stripe_refund_id}/resolve", status=status)
    refresh(booking)
    return fresh(booking)


def paid_by_hand():
    """A cancelled booking that was paid in cash: its refund has to be paid out."""
    booking = submitted(BookingFactory(payment_method="ARRIVAL"))
    with by_staff():
        decisions.approve(booking)
        decisions.mark_paid(booking, method="Cash")
        cancel.cancel_booking(booking, reason="Hotel closed", fee=0)
    return fresh(booking)


def rows(booking):
    """Every refund as provider, status and amount, the oldest first."""
    found = Refund.objects.filter(payment__booking=booking).order_by("pk")
    return [(refund.provider, refund.status, refund.amount) for refund in found]


def owed_of(booking):
    return Refund.objects.get(payment__booking=booking, provider="manual", status="pending")


def sums(booking):
    balance = ledger.balance(booking)
    return balance.captured, balance.refunded, balance.refunding, balance.owed, balance.left


def test_failed_refund_is_owed_again_once_and_the_guest_is_told(stripe_simulator):
    booking = with_undelivered_refund(stripe_simulator)
    refresh(booking)
    assert rows(booking) == [("stripe", "failed", 34000), ("manual", "pending", 34000)]
    assert sums(booking) == (34000, 0, 0, 34000, 0)
    assert mails(booking)[-2:] == ["cancelled_by_guest", "refund_failed"]
    assert (booking.status, booking.refund_amount, booking.payments.get().status) == (
        "CANCELLED",
        34000,
        "SUCCEEDED",
    )


def test_refund_that_failed_after_it_had_succeeded_is_owed_again(stripe_simulator):
    booking = confirmed(stripe_simulator)
    guest_cancels(booking)
    refund = Refund.objects.get()
    stripe_simulator.control(f"refunds/{refund.stripe_refund_id}/resolve", status="failed")
    refresh(booking)
    assert sums(booking) == (34000, 0, 0, 34000, 0)
    assert (booking.payments.get().status, booking.payments.get().refunded_at) == ("SUCCEEDED", None)


def test_refund_that_fails_at_once_is_not_mailed_as_sent(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("refund_outcome", mode="requires_action", times=1)
    with by_staff():
        decisions.refund(booking, amount=5000, note="Noise")
    refund = Refund.objects.get()
    assert (refund.status, mails(booking)[-1]) == ("requires_action", "refund_sent")
    stripe_simulator.control(f"refunds/{refund.stripe_refund_id}/resolve", status="canceled")
    refresh(booking)
    assert rows(booking) == [("stripe", "canceled", 5000), ("manual", "pending", 5000)]
    assert mails(booking)[-1] == "refund_failed"


def test_refund_that_waits_for_the_hotels_balance_says_so(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("refund_outcome", mode="pending", times=1, pending_reason="insufficient_funds")
    guest_cancels(booking)
    refund = Refund.objects.get()
    assert (refund.status, refund.failure_reason) == ("pending", "insufficient_funds")
    stripe_simulator.control(f"refunds/{refund.stripe_refund_id}/resolve", status="succeeded")
    refresh(booking)
    refund.refresh_from_db()
    assert (refund.status, refund.failure_reason) == ("succeeded", "")


def test_owed_refund_is_paid_out_by_hand(stripe_simulator):
    booking = with_undelivered_refund(stripe_simulator)
    with by_staff():
        outcome = payouts.pay_out(owed_of(booking), method="Bank transfer", note="TR-1")
    assert outcome.state == "done"
    assert rows(booking) == [("stripe", "failed", 34000), ("manual", "succeeded", 34000)]
    assert sums(booking) == (34000, 34000, 0, 0, 0)
    booking = fresh(booking)
    assert (booking.refund_reference, transitions(booking)[-1], mails(booking)[-1]) == (
        "TR-1",
        "pay_out",
        "refund_paid_out",
    )
    # Stripe has given nothing back, and our mirror of Stripe says so.
    assert (booking.payments.get().amount_refunded, at_stripe(stripe_simulator, booking).refunded) == (0, 0)


def test_paying_out_twice_is_done_once(stripe_simulator):
    booking = with_undelivered_refund(stripe_simulator)
    owed = owed_of(booking)
    with by_staff():
        payouts.pay_out(owed, method="Cash")
        assert payouts.pay_out(owed, method="Cash").state == "already"
    assert mails(booking).count("refund_paid_out") == 1


def test_owed_refund_is_sent_through_stripe_again(stripe_simulator):
    booking = with_undelivered_refund(stripe_simulator)
    owed = owed_of(booking)
    with by_staff():
        assert payouts.send_again(owed).state == "done"
        assert payouts.send_again(owed).state == "already"
    assert rows(booking) == [
        ("stripe", "failed", 34000),
        ("manual", "canceled", 34000),
        ("stripe", "succeeded", 34000),
    ]
    assert sums(booking) == (34000, 34000, 0, 0, 0)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=2)
    assert mails(booking)[-1] == "refund_sent"


def test_refund_that_fails_again_is_owed_again(stripe_simulator):
    booking = with_undelivered_refund(stripe_simulator)
    stripe_simulator.control("refund_outcome", mode="pending", times=1)
    with by_staff():
        payouts.send_again(owed_of(booking))
    last = Refund.objects.get(payment__booking=booking, provider="stripe", status="pending")
    stripe_simulator.control(f"refunds/{last.stripe_refund_id}/resolve", status="failed")
    refresh(booking)
    assert rows(booking)[2:] == [("stripe", "failed", 34000), ("manual", "pending", 34000)]
    assert sums(booking) == (34000, 0, 0, 34000, 0)


def test_lost_answer_of_sending_again_is_found_by_reconcile(stripe_simulator):
    booking = with_undelivered_refund(stripe_simulator)
    fault = {"path_regex": "refunds", "method": "POST"}
    stripe_simulator.control("faults", match=fault, kind="drop_after", times=3)
    with by_staff():
        assert payouts.send_again(owed_of(booking)).state == "in_progress"
        with pytest.raises(Refused):
            payouts.pay_out(owed_of(booking), method="Cash")
    operation = booking.operations.get(status="pending")
    reconcile.resolve_open(operation.created_at + 2 * reconcile.GRACE)
    assert sums(booking) == (34000, 34000, 0, 0, 0)
    assert at_stripe(stripe_simulator, booking).refunds == 2


def test_owed_refund_that_stripe_refuses_stays_owed(stripe_simulator):
    booking = with_undelivered_refund(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=34000)
    with by_staff(), pytest.raises(Declined):
        payouts.send_again(owed_of(booking))
    # The look-up after the refusal has seen the refund that somebody made at Stripe meanwhile.
    assert rows(booking) == [
        ("stripe", "failed", 34000),
        ("manual", "canceled", 34000),
        ("stripe", "succeeded", 34000),
    ]
    assert sums(booking) == (34000, 34000, 0, 0, 0)


def test_refund_made_at_stripe_shrinks_what_is_owed(stripe_simulator):
    booking = with_undelivered_refund(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=10000)
    refresh(booking)
    assert sums(booking) == (34000, 10000, 0, 24000, 0)


@pytest.mark.parametrize("settles", [partial(payouts.pay_out, method="Cash"), payouts.send_again])
def test_owed_refund_of_another_amount_than_was_shown_is_refused(stripe_simulator, settles):
    booking = with_undelivered_refund(stripe_simulator)
    shown = owed_of(booking)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=10000)
    refresh(booking)
    with by_staff(), pytest.raises(Refused, match=r"€340\.00 when it was decided, now it is €240\.00\."):
        settles(shown, promised=34000)
    assert sums(booking) == (34000, 10000, 0, 24000, 0)
    assert (transitions(booking)[-1], at_stripe(stripe_simulator, booking).refunded) == ("cancel", 10000)


def test_owed_refund_can_be_written_off_with_a_reason(stripe_simulator):
    booking = with_undelivered_refund(stripe_simulator)
    with by_staff(), pytest.raises(Refused):
        payouts.write_off(owed_of(booking), reason=" ")
    with by_staff():
        payouts.write_off(owed_of(booking), reason="The guest stayed after all.")
    assert rows(booking)[1] == ("manual", "canceled", 34000)
    assert sums(booking) == (34000, 0, 0, 0, 34000)
    last = Refund.objects.get(provider="manual").history.first()
    assert (last.transition, last.history_change_reason) == ("close_owed", "The guest stayed after all.")


def test_money_taken_by_hand_is_owed_by_hand_and_paid_out():
    booking = paid_by_hand()
    assert rows(booking) == [("manual", "pending", 34000)]
    with by_staff(), pytest.raises(Refused):
        payouts.send_again(owed_of(booking))
    with by_staff():
        payouts.pay_out(owed_of(booking), method="Cash")
    payment = booking.payments.get()
    assert (payment.status, payment.amount_refunded, sums(booking)) == ("REFUNDED", 34000, (34000, 34000, 0, 0, 0))


def test_booking_with_an_owed_refund_is_not_deleted():
    booking = paid_by_hand()
    with by_staff(), pytest.raises(Refused):
        decisions.soft_delete(booking, reason="Tidy")
    with by_staff():
        payouts.pay_out(owed_of(booking), method="Cash")
        assert decisions.soft_delete(booking, reason="Tidy").state == "done"


def test_unwanted_money_that_stripe_refuses_three_times_is_owed_by_hand(stripe_simulator):
    payment = pay(stripe_simulator, with_page(in_instant_hotel()))
    booking = fresh(payment.booking)
    booking.expire()
    booking.save()
    refunds = {"path_regex": "^/v1/refunds$", "method": "POST"}
    stripe_simulator.control("faults", match=refunds, kind="refused", times=3)
    for hours in (0, 2, 4, 6, 8):
        with clock_at(payment.created_at + timedelta(hours=hours)):
            reconcile.settle_strays()
    assert [each.status for each in booking.operations.filter(kind="refund")] == ["failed"] * 3
    assert rows(booking) == [("manual", "pending", 36000)]
    assert sums(booking) == (36000, 0, 0, 36000, 0)


def paid_in_cash():
    """A confirmed booking that was paid at the desk."""
    booking = submitted(BookingFactory(payment_method="ARRIVAL"))
    with by_staff():
        decisions.approve(booking)
        decisions.mark_paid(booking, method="Cash")
    return fresh(booking)


def test_money_taken_by_hand_is_refunded_by_hand_at_once():
    booking = paid_in_cash()
    with by_staff():
        payouts.refund_by_hand(booking, amount=5000, note="Noise", method="Cash", seen_left=34000)
    assert rows(booking) == [("manual", "succeeded", 5000)]
    assert (booking.payments.get().status, sums(booking)) == ("PARTIALLY_REFUNDED", (34000, 5000, 0, 0, 29000))
    assert (fresh(booking).status, mails(booking)[-1]) == ("CONFIRMED", "refund_paid_out")


def test_refund_by_hand_that_is_not_paid_out_yet_is_owed():
    booking = paid_in_cash()
    with by_staff():
        payouts.refund_by_hand(booking, amount=5000, note="Noise")
    assert (rows(booking), sums(booking)) == ([("manual", "pending", 5000)], (34000, 0, 0, 5000, 29000))


def test_second_click_on_refund_by_hand_moves_nothing():
    booking = paid_in_cash()
    with by_staff():
        payouts.refund_by_hand(booking, amount=5000, note="Noise", method="Cash", seen_left=34000)
        with pytest.raises(Refused):
            payouts.refund_by_hand(booking, amount=5000, note="Noise", method="Cash", seen_left=34000)
        with pytest.raises(Refused):
            payouts.refund_by_hand(booking, amount=29001, note="Noise", method="Cash")
    assert rows(booking) == [("manual", "succeeded", 5000)]


def test_stripes_money_is_not_refunded_by_hand(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with by_staff(), pytest.raises(Refused):
        payouts.refund_by_hand(booking, amount=5000, note="Noise", method="Cash")
    assert rows(booking) == []


def test_nothing_more_is_refunded_by_hand_while_something_is_owed():
    booking = paid_in_cash()
    with by_staff():
        payouts.refund_by_hand(booking, amount=17000, note="One night less")
        for amount, left in ((17000, 17000), (5000, None)):
            with pytest.raises(Refused) as refused:
                payouts.refund_by_hand(booking, amount=amount, note="Noise", method="Cash", seen_left=left)
            assert refused.value.message == (
                "€170.00 is owed already: open it and press “Paid out by hand”. After that, more can be refunded."
            )
    assert (rows(booking), sums(booking)) == ([("manual", "pending", 17000)], (34000, 0, 0, 17000, 17000))
    with by_staff():
        payouts.pay_out(Refund.objects.get(), method="Cash")
        payouts.refund_by_hand(booking, amount=5000, note="Noise", method="Cash", seen_left=17000)
    assert rows(booking) == [("manual", "succeeded", 17000), ("manual", "succeeded", 5000)]
