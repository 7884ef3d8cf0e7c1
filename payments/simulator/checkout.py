"""Checkout Sessions: made and expired through the API, paid by a person at the hosted page.

docs.stripe.com/api/checkout/sessions, docs.stripe.com/payments/checkout/how-checkout-works
"""

from __future__ import annotations

from payments.simulator import intents, objects
from payments.simulator.cards import Card
from payments.simulator.errors import StripeRefusal, invalid, missing, no_such, not_simulated
from payments.simulator.events import emit
from payments.simulator.money import check_currency, check_granularity, check_total, check_unit_amount
from payments.simulator.store import Object, Tx

SHORTEST, LONGEST = 30 * 60, 24 * 3600
EXPIRY_GRACE = 5
"""Seconds of leeway at both ends: a caller's clock and this one are read at different moments."""


def create(tx: Tx, params: Object) -> Object:
    """POST /v1/checkout/sessions."""
    _check_mode(params)
    _check_expiry(tx, params)
    for index, item in enumerate(params["line_items"]):
        _check_item(tx, item, f"line_items[{index}]")
    items = [objects.line_item(tx, item) for item in params["line_items"]]
    currency = _one_currency(items)
    total = sum(item["amount_total"] for item in items)
    check_total(total, currency, tx.setting("minimums", {}))
    return tx.save(objects.session(tx, params, total=total, currency=currency, items=items))


def _check_mode(params: Object) -> None:
    if "mode" not in params:
        raise missing("mode")
    if params["mode"] != "payment":
        raise not_simulated(f"mode={params['mode']}", "mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_simulated(f"ui_mode={params['ui_mode']}", "ui_mode")
    for name in ("line_items", "success_url"):
        if not params.get(name):
            raise missing(name)
    if "customer" in params:
        raise no_such("customer", params["customer"], "customer", in_path=False)
    if "customer_account" in params:
        raise no_such("account", params["customer_account"], "customer_account", in_path=False)


def _check_expiry(tx: Tx, params: Object) -> None:
    """Between 30 minutes and 24 hours ahead (docs.stripe.com/api/checkout/sessions/create)."""
    lifetime = params.get("expires_at", tx.now + LONGEST) - tx.now
    if lifetime < SHORTEST - EXPIRY_GRACE:
        message = "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation."
        raise invalid(message, param="expires_at")
    if lifetime > LONGEST + EXPIRY_GRACE:
        message = "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation."
        raise invalid(message, param="expires_at")


def _check_item(tx: Tx, item: Object, name: str) -> None:
    if "price" in item:
        raise no_such("price", item["price"], f"{name}[price]", in_path=False)
    if "price_data" not in item:
        message = "You must specify either `price` or `price_data` for each line item."
        raise invalid(message, param=name)
    if "quantity" not in item:
        message = f"Quantity is required. Add `quantity` to `{name}`"
        raise invalid(message, param=f"{name}[quantity]")
    _check_price(tx, item["price_data"], f"{name}[price_data]")


def _check_price(tx: Tx, price: Object, name: str) -> None:
    if "product" in price:
        raise no_such("product", price["product"], f"{name}[product]", in_path=False)
    for required in ("product_data", "unit_amount"):
        if required not in price:
            raise missing(f"{name}[{required}]")
    currency = price["currency"].lower()
    check_currency(currency, tx.setting("unsupported_currencies", []), f"{name}[currency]")
    check_unit_amount(price["unit_amount"], currency, f"{name}[unit_amount]")
    check_granularity(price["unit_amount"], currency, f"{name}[unit_amount]")


def _one_currency(items: list[Object]) -> str:
    currencies = {item["currency"] for item in items}
    if len(currencies) > 1:
        raise invalid("All prices on a Checkout session must have the same currency.", param="line_items")
    return str(currencies.pop())


def expire_by_api(tx: Tx, session: Object) -> Object:
    """POST /v1/checkout/sessions/{id}/expire; only an open session can be expired."""
    if session["status"] != "open":
        raise StripeRefusal(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a '
            f"status of `{session['status']}`."
        )
    return expire(tx, session)


def expire(tx: Tx, session: Object) -> Object:
    """Close an open session; a PaymentIntent it already made is canceled with it."""
    session.update(status="expired", _due=None)
    tx.save(session)
    emit(tx, "checkout.session.expired", session)
    if session["payment_intent"]:
        intents.close_unpaid(tx, tx.take("payment_intent", session["payment_intent"]))
    return session


def pay(tx: Tx, session: Object, card: Card) -> str:
    """The customer pressed Pay: "paid", "declined" or "authenticate" (then call `authenticate`).

    Pressing it again on a session that isn't open changes nothing and answers with the session's status.
    """
    if session["status"] != "open":
        return str(session["status"])
    intent = intent_of(tx, session)
    intents.attach_card(tx, intent, card)
    if card.needs_authentication:
        intents.require_action(tx, intent, f"{tx.base_url}/pay/{session['id']}/authenticate")
        return "authenticate"
    return _charge(tx, session, intent, card)


def authenticate(tx: Tx, session: Object, card: Card, *, success: bool) -> str:
    """The 3D Secure challenge was answered: "paid" or "failed"; without one, the session's status."""
    if session["status"] != "open" or not session["payment_intent"]:
        return str(session["status"])
    intent = tx.take("payment_intent", session["payment_intent"])
    if intent["status"] != "requires_action":
        return str(session["status"])
    if not success:
        intents.fail_authentication(tx, intent)
        return "failed"
    return _charge(tx, session, intent, card)


def intent_of(tx: Tx, session: Object) -> Object:
    """Made at the first submission, not before; later attempts use the same one."""
    if session["payment_intent"]:
        return tx.take("payment_intent", session["payment_intent"])
    intent = objects.payment_intent(tx, session)
    session["payment_intent"] = intent["id"]
    tx.save(intent)
    tx.save(session)
    emit(tx, "payment_intent.created", intent)
    return intent


def _charge(tx: Tx, session: Object, intent: Object, card: Card) -> str:
    email = session["customer_email"] or "guest@example.com"
    if card.declined:
        intents.decline(tx, intent, card, email)
        return "declined"
    intents.authorize(tx, intent, card, email)
    complete(tx, session, intent, email)
    return "paid"


def complete(tx: Tx, session: Object, intent: Object, email: str) -> None:
    """With manual capture a complete session stays `unpaid` until the capture."""
    session.update(
        status="complete",
        payment_status="paid" if intent["status"] == "succeeded" else "unpaid",
        customer_details={
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            "business_name": None,
            "email": email,
            "individual_name": None,
            "name": "Test Guest",
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
        _due=None,
    )
    tx.save(session)
    emit(tx, "checkout.session.completed", session)


def return_url(session: Object) -> str:
    """Where a paying customer goes: success_url with its template filled."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])
