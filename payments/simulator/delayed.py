"""Payments that are confirmed days later, as with bank debits
(docs.stripe.com/payments/checkout/fulfill-orders).

The session completes at once with `payment_status=unpaid`; the outcome follows as
checkout.session.async_payment_*.
"""

from __future__ import annotations

from payments.simulator import checkout, intents, objects
from payments.simulator.cards import CARDS
from payments.simulator.errors import StripeRefusal
from payments.simulator.events import emit
from payments.simulator.store import Object, Tx

_CARD = CARDS["4242424242424242"]
_FAILURE = {
    "code": "payment_intent_payment_attempt_failed",
    "message": "The payment attempt failed.",
    "type": "card_error",
}


def start(tx: Tx, session: Object) -> Object:
    """The customer chose a method that takes days; such methods can't be captured manually."""
    if session["status"] != "open":
        raise StripeRefusal(f"This Checkout Session has a status of {session['status']}.")
    intent = checkout.intent_of(tx, session)
    if intent["capture_method"] == "manual":
        raise StripeRefusal("Delayed payment methods do not support capture_method=manual.")
    intents.attach_card(tx, intent, _CARD)
    charge = objects.charge(tx, intent, _CARD, session["customer_email"])
    charge.update(status="pending", paid=False)
    intent.update(status="processing", latest_charge=charge["id"])
    tx.save(charge)
    tx.save(intent)
    emit(tx, "payment_intent.processing", intent)
    emit(tx, "charge.pending", charge)
    checkout.complete(tx, session, intent, session["customer_email"] or "guest@example.com")
    return session


def settle(tx: Tx, session: Object, *, success: bool) -> Object:
    """The bank's answer came."""
    intent = tx.take("payment_intent", session["payment_intent"] or "")
    if intent["status"] != "processing":
        raise StripeRefusal(f"This PaymentIntent has a status of {intent['status']}.")
    charge = tx.take("charge", intent["latest_charge"])
    if success:
        charge.update(status="succeeded", paid=True)
        intents.take(tx, intent, charge)
        session["payment_status"] = "paid"
    else:
        _fail(tx, intent, charge)
    tx.save(session)
    emit(tx, f"checkout.session.async_payment_{'succeeded' if success else 'failed'}", session)
    return session


def _fail(tx: Tx, intent: Object, charge: Object) -> None:
    charge.update(status="failed", failure_code="payment_intent_payment_attempt_failed")
    tx.save(charge)
    emit(tx, "charge.failed", charge)
    intents.fail(tx, intent, {**_FAILURE, "charge": charge["id"]})
