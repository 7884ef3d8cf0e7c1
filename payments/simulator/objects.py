"""The shapes of Stripe's objects as of version 2026-10-28 (docs.stripe.com/api/<object>/object).

Keys with a leading underscore are the simulator's own and never leave it.
"""

from __future__ import annotations

from typing import Any

from payments.simulator.cards import Card
from payments.simulator.catalogue import CHARGE_NULLS, INTENT_NULLS, SESSION_NULLS
from payments.simulator.store import Object, Tx, new_id

API_VERSION = "2026-10-28.endive"
RELEASE = API_VERSION.partition(".")[2]
ACCOUNT_ID = "acct_1SimulatedInnkeepD"
HOLD_SECONDS = 7 * 24 * 3600
"""A card authorization made online lasts 7 days
(docs.stripe.com/payments/place-a-hold-on-a-payment-method).
"""


# Sent back only when they were given; `wallet_options` and the like have the same shape both ways.
_SESSION_ECHOES = ("excluded_payment_method_types", "name_collection")


def merged_metadata(current: dict[str, str], given: dict[str, str]) -> dict[str, str]:
    """An empty value unsets its key, an empty key everything (docs.stripe.com/api/metadata)."""
    if "" in given:
        return {}
    return {key: value for key, value in {**current, **given}.items() if value}


def session(tx: Tx, params: Object, *, total: int, currency: str, items: list[Object]) -> Object:
    """A new open Checkout Session."""
    echoed = {key: params[key] for key in (*SESSION_NULLS, *_SESSION_ECHOES) if key in params}
    return {
        "id": new_id("cs_test_a1", 56),
        "object": "checkout.session",
        **dict.fromkeys(SESSION_NULLS),
        "adaptive_pricing": {"enabled": params.get("adaptive_pricing", {}).get("enabled", False)},
        **echoed,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.get("cancel_url"),
        "locale": params.get("locale"),
        "created": tx.now,
        "currency": currency,
        "custom_fields": [],
        "custom_text": _custom_text(params.get("custom_text", {})),
        "customer_creation": params.get("customer_creation", "if_required"),
        "discounts": [],
        "expires_at": params.get("expires_at", tx.now + 24 * 3600),
        "invoice_creation": None,
        "livemode": False,
        "metadata": merged_metadata({}, params.get("metadata", {})),
        "mode": "payment",
        "optional_items": [],
        "payment_intent": None,
        "payment_method_collection": "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": params.get("phone_number_collection", {"enabled": False}),
        "shipping_options": [],
        "status": "open",
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": None,
        "_items": items,
        "_intent": params.get("payment_intent_data", {}),
        "_due": params.get("expires_at", tx.now + 24 * 3600),
    }


def _custom_text(given: Object) -> Object:
    names = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    return {name: given.get(name) or None for name in names}


def line_item(tx: Tx, given: Object) -> Object:
    """One line of a session, with its inline price."""
    price, quantity = given["price_data"], given["quantity"]
    amount, currency = price["unit_amount"], price["currency"].lower()
    return {
        "id": new_id("li_1", 23),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": amount * quantity,
        "amount_tax": 0,
        "amount_total": amount * quantity,
        "currency": currency,
        "description": price["product_data"]["name"],
        "metadata": merged_metadata({}, given.get("metadata", {})),
        "price": {
            "id": new_id("price_1", 23),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": tx.now,
            "currency": currency,
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": new_id("prod_", 14),
            "recurring": None,
            "tax_behavior": price.get("tax_behavior", "unspecified"),
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": amount,
            "unit_amount_decimal": str(amount),
        },
        "quantity": quantity,
    }


def payment_intent(tx: Tx, checkout: Object) -> Object:
    """The PaymentIntent a session makes when the customer first submits payment."""
    identifier, data = new_id("pi_3", 23), checkout["_intent"]
    names = (
        "description",
        "receipt_email",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
    )
    return {
        "id": identifier,
        "object": "payment_intent",
        **dict.fromkeys(INTENT_NULLS),
        **{name: data[name] for name in (*names, "transfer_group") if name in data},
        "amount": checkout["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        # Checkout's default when capture_method isn't sent
        # (docs.stripe.com/payments/payment-intents/asynchronous-capture).
        "capture_method": data.get("capture_method", "automatic_async"),
        "client_secret": new_id(f"{identifier}_secret_", 25),
        "confirmation_method": "automatic",
        "created": tx.now,
        "currency": checkout["currency"],
        "livemode": False,
        "metadata": merged_metadata({}, data.get("metadata", {})),
        "payment_method_options": {
            "card": {
                "installments": None,
                "mandate_options": None,
                "network": None,
                "request_three_d_secure": "automatic",
            }
        },
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "_session": checkout["id"],
    }


def charge(tx: Tx, intent: Object, card: Card, email: str | None) -> Object:
    """A new charge of a PaymentIntent; the caller sets whether it was declined, authorized or captured."""
    identifier = new_id("ch_3", 23)
    names = ("description", "metadata", "receipt_email", "shipping", "statement_descriptor", "transfer_group")
    return {
        "id": identifier,
        "object": "charge",
        **dict.fromkeys(CHARGE_NULLS),
        **{name: intent[name] for name in names},
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "billing_details": {
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            "email": email,
            "name": "Test Guest",
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": "INNKEEP SIMULATED",
        "captured": False,
        "created": tx.now,
        "currency": intent["currency"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "outcome": card.outcome(),
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": {"type": "card", "card": card.details(intent["amount"])},
        "radar_options": {},
        "receipt_url": None,
        "refunded": False,
        "status": "succeeded",
        "_card": card.number,
    }


def refund(tx: Tx, paid: Object, amount: int, **more: Any) -> Object:
    """A refund of a charge."""
    return {
        "id": new_id("re_3", 23),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": paid["id"],
        "created": tx.now,
        "currency": paid["currency"],
        "customer": None,
        "customer_account": None,
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "metadata": {},
        "payment_intent": paid["payment_intent"],
        "payment_method": paid["payment_method"],
        "reason": None,
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
        **more,
    }
