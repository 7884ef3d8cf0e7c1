"""What each endpoint accepts, as listed at docs.stripe.com/api for version 2026-10-28."""

from __future__ import annotations

from payments.simulator.catalogue import (
    CHARGE_UPDATE_REFUSED,
    EVIDENCE,
    EVIDENCE_FILES,
    INTENT_UPDATE_REFUSED,
    LOCALES,
    SESSION_REFUSED,
    SESSION_UPDATE_REFUSED,
)
from payments.simulator.schema import (
    Anything,
    Boolean,
    Choice,
    Either,
    Email,
    Fields,
    Integer,
    Kind,
    Many,
    Metadata,
    NotSimulated,
    Text,
    Url,
)


def _refused(names: tuple[str, ...]) -> dict[str, Kind]:
    """Known to Stripe, and not simulated."""
    return {name: NotSimulated() for name in names}


_EXPAND: dict[str, Kind] = {"expand": Many(Text(), 20)}
_NAME = Fields({"enabled": Boolean(), "optional": Boolean()}, required=("enabled",))
_SWITCH = Fields({"enabled": Boolean()}, required=("enabled",))
_RANGE = Either(Integer(), Fields({name: Integer() for name in ("gt", "gte", "lt", "lte")}))
_ADDRESS = Fields({name: Text() for name in ("city", "country", "line1", "line2", "postal_code", "state")})
_MESSAGE = Either(Text(may_be_empty=True), Fields({"message": Text(1200)}, required=("message",)))
_PAGE: dict[str, Kind] = {
    **_EXPAND,
    "limit": Integer(1, 100),
    "starting_after": Text(),
    "ending_before": Text(),
}
_CUSTOMER: dict[str, Kind] = {"customer": Text(), "customer_account": Text()}

_PRODUCT_DATA = Fields(
    {
        "name": Text(),
        "description": Text(40000),
        "images": Many(Url(), 8),
        "metadata": Metadata(),
        "tax_code": Text(),
        "tax_details": NotSimulated(),
        "unit_label": Text(12),
    },
    required=("name",),
)
_PRICE_DATA = Fields(
    {
        "currency": Text(),
        "product": Text(),
        "product_data": _PRODUCT_DATA,
        "recurring": NotSimulated(),
        "tax_behavior": Choice(("exclusive", "inclusive", "unspecified")),
        "unit_amount": Integer(),
        "unit_amount_decimal": NotSimulated(),
    },
    required=("currency",),
)
_LINE_ITEM = Fields(
    {
        "adjustable_quantity": NotSimulated(),
        "metadata": Metadata(),
        "price": Text(),
        "price_data": _PRICE_DATA,
        "quantity": Integer(0, 999999),
        "tax_rates": NotSimulated(),
    }
)
_SHIPPING = Fields(
    {"address": _ADDRESS, "carrier": Text(), "name": Text(), "phone": Text(), "tracking_number": Text()},
    required=("address", "name"),
)
_PAYMENT_INTENT_DATA = Fields(
    {
        "application_fee_amount": NotSimulated(),
        "capture_method": Choice(("automatic", "automatic_async", "manual")),
        "description": Text(1000),
        "metadata": Metadata(),
        "on_behalf_of": NotSimulated(),
        "receipt_email": Email(),
        "setup_future_usage": NotSimulated(),
        "shipping": _SHIPPING,
        "statement_descriptor": Text(22),
        "statement_descriptor_suffix": Text(22),
        "transfer_data": NotSimulated(),
        "transfer_group": Text(),
    }
)
_CUSTOM_TEXT = Fields(
    dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance"), _MESSAGE)
)
_SESSION_LOOKS: dict[str, Kind] = {
    "adaptive_pricing": Fields({"enabled": Boolean()}),
    "allowed_payment_method_types": Many(Text()),
    "billing_address_collection": Choice(("auto", "required")),
    "branding_settings": Anything(),
    "client_reference_id": Text(200),
    "consent_collection": Anything(),
    "custom_text": _CUSTOM_TEXT,
    "customer_creation": Choice(("always", "if_required")),
    "customer_email": Email(),
    "excluded_payment_method_types": Many(Text()),
    "integration_identifier": Text(),
    "locale": Choice(LOCALES),
    "name_collection": Fields({"business": _NAME, "individual": _NAME}),
    "origin_context": Choice(("mobile_app", "web")),
    "payment_method_configuration": Text(),
    "payment_method_options": Anything(),
    "phone_number_collection": _SWITCH,
    "submit_type": Choice(("auto", "book", "donate", "pay", "subscribe")),
    "wallet_options": Anything(),
}

