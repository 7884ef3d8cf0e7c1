"""How refunds begin and end: at once, later, never; and what is listed as one though it moved nothing."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.simulator.world import Simulator

DAY = 24 * 3600
MADE = ["refund.created", "charge.refunded"]
UPDATED = ["refund.updated", "charge.refund.updated"]


def refund(simulator: Simulator, mode: str = "succeeded", **plan: Any) -> stripe.Refund:
    """Refund 40.00 of a captured payment of 100.00, with a planned outcome."""
    intent = simulator.captured()
    simulator.control("POST", "refund_outcome", {"mode": mode, **plan})
    return simulator.stripe.refunds.create({"payment_intent": intent.id, "amount": 4000})


def again(simulator: Simulator, made: stripe.Refund) -> stripe.Refund:
    """The refund as it is now, with its charge."""
    return simulator.stripe.refunds.retrieve(made.id, {"expand": ["charge"]})


def told_since(simulator: Simulator, number: int) -> list[str]:
    """The events after the first `number`."""
    return simulator.event_types()[number:]


@pytest.mark.parametrize("status", ["failed", "succeeded"])
def test_pending_refund_ends_as_planned(simulator: Simulator, status: str) -> None:
    made = refund(simulator, f"pending_then_{status}", delay=3600)
    assert (made.status, made.pending_reason, simulator.money()) == ("pending", "processing", (10000, 10000, 4000))
    before = len(simulator.event_types())
    simulator.advance(3600)
    ended, failed = again(simulator, made), status == "failed"
    assert ended.status == status
    assert (ended.charge.amount_refunded, simulator.money()[2]) == ((0, 0) if failed else (4000, 4000))
    assert told_since(simulator, before) == ([*UPDATED, "refund.failed"] if failed else UPDATED)


def test_refund_that_arrived_may_still_fail(simulator: Simulator) -> None:
    made = refund(simulator, "succeeded_then_failed", delay=3600, failure_reason="expired_or_canceled_card")
    assert (made.status, simulator.money()[2]) == ("succeeded", 4000)
    before = len(simulator.event_types())
    simulator.advance(3600)
    ended = again(simulator, made)
    assert (ended.status, ended.failure_reason) == ("failed", "expired_or_canceled_card")
    assert (ended.charge.amount_refunded, ended.charge.refunded, simulator.money()[2]) == (0, False, 0)
    assert told_since(simulator, before) == [*UPDATED, "refund.failed"]


def test_failed_refund_gives_the_money_back_to_the_balance(simulator: Simulator) -> None:
    made = refund(simulator, "pending")
    simulator.control("POST", f"refunds/{made.id}/resolve", {"status": "failed"})
    params: Any = {"expand": ["failure_balance_transaction", "balance_transaction"]}
    ended = simulator.stripe.refunds.retrieve(made.id, params)
    assert ended.failure_reason == "lost_or_stolen_card"
    entries = [ended.balance_transaction, ended.failure_balance_transaction]
    assert [(row.type, row.amount) for row in entries] == [("refund", -4000), ("refund_failure", 4000)]
    assert [row.amount for row in simulator.stripe.balance.retrieve().pending] == [10000]
    assert simulator.stripe.refunds.create({"payment_intent": str(made.payment_intent)}).amount == 10000


def test_reference_arrives_a_day_later(simulator: Simulator) -> None:
    made = refund(simulator)
    assert made.destination_details.to_dict()["card"] == {
        "reference_status": "pending",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    before = len(simulator.event_types())
    simulator.advance(DAY - 60)
    assert told_since(simulator, before) == []
    simulator.advance(120)
    card = again(simulator, made).destination_details.card
    assert (card.reference_status, card.reference) == ("available", made.id[-15:])
    assert told_since(simulator, before) == UPDATED
    told = simulator.stripe.events.list({"type": "refund.updated"}).data[0].data
    assert list(told.previous_attributes.to_dict()) == ["destination_details"]


def test_reference_can_be_brought_at_once_but_not_of_a_refund_on_its_way(simulator: Simulator) -> None:
    made = refund(simulator)
    brought = simulator.control("POST", f"refunds/{made.id}/reference", {})
    assert brought["destination_details"]["card"]["reference"] == made.id[-15:]
    waiting = refund(simulator, "pending")
    assert simulator.refused("POST", f"refunds/{waiting.id}/reference") == 400


def test_refund_without_cover_says_why_it_waits(simulator: Simulator) -> None:
    made = refund(simulator, "pending", pending_reason="insufficient_funds")
    assert (made.status, made.pending_reason) == ("pending", "insufficient_funds")


def test_refund_waiting_for_the_customer_can_be_canceled(simulator: Simulator) -> None:
    made = refund(simulator, "requires_action")
    assert made.next_action.type == "display_details"
    canceled = simulator.stripe.refunds.cancel(made.id)
    assert (canceled.status, canceled.failure_reason) == ("canceled", "merchant_request")
    assert simulator.money() == (10000, 10000, 0)
    assert simulator.event_types()[-2:] == UPDATED


def test_refund_the_customer_never_acts_on_fails_after_45_days(simulator: Simulator) -> None:
    made = refund(simulator, "requires_action")
    simulator.advance(45 * DAY)
    assert again(simulator, made).status == "failed"
    assert simulator.money() == (10000, 10000, 0)


@pytest.mark.parametrize("mode", ["succeeded", "pending"])
def test_other_refunds_cannot_be_canceled(simulator: Simulator, mode: str) -> None:
    made = refund(simulator, mode)
    with pytest.raises(stripe.InvalidRequestError, match=r"Canceling this refund is unsupported\."):
        simulator.stripe.refunds.cancel(made.id)
    assert (again(simulator, made).status, simulator.money()[2]) == (mode, 4000)


@pytest.mark.parametrize(
    ("card", "first", "last"),
    [("4000000000007726", "pending", "succeeded"), ("4000000000005126", "succeeded", "failed")],
)
def test_refund_cards_end_as_stripe_documents_them(simulator: Simulator, card: str, first: str, last: str) -> None:
    paid = simulator.pay(simulator.checkout(), card)["payment_intent"]
    simulator.stripe.payment_intents.capture(paid)
    made = simulator.stripe.refunds.create({"payment_intent": paid})
    assert made.status == first
    simulator.advance(10)
    assert again(simulator, made).status == last


def test_dispute_overtakes_a_refund_on_its_way(simulator: Simulator) -> None:
    made = refund(simulator, "pending")
    dispute = simulator.control("POST", f"dashboard/payment_intents/{made.payment_intent}/dispute", {})
    ended = again(simulator, made)
    assert (ended.status, ended.failure_reason) == ("failed", "charge_for_pending_refund_disputed")
    assert (dispute["amount"], simulator.money()[2]) == (10000, 0)


def partly_captured(simulator: Simulator) -> stripe.PaymentIntent:
    """40.00 taken of a hold of 100.00."""
    params: Any = {
        "amount_to_capture": 4000,
        "expand": ["latest_charge.refunds", "latest_charge.balance_transaction"],
    }
    return simulator.stripe.payment_intents.capture(simulator.held().id, params)


def test_partial_capture_lists_the_released_rest_as_a_refund(simulator: Simulator) -> None:
    intent = partly_captured(simulator)
    charge = intent.latest_charge
    assert (intent.amount, intent.amount_received, charge.amount_captured) == (10000, 4000, 4000)
    assert (charge.amount_refunded, charge.refunded, charge.balance_transaction.amount) == (6000, False, 10000)
    rest = simulator.stripe.refunds.list({"payment_intent": intent.id, "expand": ["data.balance_transaction"]}).data[
        0
    ]
    assert [row.id for row in charge.refunds.data] == [rest.id]
    assert (rest.amount, rest.status, rest.reason, rest.metadata.to_dict()) == (6000, "succeeded", None, {})
    entry = rest.balance_transaction
    assert (entry.amount, entry.type, entry.reporting_category) == (-6000, "refund", "partial_capture_reversal")
    assert simulator.event_types()[-3:] == ["charge.captured", "refund.created", "payment_intent.succeeded"]
    assert simulator.money() == (10000, 4000, 0)


def test_only_what_was_captured_can_be_refunded(simulator: Simulator) -> None:
    intent = partly_captured(simulator)
    with pytest.raises(stripe.InvalidRequestError, match=r"Refund amount \(€40\.01\) is greater than unrefunded"):
        simulator.stripe.refunds.create({"payment_intent": intent.id, "amount": 4001})
    made = simulator.stripe.refunds.create({"payment_intent": intent.id, "expand": ["charge"]})
    assert (made.amount, made.charge.refunded, simulator.money()) == (4000, True, (10000, 4000, 4000))


def test_released_rest_cannot_be_resolved_like_a_refund(simulator: Simulator) -> None:
    rest = partly_captured(simulator).latest_charge.refunds.data[0]
    assert simulator.refused("POST", f"refunds/{rest.id}/resolve", {"status": "failed"}) == 400
    assert simulator.stripe.refunds.retrieve(rest.id).status == "succeeded"


@pytest.mark.parametrize(
    "plan", [{"mode": "lost"}, {"mode": "pending", "failure_reason": "x"}, {"mode": "pending", "pending_reason": "x"}]
)
def test_unknown_outcomes_are_refused(simulator: Simulator, plan: Any) -> None:
    assert simulator.refused("POST", "refund_outcome", plan) == 400
