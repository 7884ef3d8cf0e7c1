"""Disputes: chargebacks take the money at once, inquiries only ask."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.simulator.world import Simulator

DAY = 24 * 3600
OPENED = ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
UPDATED = ["charge.dispute.updated", "charge.updated"]
CLOSED = ["charge.dispute.closed", "charge.updated"]


def disputed(simulator: Simulator, **how: Any) -> stripe.Dispute:
    """A dispute of a captured payment of 100.00."""
    intent = simulator.captured()
    made = simulator.control("POST", f"dashboard/payment_intents/{intent.id}/dispute", how)
    return simulator.stripe.disputes.retrieve(made["id"])


def again(simulator: Simulator, dispute: stripe.Dispute) -> stripe.Dispute:
    """The dispute as it is now, with its charge."""
    return simulator.stripe.disputes.retrieve(dispute.id, {"expand": ["charge"]})


def since_captured(simulator: Simulator) -> list[str]:
    """The events after the payment."""
    return simulator.event_types()[6:]


def refund_code(simulator: Simulator, dispute: stripe.Dispute) -> str | None:
    """The code of a refund's refusal, or its status."""
    try:
        made = simulator.stripe.refunds.create({"payment_intent": str(dispute.payment_intent), "amount": 100})
    except stripe.InvalidRequestError as error:
        return error.code
    return str(made.status)


def balance(simulator: Simulator) -> int:
    """What the account has, in euro cents."""
    return sum(row.amount for row in simulator.stripe.balance.retrieve().pending)


def test_chargeback_takes_the_money_and_locks_refunds(simulator: Simulator) -> None:
    dispute = disputed(simulator, reason="product_not_received")
    assert dispute.id.startswith("du_")
    assert (dispute.amount, dispute.currency, dispute.status) == (10000, "eur", "needs_response")
    card = dispute.payment_method_details.card
    assert (dispute.reason, card.case_type, card.network_reason_code) == (
        "product_not_received",
        "chargeback",
        "13.1",
    )
    assert [(row.amount, row.reporting_category) for row in dispute.balance_transactions] == [(-10000, "dispute")]
    assert (dispute.is_charge_refundable, refund_code(simulator, dispute)) == (False, "charge_disputed")
    assert again(simulator, dispute).charge.disputed is True
    assert (since_captured(simulator), balance(simulator)) == (OPENED, 0)


