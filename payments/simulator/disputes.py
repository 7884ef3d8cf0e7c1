"""Disputes: a cardholder asks the bank for the money back (docs.stripe.com/disputes/how-disputes-work).

A chargeback takes the money at once: needs_response, under_review, then won or lost. An inquiry only asks and takes
nothing: warning_needs_response, warning_under_review, then warning_closed, or it is escalated to a chargeback.
`disputed` of the charge stays true for ever.
"""

from __future__ import annotations

from payments.simulator import ledger
from payments.simulator.catalogue import EVIDENCE, EVIDENCE_FILES
from payments.simulator.errors import StripeRefusal, invalid, no_such
from payments.simulator.events import emit
from payments.simulator.objects import merged_metadata
from payments.simulator.store import Object, Tx, new_id
from payments.simulator.views import public

DAY = 24 * 3600
DAYS_TO_ANSWER = 8
INQUIRY_LASTS = 120 * DAY
OPEN = ("needs_response", "under_review", "warning_needs_response", "warning_under_review")
MOST_EVIDENCE = 150_000
# docs.stripe.com/disputes/categories maps the reasons to the networks' own codes.
_NETWORK_CODES = {"fraudulent": "10.4", "product_not_received": "13.1"}
# What the bank decides on these values of `uncategorized_text`, after docs.stripe.com/testing#disputes
_TEST_EVIDENCE = {"winning_evidence": "won", "losing_evidence": "lost", "escalate_inquiry_evidence": "escalated"}


