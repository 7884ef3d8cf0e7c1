"""Stripe's payloads without the people in them: for looking at, and for keeping once a guest's data is erased."""

from typing import Any, Final

# What is about a person, wherever it stands (docs.stripe.com/api: charges, sessions, disputes, customers).
PERSONAL: Final = frozenset(
    {
        "name",
        "description",
        "individual_name",
        "business_name",
        "email",
        "customer_email",
        "receipt_email",
        "phone",
        "line1",
        "line2",
        "postal_code",
        "city",
        "state_province",
        "cardholder_name",
        "fingerprint",
        "ip",
        "ip_address",
        "customer_purchase_ip",
        "verified_name",
        "verified_email",
        "verified_phone",
    }
)
# Under these names everything is about a person.
PERSONAL_PARTS: Final = frozenset(
    {
        "billing_details",
        "customer_details",
        "collected_information",
        "custom_fields",
        "evidence",
        "shipping",
        "shipping_details",
        "address",
    }
)
# What opens a page or confirms a payment is nobody's business here, either.
SECRET: Final = frozenset({"client_secret", "url", "receipt_url", "hosted_invoice_url"})
HIDDEN: Final = "•••"


def masked(value: Any) -> Any:
    """Return a payload with e-mails, names, phones, addresses and secrets blotted out; ids and amounts stay."""
    if isinstance(value, dict):
        return {key: blotted(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [masked(each) for each in value]
    return HIDDEN if isinstance(value, str) and "@" in value else value


def blotted(key: str, value: Any) -> Any:
    """Return one value, hidden when its name tells that it is personal or secret."""
    if key in PERSONAL_PARTS:
        return emptied(value)
    if isinstance(value, str) and value and (key in PERSONAL or key in SECRET):
        return HIDDEN
    return masked(value)


def emptied(value: Any) -> Any:
    """Return a value with every text in it hidden."""
    if isinstance(value, dict):
        return {key: emptied(each) for key, each in value.items()}
    if isinstance(value, list):
        return [emptied(each) for each in value]
    return HIDDEN if isinstance(value, str) and value else value
