"""Is a signed webhook really an event, of our account and mode, that can be stored? Pure but for the settings."""

import math
from typing import Any, Final

from django.conf import settings

from payments.gateway import BadSignature

LONGEST_NAME: Final = 80
DEEPEST: Final = 64  # Stripe's own objects have a dozen levels
LATEST_TIME: Final = 4_102_444_800  # the year 2100; Stripe counts seconds


def check_event(event: Any) -> dict[str, Any]:
    """Return the event, or raise BadSignature for anything else that was signed."""
    if not isinstance(event, dict) or event.get("object") != "event":
        raise BadSignature("not an event")
    if not all(is_name(event.get(field)) for field in ("id", "type")):
        raise BadSignature("no id or type")
    if not is_time(event.get("created")) or not has_object(event):
        raise BadSignature("no time or object")
    if event.get("account") or event.get("context"):
        raise BadSignature("another account")
    if event.get("livemode") is not ("_live_" in settings.STRIPE_SECRET_KEY):
        raise BadSignature("another livemode")
    if not is_storable(event):
        raise BadSignature("values that no database stores")
    return event


def is_name(value: Any) -> bool:
    """Whether a value is a short text, as Stripe's ids and types are."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_NAME


def is_time(value: Any) -> bool:
    """Whether a value is Unix seconds. In Python, True is a number."""
    return type(value) is int and 0 <= value < LATEST_TIME


def has_object(event: dict[str, Any]) -> bool:
    """Whether the event carries the thing that it is about."""
    data = event.get("data")
    return isinstance(data, dict) and isinstance(data.get("object"), dict)


def is_storable(value: Any, depth: int = 0) -> bool:
    """Whether the value can be stored: PostgreSQL takes no NUL, no half of a surrogate pair and no infinity."""
    if depth > DEEPEST:
        return False
    if isinstance(value, dict):
        return all(is_encodable(key) and is_storable(item, depth + 1) for key, item in value.items())
    if isinstance(value, list):
        return all(is_storable(item, depth + 1) for item in value)
    if isinstance(value, str):
        return is_encodable(value)
    # Python reads 1e999 as infinity.
    return not isinstance(value, float) or math.isfinite(value)


def is_encodable(text: str) -> bool:
    """Whether a text has an UTF-8 form and no NUL."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\x00" not in text