def open_dispute(
    tx: Tx, charge: Object, reason: str, *, is_inquiry: bool = False, amount: int | None = None
) -> Object:
    """Dispute a captured charge, by default all that is left of it."""
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    if not charge["captured"] or not 0 < amount <= left or open_of(tx, charge):
        raise StripeRefusal(f"Charge {charge['id']} cannot be disputed.")
    charge.update(disputed=True, _due=None)
    tx.save(charge)
    dispute = _dispute(tx, charge, amount, reason, is_inquiry=is_inquiry)
    if not is_inquiry:
        _withdraw(tx, dispute)
    tx.save(dispute)
    emit(tx, "charge.dispute.created", dispute)
    if not is_inquiry:
        emit(tx, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def of_charge(tx: Tx, charge: Object) -> list[Object]:
    """All disputes of a charge, newest first."""
    return tx.find("dispute", "charge = ?", (charge["id"],))


def open_of(tx: Tx, charge: Object) -> list[Object]:
    """The disputes of a charge that aren't decided yet."""
    return [dispute for dispute in of_charge(tx, charge) if dispute["status"] in OPEN]


def _dispute(tx: Tx, charge: Object, amount: int, reason: str, *, is_inquiry: bool) -> Object:
    due_by = _end_of_day(tx.now + DAYS_TO_ANSWER * DAY)
    return {
        "id": new_id("du_1", 23),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": tx.now,
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": is_inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {"card": _case(reason, is_inquiry=is_inquiry), "type": "card"},
        "reason": reason,
        "status": "warning_needs_response" if is_inquiry else "needs_response",
        "_due": tx.now + INQUIRY_LASTS if is_inquiry else due_by,
        "_then": "warning_closed" if is_inquiry else "lost",
    }


def _end_of_day(moment: int) -> int:
    """Stripe's deadlines are the last second of a day in UTC."""
    return (moment // DAY + 1) * DAY - 1


def _case(reason: str, *, is_inquiry: bool) -> Object:
    return {
        "brand": "visa",
        "case_type": "inquiry" if is_inquiry else "chargeback",
        "network": "visa",
        "network_reason_code": _NETWORK_CODES.get(reason),
    }


def _withdraw(tx: Tx, dispute: Object) -> None:
    _book(tx, dispute, -dispute["amount"], "dispute")


def _book(tx: Tx, dispute: Object, amount: int, category: str) -> None:
    entry = ledger.post(tx, "adjustment", dispute, amount, category=category)
    told = public(tx, tx.take("balance_transaction", entry))
    dispute["balance_transactions"] = [*dispute["balance_transactions"], told]


def update(tx: Tx, dispute: Object, params: Object) -> Object:
    """POST /v1/disputes/{id}: evidence goes to the bank at once, unless `submit` is false."""
    _refuse_closed(dispute)
    before = public(tx, dispute)
    if "metadata" in params:
        dispute["metadata"] = merged_metadata(dispute["metadata"], params["metadata"])
    if "evidence" in params:
        _stage(dispute, params["evidence"])
    if params.get("submit", "evidence" in params):
        _submit(tx, dispute)
    return _tell_update(tx, dispute, before)


def _refuse_closed(dispute: Object) -> None:
    if dispute["status"] not in OPEN:
        raise StripeRefusal("This dispute is already closed")


def _stage(dispute: Object, given: Object) -> None:
    """An empty text takes a piece back. Files can't be uploaded here, so every file is one that doesn't exist."""
    for name in EVIDENCE_FILES:
        if given.get(name):
            raise no_such("file upload", given[name], f"evidence[{name}]", in_path=False)
    evidence = {**dispute["evidence"], **{name: text or None for name, text in given.items()}}
    texts = [text for text in evidence.values() if isinstance(text, str)]
    if sum(map(len, texts)) > MOST_EVIDENCE:
        raise invalid(f"The evidence must have at most {MOST_EVIDENCE} characters in all.", param="evidence")
    dispute["evidence"] = evidence
    dispute["evidence_details"] = {**dispute["evidence_details"], "has_evidence": bool(texts)}


def _submit(tx: Tx, dispute: Object) -> None:
    """From here the bank decides: in the tests by a control, or by Stripe's own words for it."""
    details = dispute["evidence_details"]
    dispute["evidence_details"] = {**details, "submission_count": details["submission_count"] + 1}
    is_inquiry = dispute["status"].startswith("warning")
    dispute["status"] = "warning_under_review" if is_inquiry else "under_review"
    decision = _TEST_EVIDENCE.get(dispute["evidence"]["uncategorized_text"] or "")
    if decision:
        dispute |= {"_due": tx.now + int(tx.setting("review_delay", 5)), "_then": decision}
    elif not is_inquiry:
        dispute |= {"_due": None, "_then": None}


def _tell_update(tx: Tx, dispute: Object, before: Object) -> Object:
    tx.save(dispute)
    emit(tx, "charge.dispute.updated", dispute, before)
    _tell_charge(tx, dispute)
    return dispute


def _tell_charge(tx: Tx, dispute: Object) -> None:
    """Stripe tells of the charge, too, whenever its dispute moves."""
    emit(tx, "charge.updated", tx.take("charge", dispute["charge"]), {})


def review(tx: Tx, dispute: Object) -> Object:
    """Somebody answered in Stripe's Dashboard, and the bank looks at it."""
    if dispute["status"] not in ("needs_response", "warning_needs_response"):
        raise StripeRefusal(f"This dispute cannot be reviewed; its status is {dispute['status']}.")
    before = public(tx, dispute)
    _stage(dispute, {"uncategorized_text": "Answered in the Dashboard"})
    _submit(tx, dispute)
    return _tell_update(tx, dispute, before)


def escalate(tx: Tx, dispute: Object) -> Object:
    """The bank was not content with the answer to its inquiry: now it takes the money."""
    if not dispute["status"].startswith("warning") or dispute["status"] not in OPEN:
        raise StripeRefusal(f"Only an open inquiry can be escalated; its status is {dispute['status']}.")
    before = public(tx, dispute)
    case = _case(dispute["reason"], is_inquiry=False)
    due_by = _end_of_day(tx.now + DAYS_TO_ANSWER * DAY)
    dispute |= {
        "status": "needs_response",
        "is_charge_refundable": False,
        "payment_method_details": {"card": case, "type": "card"},
        "evidence_details": {**dispute["evidence_details"], "due_by": due_by},
        "_due": due_by,
        "_then": "lost",
    }
    _withdraw(tx, dispute)
    _tell_update(tx, dispute, before)
    emit(tx, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def accept(tx: Tx, dispute: Object) -> Object:
    """POST /v1/disputes/{id}/close gives up the money (docs.stripe.com/api/disputes/close)."""
    _refuse_closed(dispute)
    if dispute["status"].startswith("warning"):
        # Stripe's reference speaks of needs_response only; what it answers here isn't known.
        raise invalid("The local simulator does not close inquiries through the API.", code="simulator_limit")
    return close(tx, dispute, "lost")


def close(tx: Tx, dispute: Object, status: str) -> Object:
    """The bank decided: `won` returns the money, `lost` keeps it with the cardholder, `warning_closed` nothing."""
    _refuse_closed(dispute)
    is_inquiry = dispute["status"].startswith("warning")
    if is_inquiry is not (status == "warning_closed"):
        raise StripeRefusal(f"This dispute cannot end as {status}; its status is {dispute['status']}.")
    dispute |= {"status": status, "is_charge_refundable": status != "lost", "_due": None, "_then": None}
    if status == "won":
        _book(tx, dispute, dispute["amount"], "dispute_reversal")
    tx.save(dispute)
    if status == "won":
        emit(tx, "charge.dispute.funds_reinstated", dispute)
    emit(tx, "charge.dispute.closed", dispute)
    _tell_charge(tx, dispute)
    return dispute


def settle_due(tx: Tx, dispute: Object) -> None:
    """Nobody answered in time, an inquiry got too old, or the bank decided on test evidence."""
    decision = dispute["_then"]
    if decision == "escalated":
        escalate(tx, dispute)
    else:
        close(tx, dispute, "warning_closed" if dispute["status"].startswith("warning") else decision)
