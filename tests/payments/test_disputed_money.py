"""Disputed money: what a bank holds waits for its decision, and what it has paid is not paid a second time."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.refusals import Refused
from cancellations import cancel
from payments import decisions, ledger, payouts, reconcile
from payments.models import Dispute, PaymentOperation, Refund
from payments.owed import owe
from payments.settle import settle
from tests.disputes import close, dispute, disputed, flags, half_kept, owed, refresh, rows, seen_now, steps
from tests.stays import (
    AtStripe,
    at_stripe,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    guest_cancels,
    in_instant_hotel,
    pay,
    transitions,
    with_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def test_staff_cannot_refund_what_the_bank_holds(stripe_simulator):
    booking, _ = disputed(stripe_simulator)
    with by_staff(), pytest.raises(Refused, match="disputes this payment"):
        decisions.refund(booking, amount=34000, note="x")
    assert (PaymentOperation.objects.filter(kind="refund").exists(), at_stripe(stripe_simulator, booking)) == (
        False,
        AtStripe(captured=34000, captures=1),
    )


def test_guest_may_cancel_and_the_refund_waits_for_the_bank(stripe_simulator):
    booking = half_kept(stripe_simulator)
    disputed(stripe_simulator, booking)
    outcome = guest_cancels(booking)
    booking = fresh(booking)
    assert (outcome.state, booking.status, booking.cancellation_fee, booking.refund_amount) == (
        "done",
        "CANCELLED",
        17000,
        17000,
    )
    assert (owed(), at_stripe(stripe_simulator, booking).refunds) == ([(17000, "pending", "")], 0)
    mail = booking.messages.get(kind="cancelled_by_guest")
    assert "Your bank is looking at this payment" in mail.text
    assert "5–10 business days" not in mail.text + mail.html
    balance = ledger.balance(booking)
    assert (balance.captured, balance.owed, balance.lost, balance.left) == (34000, 17000, 0, 17000)


def test_staff_cancel_waits_for_the_bank_too(stripe_simulator):
    booking, _ = disputed(stripe_simulator)
    with by_staff():
        outcome = cancel.cancel_booking(booking, reason="Overbooked", fee=0)
    assert (outcome.state, fresh(booking).status, owed()) == ("done", "CANCELLED", [(34000, "pending", "")])
    assert "Your bank is looking" in booking.messages.get(kind="cancelled_by_hotel").html


def test_cancel_that_hears_of_the_dispute_from_stripe_takes_the_same_way(stripe_simulator):
    booking = half_kept(stripe_simulator)
    dispute(stripe_simulator, booking)  # nobody told us
    assert guest_cancels(booking).state == "done"
    booking = fresh(booking)
    assert (booking.status, booking.cancelled_by_client, booking.refund_amount) == ("CANCELLED", True, 17000)
    assert (owed(), rows()) == ([(17000, "pending", "")], [("needs_response", 34000, "EUR", True)])
    operation = PaymentOperation.objects.get(kind="refund")
    assert (operation.status, operation.error_code) == ("failed", "charge_disputed")
    assert transitions(booking)[-1] == "cancel"
    assert "Your bank is looking" in booking.messages.get(kind="cancelled_by_guest").text


def test_owed_refund_cannot_be_paid_while_the_bank_decides(stripe_simulator):
    booking, _ = disputed(stripe_simulator)
    guest_cancels(booking)
    row = Refund.objects.get(provider="manual")
    with by_staff():
        for pay_it in (lambda: payouts.pay_out(row, method="Cash"), lambda: payouts.send_again(row)):
            with pytest.raises(Refused, match="disputes this payment"):
                pay_it()
    assert (owed(), PaymentOperation.objects.filter(kind="refund").count()) == ([(34000, "pending", "")], 0)


def test_won_dispute_lets_the_owed_refund_go(stripe_simulator):
    booking, name = disputed(stripe_simulator, half_kept(stripe_simulator))
    guest_cancels(booking)
    close(stripe_simulator, name, "won")
    refresh(booking)
    assert owed() == [(17000, "pending", "")]
    with by_staff():
        payouts.send_again(Refund.objects.get(provider="manual"))
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)
    assert (owed()[0][1], ledger.balance(booking).left) == ("canceled", 17000)


def test_won_dispute_lets_staff_refund(stripe_simulator):
    booking, name = disputed(stripe_simulator)
    close(stripe_simulator, name, "won")
    refresh(booking)
    with by_staff():
        decisions.refund(booking, amount=5000, note="Sorry")
    assert at_stripe(stripe_simulator, booking).refunded == 5000


def test_lost_dispute_pays_what_was_owed(stripe_simulator):
    booking, name = disputed(stripe_simulator, half_kept(stripe_simulator))
    guest_cancels(booking)
    close(stripe_simulator, name, "lost")
    refresh(booking)
    assert owed() == [(17000, "canceled", name)]
    balance = ledger.balance(booking)
    assert (balance.refunded, balance.owed, balance.lost, balance.left, balance.net) == (0, 0, 34000, 0, 0)
    row = Refund.objects.get()
    assert (steps(row), "bank has paid this" in row.note) == (["owe", "close_owed"], True)
    refresh(booking)
    assert owed() == [(17000, "canceled", name)]


def test_lost_dispute_of_a_part_pays_a_part_of_what_was_owed(stripe_simulator):
    booking, name = disputed(stripe_simulator, half_kept(stripe_simulator), amount=10000)
    guest_cancels(booking)
    close(stripe_simulator, name, "lost")
    refresh(booking)
    assert owed() == [(7000, "pending", ""), (10000, "canceled", name)]
    balance = ledger.balance(booking)
    assert (balance.owed, balance.lost, balance.left, balance.net) == (7000, 10000, 17000, 24000)


def test_lost_dispute_pays_the_oldest_of_what_was_owed_first(stripe_simulator):
    booking, name = disputed(stripe_simulator, amount=5000)
    for amount in (5000, 7000):
        owe(booking.payments.get(), amount, reason="The bank decides first.")
    close(stripe_simulator, name, "lost")
    refresh(booking)
    assert owed() == [(5000, "canceled", name), (7000, "pending", "")]
    assert at_stripe(stripe_simulator, booking).refunded == 0


def test_what_was_settled_is_owed_again_when_the_decision_is_taken_back(stripe_simulator):
    booking, name = disputed(stripe_simulator, half_kept(stripe_simulator), amount=10000)
    guest_cancels(booking)
    close(stripe_simulator, name, "lost")
    refresh(booking)
    seen = seen_now(booking)
    won = replace(seen.disputes[0], status="won", is_withdrawn=False)
    settle(booking.payments.get(), replace(seen, disputes=(won,)))
    assert owed() == [(7000, "pending", ""), (10000, "pending", "")]
    assert ledger.balance(booking).lost == 0


def test_cancel_after_a_part_was_lost_returns_only_the_rest(stripe_simulator):
    booking, name = disputed(stripe_simulator, half_kept(stripe_simulator), amount=10000)
    close(stripe_simulator, name, "lost")
    refresh(booking)
    guest_cancels(booking)
    booking = fresh(booking)
    assert (booking.status, booking.cancellation_fee, booking.refund_amount) == ("CANCELLED", 17000, 7000)
    # Stripe refunds nothing of a charge whose dispute was lost, so the hotel has to.
    assert (owed(), at_stripe(stripe_simulator, booking).refunded) == ([(7000, "pending", "")], 0)


def test_cancel_after_everything_was_lost_moves_no_money(stripe_simulator):
    booking, name = disputed(stripe_simulator)
    close(stripe_simulator, name, "lost")
    refresh(booking)
    with by_staff(), pytest.raises(Refused, match="bank has taken this payment back"):
        decisions.refund(booking, amount=1, note="x")
    guest_cancels(booking)
    assert (fresh(booking).refund_amount, fresh(booking).cancellation_fee, owed()) == (0, 0, [])


def test_dispute_of_the_whole_after_a_partial_refund_is_lost_for_the_rest_only(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with by_staff():
        decisions.refund(booking, amount=10000, note="Sorry")
    name = dispute(stripe_simulator, booking)
    refresh(booking)
    seen = seen_now(booking)
    whole = replace(seen.disputes[0], amount=34000, status="lost")
    settle(booking.payments.get(), replace(seen, disputes=(whole,)))
    balance = ledger.balance(booking)
    assert (balance.refunded, balance.lost, balance.left, balance.net) == (10000, 24000, 0, 0)
    assert (ledger.left_of(booking.payments.get()), name) == (0, Dispute.objects.get().stripe_dispute_id)


def test_several_lost_disputes_take_no_more_than_there_was(stripe_simulator):
    booking, _ = disputed(stripe_simulator)
    seen = seen_now(booking)
    lost = [replace(seen.disputes[0], id=f"dp_{part}", amount=20000, status="lost") for part in (1, 2)]
    settle(booking.payments.get(), replace(seen, disputes=tuple(lost)))
    assert ledger.lost_of(booking.payments.get()) == 34000


def test_lost_dispute_after_paying_out_by_hand_leaves_nothing_and_never_less(stripe_simulator):
    booking, name = disputed(stripe_simulator, half_kept(stripe_simulator))
    guest_cancels(booking)
    close(stripe_simulator, name, "won")
    refresh(booking)
    with by_staff():
        payouts.pay_out(Refund.objects.get(), method="Cash")
    seen = seen_now(booking)
    lost = replace(seen.disputes[0], status="lost", is_withdrawn=True)
    settle(booking.payments.get(), replace(seen, disputes=(lost,)))
    balance = ledger.balance(booking)
    assert (balance.refunded, balance.lost, balance.left, balance.net) == (17000, 34000, 0, -17000)
    assert ledger.left_of(booking.payments.get()) == 0


def test_refund_on_its_way_that_a_dispute_stops_is_owed_and_said_so(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("refund_outcome", mode="pending", times=1)
    with by_staff():
        decisions.refund(booking, amount=5000, note="Sorry")
    name = dispute(stripe_simulator, booking)
    refresh(booking)
    assert (Refund.objects.get(provider="stripe").status, owed()) == ("failed", [(5000, "pending", "")])
    assert "your bank is looking at this payment" in booking.messages.get(kind="refund_failed").text
    close(stripe_simulator, name, "lost")
    refresh(booking)
    assert (owed(), ledger.balance(booking).net) == ([(5000, "canceled", name)], 0)


def test_inquiry_moves_no_money_and_locks_nothing(stripe_simulator):
    booking, _ = disputed(stripe_simulator, kind="inquiry")
    assert (rows(), flags(booking)) == ([("warning_needs_response", 34000, "EUR", False)], (True, True, False))
    assert "asks about a payment" in booking.messages.get(kind="dispute_opened").text
    with by_staff():
        decisions.refund(booking, amount=5000, note="Sorry")
    assert (at_stripe(stripe_simulator, booking).refunded, ledger.balance(booking).left) == (5000, 29000)
    guest_cancels(booking)
    assert (at_stripe(stripe_simulator, booking).refunded, owed()) == (34000, [])


def unwanted_and_disputed(simulator):
    """Money that nobody waits for, taken back by a bank before it could be returned."""
    payment = with_page(in_instant_hotel())
    booking = fresh(payment.booking)
    booking.expire()
    booking.save()
    pay(simulator, payment)
    intent = simulator.look("summary")[0]["payment_intent"]
    name = simulator.control(f"dashboard/payment_intents/{intent}/dispute")["id"]
    refresh(booking)
    return booking, name


def refunds_asked_for(simulator):
    return len(simulator.look("requests?path=/v1/refunds&method=POST"))


def test_unwanted_money_under_dispute_waits_without_asking_stripe_again(stripe_simulator):
    booking, _ = unwanted_and_disputed(stripe_simulator)
    payment = booking.payments.get()
    assert (bool(payment.unwanted_since), payment.operations.filter(kind="refund").count()) == (True, 0)
    for hours in (0, 2, 48):
        with clock_at(timezone.now() + timedelta(hours=hours)):
            assert reconcile.settle_strays() == 0
            reconcile.reconcile(timezone.now())
    assert (payment.operations.filter(kind="refund").count(), refunds_asked_for(stripe_simulator)) == (0, 0)


def test_unwanted_money_goes_back_once_the_dispute_is_won(stripe_simulator):
    booking, name = unwanted_and_disputed(stripe_simulator)
    close(stripe_simulator, name, "won")
    refresh(booking)
    assert at_stripe(stripe_simulator, booking).refunded == 36000


def test_unwanted_money_that_was_lost_is_left_alone(stripe_simulator):
    booking, name = unwanted_and_disputed(stripe_simulator)
    close(stripe_simulator, name, "lost")
    refresh(booking)
    assert reconcile.settle_strays() == 0
    reconcile.reconcile(timezone.now())
    assert (booking.operations.filter(kind="refund").count(), refunds_asked_for(stripe_simulator)) == (0, 0)


def test_deletion_waits_for_the_bank(stripe_simulator):
    booking, name = disputed(stripe_simulator)
    guest_cancels(booking)
    for _ in range(2):
        with by_staff(), pytest.raises(Refused):
            decisions.soft_delete(fresh(booking), reason="x")
    assert not fresh(booking).is_deleted
    close(stripe_simulator, name, "lost")
    refresh(booking)
    with by_staff():
        decisions.soft_delete(fresh(booking), reason="x")
    assert fresh(booking).is_deleted