def test_answer_is_due_at_the_end_of_the_eighth_day(simulator: Simulator) -> None:
    dispute = disputed(simulator)
    assert dispute.evidence_details.due_by == (dispute.created // DAY + 9) * DAY - 1
    simulator.advance(dispute.evidence_details.due_by - dispute.created - 60)
    assert again(simulator, dispute).status == "needs_response"
    simulator.advance(61)
    assert again(simulator, dispute).status == "lost"
    assert since_captured(simulator)[-2:] == CLOSED


def test_won_dispute_returns_the_money_and_allows_refunds(simulator: Simulator) -> None:
    dispute = disputed(simulator)
    simulator.control("POST", f"dashboard/disputes/{dispute.id}/review", {})
    reviewed = again(simulator, dispute)
    assert (reviewed.status, reviewed.evidence_details.submission_count) == ("under_review", 1)
    simulator.control("POST", f"dashboard/disputes/{dispute.id}/close", {"status": "won"})
    won = again(simulator, dispute)
    assert (won.status, won.is_charge_refundable, won.charge.disputed) == ("won", True, True)
    assert [row.reporting_category for row in won.balance_transactions] == ["dispute", "dispute_reversal"]
    assert balance(simulator) == 10000
    reinstated = "charge.dispute.funds_reinstated"
    assert since_captured(simulator) == [*OPENED, *UPDATED, reinstated, *CLOSED]
    assert refund_code(simulator, dispute) == "succeeded"


def test_lost_dispute_keeps_the_money_away(simulator: Simulator) -> None:
    dispute = disputed(simulator)
    closed = simulator.stripe.disputes.close(dispute.id)
    assert (closed.status, closed.is_charge_refundable, balance(simulator)) == ("lost", False, 0)
    assert (refund_code(simulator, dispute), since_captured(simulator)) == ("charge_disputed", [*OPENED, *CLOSED])
    for late in (
        lambda: simulator.stripe.disputes.close(dispute.id),
        lambda: simulator.stripe.disputes.update(dispute.id, {"evidence": {"customer_name": "Ada"}}),
    ):
        with pytest.raises(stripe.InvalidRequestError, match="This dispute is already closed"):
            late()


def test_evidence_is_staged_and_then_submitted(simulator: Simulator) -> None:
    dispute, disputes = disputed(simulator), simulator.stripe.disputes
    staged = disputes.update(
        dispute.id, {"evidence": {"customer_name": "Ada"}, "submit": False, "metadata": {"booking": "7"}}
    )
    assert (staged.status, staged.evidence_details.has_evidence) == ("needs_response", True)
    assert staged.evidence_details.submission_count == 0
    sent = disputes.update(dispute.id, {"evidence": {"service_date": "1 to 3 May 2027"}})
    assert (sent.evidence.customer_name, sent.evidence.service_date) == ("Ada", "1 to 3 May 2027")
    assert (sent.status, sent.evidence_details.submission_count) == ("under_review", 1)
    assert sent.metadata.to_dict() == {"booking": "7"}
    assert since_captured(simulator) == [*OPENED, *UPDATED, *UPDATED]
    simulator.advance(30 * DAY)
    assert again(simulator, dispute).status == "under_review"


def test_metadata_alone_submits_nothing(simulator: Simulator) -> None:
    dispute = disputed(simulator)
    assert simulator.stripe.disputes.update(dispute.id, {"metadata": {"desk": "1"}}).status == "needs_response"


@pytest.mark.parametrize(
    ("kind", "evidence", "status"),
    [
        ("chargeback", "winning_evidence", "won"),
        ("chargeback", "losing_evidence", "lost"),
        ("inquiry", "losing_evidence", "warning_closed"),
        ("inquiry", "escalate_inquiry_evidence", "needs_response"),
    ],
)
def test_bank_decides_on_stripes_test_evidence(simulator: Simulator, kind: str, evidence: str, status: str) -> None:
    dispute = disputed(simulator, kind=kind)
    answered = simulator.stripe.disputes.update(dispute.id, {"evidence": {"uncategorized_text": evidence}})
    assert answered.status == ("under_review" if kind == "chargeback" else "warning_under_review")
    simulator.advance(5)
    assert again(simulator, dispute).status == status


def test_inquiry_takes_nothing_and_leaves_refunds_open(simulator: Simulator) -> None:
    dispute = disputed(simulator, kind="inquiry")
    assert (dispute.status, dispute.is_charge_refundable) == ("warning_needs_response", True)
    assert (dispute.payment_method_details.card.case_type, dispute.balance_transactions) == ("inquiry", [])
    assert (balance(simulator), refund_code(simulator, dispute)) == (10000, "succeeded")
    assert since_captured(simulator)[0] == "charge.dispute.created"
    assert "charge.dispute.funds_withdrawn" not in simulator.event_types()
    assert again(simulator, dispute).charge.disputed is True


def test_full_refund_closes_an_inquiry(simulator: Simulator) -> None:
    dispute = disputed(simulator, kind="inquiry")
    simulator.stripe.refunds.create({"payment_intent": str(dispute.payment_intent)})
    assert again(simulator, dispute).status == "warning_closed"
    assert simulator.event_types()[-2:] == CLOSED


def test_inquiry_nobody_escalates_closes_after_120_days(simulator: Simulator) -> None:
    dispute = disputed(simulator, kind="inquiry")
    simulator.advance(120 * DAY)
    closed = again(simulator, dispute)
    assert (closed.status, closed.is_charge_refundable) == ("warning_closed", True)
    assert (balance(simulator), refund_code(simulator, dispute)) == (0, "succeeded")


def test_escalated_inquiry_is_a_chargeback(simulator: Simulator) -> None:
    dispute = disputed(simulator, kind="inquiry")
    simulator.control("POST", f"dashboard/disputes/{dispute.id}/escalate", {})
    escalated = again(simulator, dispute)
    assert (escalated.status, escalated.is_charge_refundable) == ("needs_response", False)
    assert escalated.payment_method_details.card.case_type == "chargeback"
    assert (balance(simulator), refund_code(simulator, dispute)) == (0, "charge_disputed")
    created, withdrawn = OPENED
    assert since_captured(simulator) == [created, *UPDATED, withdrawn]
    assert simulator.refused("POST", f"dashboard/disputes/{dispute.id}/escalate") == 400


def test_inquiry_is_neither_won_nor_lost(simulator: Simulator) -> None:
    inquiry, chargeback = disputed(simulator, kind="inquiry"), disputed(simulator)
    assert simulator.refused("POST", f"dashboard/disputes/{inquiry.id}/close", {"status": "lost"}) == 400
    assert simulator.refused("POST", f"dashboard/disputes/{chargeback.id}/close", {"status": "warning_closed"}) == 400
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.stripe.disputes.close(inquiry.id)
    assert refused.value.code == "simulator_limit"


def test_disputes_are_listed_by_payment_charge_and_time(simulator: Simulator) -> None:
    dispute, other = disputed(simulator), disputed(simulator)

    def ids(**params: Any) -> list[str]:
        return [row.id for row in simulator.stripe.disputes.list(params).data]

    assert ids() == [other.id, dispute.id]
    assert ids(payment_intent=dispute.payment_intent) == [dispute.id]
    assert ids(charge=dispute.charge) == [dispute.id]
    assert ids(created={"lt": dispute.created}) == []


def test_part_of_a_charge_can_be_disputed_and_only_once_at_a_time(simulator: Simulator) -> None:
    dispute = disputed(simulator, amount=2500)
    path = f"dashboard/payment_intents/{dispute.payment_intent}/dispute"
    assert (dispute.amount, balance(simulator)) == (2500, 7500)
    assert simulator.refused("POST", path) == 400
    simulator.stripe.disputes.close(dispute.id)
    assert simulator.control("POST", path, {"amount": 1000})["amount"] == 1000


@pytest.mark.parametrize("kind", ["held", "captured"])
def test_only_taken_money_can_be_disputed(simulator: Simulator, kind: str) -> None:
    intent = getattr(simulator, kind)()
    if kind == "captured":
        simulator.stripe.refunds.create({"payment_intent": intent.id})
    assert simulator.refused("POST", f"dashboard/payment_intents/{intent.id}/dispute") == 400
    assert simulator.stripe.disputes.list().data == []


@pytest.mark.parametrize(
    ("card", "status", "reason"),
    [
        ("4000000000000259", "needs_response", "fraudulent"),
        ("4000000000002685", "needs_response", "product_not_received"),
        ("4000000000001976", "warning_needs_response", "fraudulent"),
    ],
)
def test_cards_are_disputed_a_while_after_the_capture(
    simulator: Simulator, card: str, status: str, reason: str
) -> None:
    paid = simulator.pay(simulator.checkout(), card)["payment_intent"]
    simulator.advance(3600)
    assert simulator.stripe.disputes.list().data == []
    simulator.stripe.payment_intents.capture(paid)
    simulator.advance(59)
    assert simulator.stripe.disputes.list().data == []
    simulator.advance(2)
    rows = simulator.stripe.disputes.list({"payment_intent": paid}).data
    assert [(row.status, row.reason) for row in rows] == [(status, reason)]


def test_refund_of_everything_forestalls_the_dispute(simulator: Simulator) -> None:
    paid = simulator.pay(simulator.checkout(), "4000000000000259")["payment_intent"]
    simulator.stripe.payment_intents.capture(paid)
    simulator.stripe.refunds.create({"payment_intent": paid})
    simulator.advance(3600)
    assert simulator.stripe.disputes.list().data == []


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"evidence": {"foo": "1"}}, "parameter_unknown", "evidence[foo]"),
        ({"evidence": {"receipt": "file_1"}}, "resource_missing", "evidence[receipt]"),
        ({"evidence": {"customer_name": "x" * 5001}}, None, "evidence[customer_name]"),
        ({"evidence": {"uncategorized_text": "x" * 20001}}, None, "evidence[uncategorized_text]"),
        ({"evidence": {"enhanced_evidence": {"x": "1"}}}, "simulator_limit", "evidence[enhanced_evidence]"),
        ({"submit": "soon"}, None, "submit"),
    ],
)
def test_update_refuses(simulator: Simulator, changes: Any, code: str | None, param: str) -> None:
    dispute = disputed(simulator)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.stripe.disputes.update(dispute.id, changes)
    assert (refused.value.code, refused.value.param) == (code, param)
    assert again(simulator, dispute).evidence_details.submission_count == 0


def test_unknown_dispute_is_a_404(simulator: Simulator) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.stripe.disputes.retrieve("du_x")
    assert (refused.value.http_status, refused.value.param) == (404, "dispute")
