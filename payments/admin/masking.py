"""Stripe's payloads without the people in them."""

from typing import Any, Final

PERSONAL: Final = frozenset(
    {
        "name",
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
    }
)
# What opens a page or confirms a payment is nobody's business here, either.
SECRET: Final = frozenset({"client_secret", "url", "receipt_url", "hosted_invoice_url"})
HIDDEN: Final = "•••"


def masked(value: Any) -> Any:
    """Return a payload with e-mails, names, phones, addresses and secrets blotted out."""
    if isinstance(value, dict):
        return {key: blotted(key, each) for key, each in value.items()}
    if isinstance(value, list):
        return [masked(each) for each in value]
    return HIDDEN if isinstance(value, str) and "@" in value else value


def blotted(key: str, value: Any) -> Any:
    """Return one value, hidden when its name tells that it is personal or secret."""
    if isinstance(value, str) and value and (key in PERSONAL or key in SECRET):
        return HIDDEN
    return masked(value)
