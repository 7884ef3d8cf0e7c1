"""Refunds, with the ways they can end (docs.stripe.com/refunds)."""

from __future__ import annotations

from typing import Any

from payments.simulator import ledger, objects
from payments.simulator.errors import StripeRefusal, invalid, no_such
from payments.simulator.events import emit
from payments.simulator.money import check_granularity, check_part, display
from payments.simulator.store import Object, Tx
from payments.simulator.views import public

_FIRST_STATUS = {
    "succeeded": "succeeded",
    "pending": "pending",
    "pending_then_failed": "pending",
    "pending_then_succeeded": "pending",
    "requires_action": "requires_action",
}
OUTCOMES = tuple(_FIRST_STATUS)
UNFINISHED = ("pending", "requires_action")


def create(tx: Tx, params: Object) -> Object:
    """POST /v1/refunds: `payment_intent` or `charge`, `amount` in minor units (default: all that is left)."""
    charge = _charge_of(tx, params)
    left = _refundable(charge)
    amount = int(params.get("amount", left))
    _check_amount(charge, amount, left)
    metadata = objects.merged_metadata({}, params.get("metadata", {}))
    return _refund(tx, charge, amount, {"reason": params.get("reason"), "metadata": metadata})


def _charge_of(tx: Tx, params: Object) -> Object:
    if "charge" in params:
        charge = tx.get("charge", params["charge"])
        if charge is None:
            raise no_such("charge", params["charge"], "charge", in_path=False)
        if params.get("payment_intent") not in (None, charge["payment_intent"]):
            raise invalid("The charge does not belong to the payment_intent.", param="charge")
        return charge
    if "payment_intent" not in params:
        message = "One of the following params should be provided for this request: payment_intent or charge."
        raise invalid(message)
    return _charge_of_intent(tx, params["payment_intent"])


def _charge_of_intent(tx: Tx, identifier: str) -> Object:
    intent = tx.get("payment_intent", identifier)
    if intent is None:
        raise no_such("payment_intent", identifier, "payment_intent", in_path=False)
    if intent["status"] != "succeeded":
        message = f"This PaymentIntent ({identifier}) does not have a successful charge to refund."
        raise StripeRefusal(message, code="payment_intent_unexpected_state", param="payment_intent")
    return tx.take("charge", intent["latest_charge"])


def _refundable(charge: Object) -> int:
    """What can still be given back; pending refunds already count."""
    if charge["refunded"]:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeRefusal(message, code="charge_already_refunded")
    if charge["status"] != "succeeded" or not charge["captured"]:
        message = f"Charge {charge['id']} has not been captured; cancel its PaymentIntent instead."
        raise StripeRefusal(message, code="charge_not_refundable")
    if charge["disputed"] and not charge.get("_dispute_over"):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeRefusal(message, code="charge_disputed")
    return int(charge["amount"] - charge["amount_refunded"])


def _check_amount(charge: Object, amount: int, left: int) -> None:
    check_part(amount, "amount")
    currency = charge["currency"]
    if amount > left:
        raise StripeRefusal(
            f"Refund amount ({display(amount, currency)}) is greater than unrefunded amount on charge "
            f"({display(left, currency)})",
            param="amount",
        )
    if amount != left:
        check_granularity(amount, currency, "amount")


def _refund(tx: Tx, charge: Object, amount: int, given: dict[str, Any]) -> Object:
    outcome = take_outcome(tx)
    refund = objects.refund(tx, charge, amount, status=_FIRST_STATUS[outcome], **given)
    if outcome.startswith("pending_then_"):
        refund["_then"] = outcome.removeprefix("pending_then_")
        refund["_due"] = tx.now + int(tx.setting("refund_delay", 2))
    if refund["status"] == "pending":
        refund["pending_reason"] = "processing"
    if refund["status"] == "requires_action":
        refund["next_action"] = {"type": "display_details", "display_details": _instructions(tx, charge)}
    refund["balance_transaction"] = ledger.post(tx, "refund", refund, -amount)
    before = public(tx, charge)
    _count(tx, charge, amount)
    tx.save(refund)
    emit(tx, "refund.created", refund)
    emit(tx, "charge.refunded", charge, before)
    return refund


def _instructions(tx: Tx, charge: Object) -> Object:
    email = charge["billing_details"]["email"]
    return {
        "email_sent": {"email_sent_at": tx.now, "email_sent_to": email},
        "expires_at": tx.now + 45 * 86400,
    }


def take_outcome(tx: Tx) -> str:
    """How the next refund goes; `succeeded` unless a number of others was asked for."""
    plan = tx.setting("refund_outcome", None)
    if not plan:
        return "succeeded"
    left = plan["times"] - 1 if plan["times"] is not None else None
    tx.configure("refund_outcome", {**plan, "times": left} if left != 0 else None)
    return str(plan["mode"])


def _count(tx: Tx, charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    tx.save(charge)


def resolve(tx: Tx, refund: Object, status: str) -> Object:
    """A refund ends; one that had succeeded may still fail (docs.stripe.com/refunds#failed-refunds)."""
    before = public(tx, refund)
    refund.update(status=status, _due=None)
    for name in ("pending_reason", "next_action"):
        refund.pop(name, None)
    if status in ("failed", "canceled"):
        _give_back(tx, refund, failed=status == "failed")
    if status == "succeeded":
        refund["destination_details"]["card"].update(reference=refund["id"][-15:], reference_status="available")
    tx.save(refund)
    _tell(tx, refund, before)
    return refund


def _give_back(tx: Tx, refund: Object, *, failed: bool) -> None:
    """The money returns to the account's balance and is owed to the customer again."""
    refund["failure_balance_transaction"] = ledger.post(tx, "refund_failure", refund, refund["amount"])
    if failed:
        refund["failure_reason"] = "lost_or_stolen_card"
    _count(tx, tx.take("charge", refund["charge"]), -refund["amount"])


def _tell(tx: Tx, refund: Object, before: Object) -> None:
    emit(tx, "refund.updated", refund, before)
    emit(tx, "charge.refund.updated", refund, before)
    if refund["status"] == "failed":
        emit(tx, "refund.failed", refund)


def cancel(tx: Tx, refund: Object) -> Object:
    """POST /v1/refunds/{id}/cancel: only refunds that wait for the customer can be canceled."""
    if refund["status"] != "requires_action":
        message = f"Refund {refund['id']} cannot be canceled because it has a status of {refund['status']}."
        raise StripeRefusal(message)
    return resolve(tx, refund, "canceled")


def settle_due(tx: Tx, refund: Object) -> None:
    """The clock reached the moment a pending refund was to end."""
    resolve(tx, refund, refund["_then"])
