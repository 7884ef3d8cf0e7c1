"""PaymentIntents and their charges: authorize, capture, cancel, expire.

docs.stripe.com/payments/paymentintents/lifecycle, docs.stripe.com/payments/place-a-hold-on-a-payment-method
"""

from __future__ import annotations

from typing import Any

from payments.simulator import ledger, objects
from payments.simulator.cards import CARDS, Card
from payments.simulator.errors import StripeRefusal, unexpected_state
from payments.simulator.events import emit
from payments.simulator.money import check_granularity
from payments.simulator.objects import HOLD_SECONDS
from payments.simulator.store import Object, Tx, new_id
from payments.simulator.views import public

CANCELABLE = (
    "requires_payment_method, requires_capture, requires_reauthorization, requires_confirmation, requires_action, "
    "expired, processing"
)


def attach_card(tx: Tx, intent: Object, card: Card) -> None:
    """The customer entered a card."""
    intent.update(payment_method=new_id("pm_1", 23), next_action=None, _card=card.number)
    tx.save(intent)


def require_action(tx: Tx, intent: Object, url: str) -> None:
    """The bank wants 3D Secure first; no charge exists yet."""
    redirect = {"return_url": None, "url": url}
    intent.update(status="requires_action", next_action={"type": "redirect_to_url", "redirect_to_url": redirect})
    tx.save(intent)
    emit(tx, "payment_intent.requires_action", intent)


def authorize(tx: Tx, intent: Object, card: Card, email: str) -> Object:
    """The bank said yes: hold the money, or take it at once."""
    charge = objects.charge(tx, intent, card, email)
    intent.update(latest_charge=charge["id"], next_action=None, last_payment_error=None)
    charge["receipt_url"] = f"{tx.base_url}/receipts/{charge['id']}"
    if intent["capture_method"] == "manual":
        return _hold(tx, intent, charge)
    return take(tx, intent, charge)


def _hold(tx: Tx, intent: Object, charge: Object) -> Object:
    """Trust `capture_before`, not a rule of thumb: it's when the authorization really ends."""
    charge["_due"] = tx.now + HOLD_SECONDS
    charge["payment_method_details"]["card"]["capture_before"] = charge["_due"]
    intent.update(status="requires_capture", amount_capturable=intent["amount"])
    tx.save(charge)
    tx.save(intent)
    emit(tx, "charge.succeeded", charge)
    emit(tx, "payment_intent.amount_capturable_updated", intent)
    return charge


def take(tx: Tx, intent: Object, charge: Object) -> Object:
    """Take the money at once."""
    intent.update(status="succeeded", amount_received=intent["amount"])
    charge.update(captured=True, amount_captured=charge["amount"])
    _schedule_dispute(tx, charge)
    asynchronous = intent["capture_method"] == "automatic_async"
    if not asynchronous:
        charge["balance_transaction"] = ledger.post(tx, "charge", charge, charge["amount"])
    tx.save(charge)
    tx.save(intent)
    emit(tx, "charge.succeeded", charge)
    emit(tx, "payment_intent.succeeded", intent)
    if asynchronous:
        _book_later(tx, charge)
    return charge


def _book_later(tx: Tx, charge: Object) -> None:
    """With automatic_async the balance transaction follows, told by charge.updated."""
    before = public(tx, charge)
    charge["balance_transaction"] = ledger.post(tx, "charge", charge, charge["amount"])
    tx.save(charge)
    emit(tx, "charge.updated", charge, before)


def _schedule_dispute(tx: Tx, charge: Object) -> None:
    """Some test cards are disputed a while after the money was taken (docs.stripe.com/testing#disputes)."""
    if CARDS[charge["_card"]].dispute_reason:
        charge["_due"] = tx.now + int(tx.setting("dispute_delay", 60))


def decline(tx: Tx, intent: Object, card: Card, email: str) -> None:
    """The bank said no: a failed charge, and the same PaymentIntent waits for another card."""
    charge = objects.charge(tx, intent, card, email)
    charge.update(status="failed", paid=False, failure_code="card_declined", failure_message=card.message)
    tx.save(charge)
    emit(tx, "charge.failed", charge)
    error = {
        "advice_code": "try_again_later",
        "charge": charge["id"],
        "code": "card_declined",
        "decline_code": card.decline_code,
        "doc_url": "https://stripe.com/docs/error-codes/card-declined",
        "message": card.message,
        "type": "card_error",
    }
    intent["latest_charge"] = charge["id"]
    fail(tx, intent, error)


def fail_authentication(tx: Tx, intent: Object) -> None:
    """The customer failed 3D Secure: no charge, another try is possible."""
    error = {
        "code": "payment_intent_authentication_failure",
        "doc_url": "https://stripe.com/docs/error-codes/payment-intent-authentication-failure",
        "message": "The provided PaymentMethod has failed authentication. You can provide "
        "payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
        "type": "invalid_request_error",
    }
    fail(tx, intent, error)


def fail(tx: Tx, intent: Object, error: dict[str, Any]) -> None:
    """This attempt failed; the PaymentIntent waits for another."""
    intent.update(status="requires_payment_method", payment_method=None, next_action=None, last_payment_error=error)
    tx.save(intent)
    emit(tx, "payment_intent.payment_failed", intent)


def capture(tx: Tx, intent: Object, amount: int | None = None) -> Object:
    """Take `amount` minor units of a hold (all by default); what is left of it is released."""
    _check_capturable(tx, intent)
    wanted = intent["amount_capturable"] if amount is None else amount
    _check_amount(tx, intent, wanted)
    _capture(tx, intent, wanted)
    return intent


