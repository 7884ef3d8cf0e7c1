"""Disputes: a cardholder asks the bank for the money back (docs.stripe.com/disputes/how-disputes-work)."""

from __future__ import annotations

from payments.simulator import ledger
from payments.simulator.catalogue import EVIDENCE
from payments.simulator.errors import StripeRefusal
from payments.simulator.events import emit
from payments.simulator.store import Object, Tx, new_id
from payments.simulator.views import public

TIME_TO_ANSWER = 9 * 24 * 3600


def open_dispute(tx: Tx, charge: Object, reason: str = "fraudulent") -> Object:
    """Dispute what is left of a captured charge; the money leaves the balance at once."""
    amount = charge["amount"] - charge["amount_refunded"]
    if not charge["captured"] or charge["disputed"] or amount <= 0:
        raise StripeRefusal(f"Charge {charge['id']} cannot be disputed.")
    charge.update(disputed=True, _due=None)
    tx.save(charge)
    dispute = _dispute(tx, charge, amount, reason)
    entry = ledger.post(tx, "adjustment", dispute, -amount)
    dispute["balance_transactions"] = [public(tx, tx.take("balance_transaction", entry))]
    tx.save(dispute)
    emit(tx, "charge.dispute.created", dispute)
    emit(tx, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def _dispute(tx: Tx, charge: Object, amount: int, reason: str) -> Object:
    return {
        "id": new_id("dp_1", 23),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": tx.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": tx.now + TIME_TO_ANSWER,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": "visa",
                "case_type": "chargeback",
                "network": "visa",
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": "needs_response",
    }


def review(tx: Tx, dispute: Object) -> Object:
    """The bank has the evidence and looks at it."""
    if dispute["status"] != "needs_response":
        raise StripeRefusal(f"This dispute cannot be reviewed; its status is {dispute['status']}.")
    before = public(tx, dispute)
    dispute["status"] = "under_review"
    dispute["evidence_details"].update(has_evidence=True, submission_count=1)
    tx.save(dispute)
    emit(tx, "charge.dispute.updated", dispute, before)
    return dispute


def close(tx: Tx, dispute: Object, status: str) -> Object:
    """The bank decided: `won` returns the money, `lost` keeps it with the cardholder."""
    if dispute["status"] not in ("needs_response", "under_review"):
        raise StripeRefusal(f"This dispute is already closed; its status is {dispute['status']}.")
    dispute["status"] = status
    if status == "won":
        _reinstate(tx, dispute)
    tx.save(dispute)
    if status == "won":
        emit(tx, "charge.dispute.funds_reinstated", dispute)
    emit(tx, "charge.dispute.closed", dispute)
    return dispute


def _reinstate(tx: Tx, dispute: Object) -> None:
    """A charge whose dispute was won can be refunded again."""
    entry = ledger.post(tx, "adjustment", dispute, dispute["amount"])
    dispute["balance_transactions"].append(public(tx, tx.take("balance_transaction", entry)))
    dispute["is_charge_refundable"] = True
    charge = tx.take("charge", dispute["charge"])
    charge["_dispute_over"] = True
    tx.save(charge)