SESSION_CREATE = Fields(
    {
        **_EXPAND,
        **_SESSION_LOOKS,
        **_CUSTOMER,
        **_refused(SESSION_REFUSED),
        "cancel_url": Url(),
        "expires_at": Integer(),
        "line_items": Many(_LINE_ITEM),
        "metadata": Metadata(),
        "mode": Choice(("payment", "setup", "subscription")),
        "payment_intent_data": _PAYMENT_INTENT_DATA,
        "success_url": Url(),
        "ui_mode": Choice(("elements", "embedded_page", "hosted_page")),
    }
)
SESSION_LIST = Fields(
    {
        **_PAGE,
        **_CUSTOMER,
        "created": _RANGE,
        "customer_details": Fields({"email": Text()}, required=("email",)),
        "payment_intent": Text(),
        "payment_link": Text(),
        "status": Choice(("complete", "expired", "open")),
        "subscription": Text(),
    }
)
SESSION_UPDATE = Fields({**_EXPAND, **_refused(SESSION_UPDATE_REFUSED), "metadata": Metadata()})
ONLY_EXPAND = Fields(_EXPAND)
ONLY_PAGE = Fields(_PAGE)

INTENT_RETRIEVE = Fields({**_EXPAND, "client_secret": Text()})
INTENT_LIST = Fields({**_PAGE, **_CUSTOMER, "created": _RANGE})
_DESCRIBED: dict[str, Kind] = {**_EXPAND, "description": Text(1000, may_be_empty=True), "metadata": Metadata()}
INTENT_UPDATE = Fields({**_DESCRIBED, **_refused(INTENT_UPDATE_REFUSED)})
INTENT_CAPTURE = Fields(
    {
        **_EXPAND,
        "amount_to_capture": Integer(),
        "final_capture": Boolean(),
        "metadata": Metadata(),
        "statement_descriptor": Text(22),
        "statement_descriptor_suffix": Text(22),
        **_refused(("amount_details", "application_fee_amount", "hooks", "payment_details", "transfer_data")),
    }
)
CANCEL_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")
INTENT_CANCEL = Fields({**_EXPAND, "cancellation_reason": Choice(CANCEL_REASONS)})

CHARGE_LIST = Fields(
    {**_PAGE, "created": _RANGE, "customer": Text(), "payment_intent": Text(), "transfer_group": Text()}
)
CHARGE_UPDATE = Fields({**_DESCRIBED, **_refused(CHARGE_UPDATE_REFUSED)})

REFUND_REASONS = ("duplicate", "fraudulent", "requested_by_customer")
REFUND_CREATE = Fields(
    {
        **_EXPAND,
        "amount": Integer(),
        "charge": Text(),
        "instructions_email": Email(),
        "metadata": Metadata(),
        "payment_intent": Text(),
        "reason": Choice(REFUND_REASONS),
        **_refused(("currency", "customer", "origin", "refund_application_fee", "reverse_transfer")),
    }
)
REFUND_LIST = Fields({**_PAGE, "charge": Text(), "created": _RANGE, "payment_intent": Text()})
REFUND_UPDATE = Fields({**_EXPAND, "metadata": Metadata()})

EVENT_LIST = Fields(
    {**_PAGE, "created": _RANGE, "delivery_success": Boolean(), "type": Text(), "types": Many(Text(), 20)}
)
# Pieces of evidence that are named or described shortly; the others may be essays
# (docs.stripe.com/api/disputes/update).
_SHORT_EVIDENCE = frozenset(
    (
        *EVIDENCE_FILES,
        "billing_address",
        "customer_email_address",
        "customer_name",
        "customer_purchase_ip",
        "duplicate_charge_id",
        "service_date",
        "shipping_address",
        "shipping_carrier",
        "shipping_date",
        "shipping_tracking_number",
    )
)
_EVIDENCE: dict[str, Kind] = {
    name: Text(5000 if name in _SHORT_EVIDENCE else 20000, may_be_empty=True) for name in EVIDENCE
}
DISPUTE_UPDATE = Fields(
    {
        **_EXPAND,
        "evidence": Fields({**_EVIDENCE, "appeal": NotSimulated(), "enhanced_evidence": NotSimulated()}),
        "intended_submission_method": NotSimulated(),
        "metadata": Metadata(),
        "submit": Boolean(),
    }
)
DISPUTE_LIST = Fields({**_PAGE, "charge": Text(), "created": _RANGE, "payment_intent": Text()})
TRANSACTION_LIST = Fields(
    {**_PAGE, "created": _RANGE, "currency": Text(), "payout": Text(), "source": Text(), "type": Text()}
)
