"""Types of Stripe's parameters: every value is checked, at every depth, before anything is executed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from payments.simulator.errors import invalid, missing, not_simulated, unknown_parameters

MAX_TEXT = 5000
METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 500


class Kind(Protocol):
    """What a parameter may be."""

    def read(self, raw: Any, name: str) -> Any:
        """The typed value of `raw`, or a StripeRefusal naming the parameter."""
        ...


@dataclass(frozen=True)
class Text:
    """A string; empty strings are refused, as Stripe reads them as an attempt to unset."""

    longest: int = MAX_TEXT
    may_be_empty: bool = False

    def read(self, raw: Any, name: str) -> str:
        """See Kind."""
        if not isinstance(raw, str):
            raise invalid(f"Invalid string: {raw}", param=name)
        if not raw and not self.may_be_empty:
            raise _empty(name)
        if len(raw) > self.longest:
            raise invalid(f"Invalid string: {raw[:20]}...; must be at most {self.longest} characters", param=name)
        return raw


@dataclass(frozen=True)
class Integer:
    """A whole number."""

    least: int | None = None
    most: int | None = None

    def read(self, raw: Any, name: str) -> int:
        """See Kind."""
        if not isinstance(raw, str) or not re.fullmatch(r"-?\d{1,18}", raw):
            raise invalid(f"Invalid integer: {raw}", param=name, code="parameter_invalid_integer")
        number = int(raw)
        if self.least is not None and number < self.least:
            message = f"This value must be greater than or equal to {self.least}."
            raise invalid(message, param=name, code="parameter_invalid_integer")
        if self.most is not None and number > self.most:
            message = f"This value must be less than or equal to {self.most}."
            raise invalid(message, param=name, code="parameter_invalid_integer")
        return number


@dataclass(frozen=True)
class Boolean:
    """`true` or `false`."""

    def read(self, raw: Any, name: str) -> bool:
        """See Kind."""
        if raw not in ("true", "false"):
            raise invalid(f"Invalid boolean: {raw}", param=name)
        return bool(raw == "true")


@dataclass(frozen=True)
class Choice:
    """One of a fixed set of words."""

    words: tuple[str, ...]

    def read(self, raw: Any, name: str) -> str:
        """See Kind."""
        if raw == "":
            raise _empty(name)
        if raw not in self.words:
            allowed = ", ".join(self.words[:-1]) + " or " + self.words[-1]
            raise invalid(f"Invalid {name}: must be one of {allowed}", param=name)
        return str(raw)


@dataclass(frozen=True)
class Url:
    """An absolute http(s) address."""

    def read(self, raw: Any, name: str) -> str:
        """See Kind."""
        text = Text().read(raw, name)
        parts = urlsplit(text)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise invalid("Not a valid URL", param=name, code="url_invalid")
        return text


@dataclass(frozen=True)
class Email:
    """An e-mail address."""

    def read(self, raw: Any, name: str) -> str:
        """See Kind."""
        text = Text(800).read(raw, name)
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", text):
            raise invalid(f"Invalid email address: {text}", param=name, code="email_invalid")
        return text


@dataclass(frozen=True)
class Many:
    """A list, sent as `name[0]`, `name[1]` or `name[]`."""

    of: Kind
    most: int = 100

    def read(self, raw: Any, name: str) -> list[Any]:
        """See Kind."""
        if not isinstance(raw, dict) or not all(key.isdigit() for key in raw):
            raise invalid("Invalid array", param=name)
        if len(raw) > self.most:
            raise invalid(f"Array {name} exceeded maximum {self.most} allowed elements.", param=name)
        ordered = sorted(raw.items(), key=lambda pair: int(pair[0]))
        return [self.of.read(value, f"{name}[{key}]") for key, value in ordered]


@dataclass(frozen=True)
class Metadata:
    """Up to 50 keys of 40 characters, values of 500 (docs.stripe.com/api/metadata)."""

    def read(self, raw: Any, name: str) -> dict[str, str]:
        """See Kind; the empty string means "unset everything" and is read as {"": ""}."""
        if raw == "":
            return {"": ""}
        if not isinstance(raw, dict) or not all(isinstance(value, str) for value in raw.values()):
            raise invalid("Invalid metadata: metadata must be a set of key-value pairs of strings", param=name)
        if len(raw) > METADATA_KEYS:
            raise invalid(f"You can only have up to {METADATA_KEYS} metadata keys.", param=name)
        for key, value in raw.items():
            _check_metadata(key, value, name)
        return dict(raw)


def _check_metadata(key: str, value: str, name: str) -> None:
    if len(key) > METADATA_KEY_LENGTH:
        raise invalid(
            f"Metadata keys can have up to {METADATA_KEY_LENGTH} characters, but you passed in a key that is "
            f"{len(key)} characters. Invalid key: {key}",
            param=name,
        )
    if len(value) > METADATA_VALUE_LENGTH:
        raise invalid(
            f"Metadata values can have up to {METADATA_VALUE_LENGTH} characters, but you passed in a "
            f"value that "
            f"is {len(value)} characters. Invalid value: {value}",
            param=f"{name}[{key}]",
        )


@dataclass(frozen=True)
class Fields:
    """A hash with known keys."""

    known: Mapping[str, Kind]
    required: tuple[str, ...] = field(default=())

    def read(self, raw: Any, name: str) -> dict[str, Any]:
        """See Kind; `name` is empty at the top level."""
        if not isinstance(raw, dict):
            raise invalid("Invalid object", param=name)
        strangers = [_inside(name, key) for key in raw if key not in self.known]
        if strangers:
            raise unknown_parameters(strangers)
        for key in self.required:
            if key not in raw:
                raise missing(_inside(name, key))
        return {key: self.known[key].read(value, _inside(name, key)) for key, value in raw.items()}


@dataclass(frozen=True)
class Either:
    """A plain value or a hash, as in `created=5` and `created[gte]=5`."""

    plain: Kind
    hash: Kind

    def read(self, raw: Any, name: str) -> Any:
        """See Kind."""
        return (self.hash if isinstance(raw, dict) else self.plain).read(raw, name)


@dataclass(frozen=True)
class Anything:
    """Accepted without a look inside: it changes only what a real Checkout page would show."""

    def read(self, raw: Any, name: str) -> Any:
        """See Kind."""
        return raw


@dataclass(frozen=True)
class NotSimulated:
    """Known to Stripe and refused here, because ignoring it would move wrong money."""

    def read(self, raw: Any, name: str) -> Any:
        """See Kind."""
        raise not_simulated(f"`{name}`", name)


def _inside(name: str, key: str) -> str:
    return f"{name}[{key}]" if name else key


def _empty(name: str) -> Exception:
    return invalid(
        f"You passed an empty string for '{name}'. We assume empty values are an attempt to unset a "
        f"parameter; "
        f"however '{name}' cannot be unset. You should remove '{name}' from your request or supply a "
        f"non-empty "
        "value.",
        param=name,
        code="parameter_invalid_empty",
    )