def _check_amount(tx: Tx, intent: Object, wanted: int) -> None:
    """From the smallest part of the currency to the whole hold; Stripe sends the PaymentIntent with a refusal."""
    shown = {"payment_intent": public(tx, intent)}
    if wanted < 0:
        raise StripeRefusal("Invalid non-negative integer", param="amount_to_capture", extra=shown)
    if wanted == 0:
        message = "This value must be greater than or equal to 1."
        raise StripeRefusal(message, param="amount", code="parameter_invalid_integer", extra=shown)
    if wanted > intent["amount_capturable"]:
        raise StripeRefusal(
            "The payment could not be captured because the requested capture amount is greater than the amount you "
            "can capture for this charge. Contact us via https://support.stripe.com/contact/ for help.",
            code="amount_too_large",
            extra=shown,
        )
    check_granularity(wanted, intent["currency"], "amount_to_capture")


def _check_capturable(tx: Tx, intent: Object) -> None:
    if intent["status"] == "requires_capture":
        return
    if intent["status"] == "succeeded" and intent["capture_method"] == "manual":
        message = (
            "The remaining amount on this PaymentIntent could not be captured because the remainder of the "
            "authorized amount has been released."
        )
        raise unexpected_state(message, public(tx, intent))
    message = (
        f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
        "PaymentIntent with one of the following statuses may be captured: requires_capture."
    )
    raise unexpected_state(message, public(tx, intent))


def _capture(tx: Tx, intent: Object, wanted: int) -> None:
    charge = tx.take("charge", intent["latest_charge"])
    before = public(tx, charge)
    charge.update(captured=True, amount_captured=wanted, _due=None)
    charge["balance_transaction"] = ledger.post(tx, "charge", charge, charge["amount"])
    released = _release_rest(tx, charge, charge["amount"] - wanted) if wanted < charge["amount"] else None
    _schedule_dispute(tx, charge)
    intent.update(status="succeeded", amount_capturable=0, amount_received=wanted)
    tx.save(charge)
    tx.save(intent)
    _mark_session_paid(tx, intent)
    emit(tx, "charge.captured", charge, before)
    if released:
        emit(tx, "refund.created", released)
    emit(tx, "payment_intent.succeeded", intent)


def _release_rest(tx: Tx, charge: Object, rest: int) -> Object:
    """The rest of a partial capture is listed as a refund, though nobody was charged for it.

    The balance shows the whole authorization and a reversal of the rest, and `amount_refunded` counts it
    (docs.stripe.com/reports/reporting-categories, "partial-capture reversals"). There is no `charge.refunded`.
    """
    released = objects.refund(tx, charge, rest, _released=True)
    released["destination_details"]["card"] = {"type": "reversal"}
    released["balance_transaction"] = ledger.post(tx, "refund", released, -rest, category="partial_capture_reversal")
    charge["amount_refunded"] = rest
    return tx.save(released)


def _mark_session_paid(tx: Tx, intent: Object) -> None:
    session = tx.take("checkout.session", intent["_session"])
    session["payment_status"] = "paid"
    tx.save(session)


def cancel(tx: Tx, intent: Object, reason: str | None) -> Object:
    """Release a hold (docs.stripe.com/api/payment_intents/cancel).

    A PaymentIntent of Checkout can be canceled only in requires_capture; before that, expire the session.
    """
    if intent["status"] == "requires_capture":
        return _release(tx, intent, reason)
    if intent["status"] in ("succeeded", "canceled"):
        message = (
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a "
            f"PaymentIntent with one of the following statuses may be canceled: {CANCELABLE}."
        )
    else:
        message = (
            "You cannot cancel this PaymentIntent because it was created by a Checkout Session. Expire the "
            "Checkout Session instead: https://stripe.com/docs/api/checkout/sessions/expire."
        )
    raise unexpected_state(message, public(tx, intent))


def expire_hold(tx: Tx, charge: Object) -> None:
    """`capture_before` passed: the charge expires and Stripe itself cancels the PaymentIntent."""
    intent = tx.take("payment_intent", charge["payment_intent"])
    emit(tx, "charge.expired", charge)
    _release(tx, intent, str(tx.setting("expiry_reason", "automatic")))


def close_unpaid(tx: Tx, intent: Object) -> None:
    """The session ended before the customer could pay."""
    _set_canceled(tx, intent, str(tx.setting("expiry_reason", "automatic")))
    emit(tx, "payment_intent.canceled", intent)


def _release(tx: Tx, intent: Object, reason: str | None) -> Object:
    charge = tx.take("charge", intent["latest_charge"])
    _set_canceled(tx, intent, reason)
    charge["_due"] = None
    tx.save(charge)
    if tx.setting("void_raises_refunded", True):
        _show_release(tx, charge)
    emit(tx, "payment_intent.canceled", intent)
    return intent


def _show_release(tx: Tx, charge: Object) -> None:
    """A released hold shows as a refund with a reason of its own; no money moved, no balance transaction.

    Stripe marks uncaptured charges as refunded when they end (docs.stripe.com/api/charges/capture); an account may
    also see the charge unchanged, which the setting `void_raises_refunded` (false) gives.
    """
    before = public(tx, charge)
    charge.update(amount_refunded=charge["amount"], refunded=True)
    released = objects.refund(tx, charge, charge["amount"], reason="expired_uncaptured_charge", _released=True)
    released["destination_details"]["card"] = {"type": "reversal"}
    tx.save(charge)
    tx.save(released)
    emit(tx, "refund.created", released)
    emit(tx, "charge.refunded", charge, before)


def _set_canceled(tx: Tx, intent: Object, reason: str | None) -> None:
    intent.update(
        status="canceled",
        amount_capturable=0,
        canceled_at=tx.now,
        cancellation_reason=reason,
        next_action=None,
    )
    tx.save(intent)
