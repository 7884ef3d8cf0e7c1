"""Refunds, with the ways they can end (docs.stripe.com/refunds)."""

from __future__ import annotations

from typing import Any

from payments.simulator import disputes, ledger, objects
from payments.simulator.cards import CARDS
from payments.simulator.errors import StripeRefusal, invalid, no_such
from payments.simulator.events import emit
from payments.simulator.money import check_granularity, check_part, quoted
from payments.simulator.store import Object, Tx
from payments.simulator.views import public

# How a refund begins, and what comes of it by itself.
OUTCOMES: dict[str, tuple[str, str | None]] = {
    "succeeded": ("succeeded", None),
    "succeeded_then_failed": ("succeeded", "failed"),
    "pending": ("pending", None),
    "pending_then_failed": ("pending", "failed"),
    "pending_then_succeeded": ("pending", "succeeded"),
    "requires_action": ("requires_action", None),
}
UNFINISHED = ("pending", "requires_action")
# docs.stripe.com/refunds#failed-refunds and docs.stripe.com/api/refunds/object#refund_object-failure_reason
FAILURES = (
    "lost_or_stolen_card",
    "expired_or_canceled_card",
    "charge_for_pending_refund_disputed",
    "insufficient_funds",
    "declined",
    "merchant_request",
    "unknown",
)
PENDING_REASONS = ("processing", "insufficient_funds", "charge_pending")
DAY = 24 * 3600
TIME_TO_ACT = 45 * DAY


def create(tx: Tx, params: Object) -> Object:
    """POST /v1/refunds: `payment_intent` or `charge`, `amount` in minor units (default: all that is left)."""
    charge = _charge_of(tx, params)
    left = _refundable(tx, charge)
    amount = int(params.get("amount", left))
    _check_amount(charge, amount, left)
    metadata = objects.merged_metadata({}, params.get("metadata", {}))
    return _refund(tx, charge, amount, {"reason": params.get("reason"), "metadata": metadata})


def _charge_of(tx: Tx, params: Object) -> Object:
    if "charge" in params:
        charge = tx.get("charge", params["charge"])
        if charge is None:
            raise no_such("charge", params["charge"], "id")
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
    charge = tx.get("charge", intent["latest_charge"] or "")
    if charge is None or charge["status"] != "succeeded":
        raise _nothing_to_refund(identifier)
    return charge


def _nothing_to_refund(intent: str) -> StripeRefusal:
    return StripeRefusal(f"This PaymentIntent ({intent}) does not have a successful charge to refund.")


def _refundable(tx: Tx, charge: Object) -> int:
    """What can still be given back; pending refunds already count.

    Of a disputed charge nothing, unless the dispute is an inquiry or was won: `is_charge_refundable`
    (docs.stripe.com/api/disputes/object, docs.stripe.com/error-codes#charge-disputed).
    """
    if charge["status"] != "succeeded":
        raise _nothing_to_refund(charge["payment_intent"])
    if not charge["captured"]:
        raise StripeRefusal(
            f"This uncaptured Charge was created by a PaymentIntent ({charge['payment_intent']}). You must cancel "
            "the PaymentIntent to reverse the authorization instead of refunding the Charge directly. For more "
            "information, see https://stripe.com/docs/payments/place-a-hold-on-a-payment-method"
        )
    if charge["refunded"]:
        message = f"Charge {charge['id']} has already been refunded."
        raise StripeRefusal(message, code="charge_already_refunded")
    if any(not dispute["is_charge_refundable"] for dispute in disputes.of_charge(tx, charge)):
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeRefusal(message, code="charge_disputed")
    return int(charge["amount"] - charge["amount_refunded"])


def _check_amount(charge: Object, amount: int, left: int) -> None:
    check_part(amount, "amount")
    currency = charge["currency"]
    if amount > left:
        raise StripeRefusal(
            f"Refund amount ({quoted(amount, currency)}) is greater than unrefunded amount on charge "
            f"({quoted(left, currency)})",
            param="amount",
        )
    if amount != left:
        check_granularity(amount, currency, "amount")


def _refund(tx: Tx, charge: Object, amount: int, given: dict[str, Any]) -> Object:
    plan = _plan(tx, charge)
    status, later = OUTCOMES[plan["mode"]]
    refund = objects.refund(tx, charge, amount, status=status, **given)
    if later:
        refund |= {"_then": later, "_due": tx.now + int(tx.setting("refund_delay", 2))}
        refund["_failure"] = plan.get("failure_reason")
    elif status == "succeeded":
        _await_reference(tx, refund)
    if status == "pending":
        refund["pending_reason"] = plan.get("pending_reason", "processing")
    if status == "requires_action":
        refund |= {"next_action": _instructions(tx, charge), "_then": "failed", "_due": tx.now + TIME_TO_ACT}
    refund["balance_transaction"] = ledger.post(tx, "refund", refund, -amount)
    before = public(tx, charge)
    _count(tx, charge, amount)
    tx.save(refund)
    emit(tx, "refund.created", refund)
    emit(tx, "charge.refunded", charge, before)
    if charge["refunded"]:
        _end_inquiries(tx, charge)
    return refund


