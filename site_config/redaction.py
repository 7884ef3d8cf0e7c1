"""The last line of defence of the log: what looks like personal data or a secret is replaced, whoever logged it.

The first line is that no call logs such a thing. Names cannot be recognised, so for them there is no second one.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Final

REMOVED: Final = "[removed]"
LONGEST: Final = 2000  # characters of one value

# Fields that no line should have; a reference to such a thing is named by its kind: `link`, `mail`, `payment`.
PRIVATE_FIELD: Final = re.compile(
    r"mail_?to|e_?mail|phone|guest|password|secret|token|cookie|signature|authorization|card|user_agent|url|"
    r"^(?:ip|to|name|contact|subject|body|reason_text)$",
    re.IGNORECASE,
)
# Nothing below can match a text without one of these; most texts in a log have none.
SUSPICIOUS: Final = re.compile(r"@|%40|://|/manage/|ikg_|iks_|whsec_|_test_|_live_|_secret_|\+\d|\d{4}[ -]?\d{4}")

type Replacement = str | Callable[[re.Match[str]], str]


def luhn(found: re.Match[str]) -> str:
    """Remove a number that passes the check of card numbers (ISO/IEC 7812-1); leave any other."""
    digits = [int(each) for each in found[0] if each.isdigit()]
    doubled = [sum(divmod(2 * each, 10)) for each in digits[-2::-2]]
    return "[card]" if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 else found[0]


PATTERNS: Final[tuple[tuple[re.Pattern[str], Replacement], ...]] = (
    (re.compile(r"://[^\s/@]+@"), f"://{REMOVED}@"),
    (re.compile(r"(\w+://[^\s/?#\"'<>]+)[/?#][^\s\"'<>]*"), rf"\1/{REMOVED}"),
    (re.compile(r"/manage/(?!cancel/|pay/|<)[^/\s]+"), f"/manage/{REMOVED}"),
    (re.compile(r"ikg_[\w-]+"), "[link]"),
    (re.compile(r"iks_[\w-]+"), "[token]"),
    (re.compile(r"\b[spr]k_(?:test|live)_\w+"), "[key]"),
    (re.compile(r"whsec_[\w+/=-]+"), "[key]"),
    (re.compile(r"\b[a-z]+_\w+_secret_\w+"), "[client secret]"),
    (re.compile(r"\bcs_(?:test|live)_\w+"), "[payment page]"),
    (re.compile(r"[\w.+%'-]+(?:@|%40)[\w-]+(?:\.[\w-]+)*"), "[e-mail]"),
    (re.compile(r"(?<![\w.-])\d(?:[ -]?\d){12,18}(?![\w-])"), luhn),
    (re.compile(r"\+\d(?:[ ()/-]*\d){7,14}"), "[phone]"),
)


def redact(text: str) -> str:
    """Return a text without what looks like an address, a card or phone number, a key, or a guest's link."""
    text = text[:LONGEST]
    if not SUSPICIOUS.search(text):
        return text
    for pattern, replacement in PATTERNS:
        text = pattern.sub(replacement, text)
    return text


@lru_cache(maxsize=500)
def is_private(field: str) -> bool:
    """Whether a field of this name should not be there."""
    return PRIVATE_FIELD.search(field) is not None


def redacted(value: Any) -> Any:
    """Return a value of a log line, redacted at every depth."""
    if isinstance(value, str):
        return redact(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): REMOVED if is_private(str(key)) else redacted(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(item) for item in value]
    return redact(str(value))