def _end_inquiries(tx: Tx, charge: Object) -> None:
    """A full refund resolves what a bank asks about (docs.stripe.com/disputes/how-disputes-work)."""
    for dispute in disputes.open_of(tx, charge):
        disputes.close(tx, dispute, "warning_closed")


def _instructions(tx: Tx, charge: Object) -> Object:
    """The customer gets a mail and has 45 days to say where the money should go."""
    sent = {"email_sent_at": tx.now, "email_sent_to": charge["billing_details"]["email"]}
    return {"type": "display_details", "display_details": {"email_sent": sent, "expires_at": tx.now + TIME_TO_ACT}}


def _plan(tx: Tx, charge: Object) -> dict[str, Any]:
    """How this refund goes: as was asked for, or as the test card has it, or at once."""
    plan = tx.setting("refund_outcome", None)
    if not plan:
        return {"mode": CARDS[charge["_card"]].refund_mode}
    left = plan["times"] - 1 if plan["times"] is not None else None
    tx.configure("refund_outcome", {**plan, "times": left} if left != 0 else None)
    return dict(plan)


def _count(tx: Tx, charge: Object, amount: int) -> None:
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    tx.save(charge)


def _await_reference(tx: Tx, refund: Object) -> None:
    """The number with which a bank finds the refund comes later (docs.stripe.com/refunds#tracing-refunds)."""
    refund |= {"_then": "reference", "_due": tx.now + int(tx.setting("reference_delay", DAY))}


def resolve(tx: Tx, refund: Object, status: str, reason: str | None = None) -> Object:
    """A refund ends; one that had succeeded may still fail (docs.stripe.com/refunds#failed-refunds)."""
    _refuse_released(refund)
    before = public(tx, refund)
    refund |= {"status": status, "_due": None, "_then": None}
    for name in ("pending_reason", "next_action"):
        refund.pop(name, None)
    if status in ("failed", "canceled"):
        _give_back(tx, refund, reason or _usual_reason(status))
    if status == "succeeded":
        _await_reference(tx, refund)
    tx.save(refund)
    _tell(tx, refund, before)
    return refund


def _refuse_released(refund: Object) -> None:
    if refund.get("_released"):
        raise StripeRefusal("This shows the released part of a hold; no money is on its way.")


def _usual_reason(status: str) -> str:
    return "merchant_request" if status == "canceled" else "lost_or_stolen_card"


def _give_back(tx: Tx, refund: Object, reason: str) -> None:
    """The money returns to the account's balance and is owed to the customer again."""
    refund["failure_balance_transaction"] = ledger.post(tx, "refund_failure", refund, refund["amount"])
    refund["failure_reason"] = reason
    _describe(refund, reference_status="unavailable")
    _count(tx, tx.take("charge", refund["charge"]), -refund["amount"])


def _tell(tx: Tx, refund: Object, before: Object) -> None:
    emit(tx, "refund.updated", refund, before)
    emit(tx, "charge.refund.updated", refund, before)
    if refund["status"] == "failed":
        emit(tx, "refund.failed", refund)


def bring_reference(tx: Tx, refund: Object) -> Object:
    """The acquirer's reference number arrives, told by refund.updated."""
    _refuse_released(refund)
    if refund["status"] != "succeeded":
        raise StripeRefusal(f"This refund has not arrived; its status is {refund['status']}.")
    before = public(tx, refund)
    refund |= {"_due": None, "_then": None}
    _describe(refund, reference=refund["id"][-15:], reference_status="available")
    tx.save(refund)
    _tell(tx, refund, before)
    return refund


def _describe(refund: Object, **changes: str) -> None:
    card = refund["destination_details"]["card"]
    refund["destination_details"] = {"type": "card", "card": {**card, **changes}}


def cancel(tx: Tx, refund: Object) -> Object:
    """POST /v1/refunds/{id}/cancel: only refunds that wait for the customer can be canceled."""
    if refund["status"] != "requires_action":
        raise StripeRefusal("Canceling this refund is unsupported.")
    return resolve(tx, refund, "canceled")


def fail_pending(tx: Tx, charge: Object) -> None:
    """A dispute overtakes the refunds that are still on their way (docs.stripe.com/refunds#failed-refunds)."""
    for refund in tx.find("refund", "charge = ? AND status = 'pending'", (charge["id"],)):
        resolve(tx, refund, "failed", "charge_for_pending_refund_disputed")


def settle_due(tx: Tx, refund: Object) -> None:
    """The clock reached the moment at which something was to come of a refund."""
    if refund["_then"] == "reference":
        bring_reference(tx, refund)
    else:
        resolve(tx, refund, refund["_then"], refund.get("_failure"))
