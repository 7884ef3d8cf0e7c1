"""The canonical form of a history row, and the hashes over it: pure, and the same on every database.

Version 1: JSON with sorted keys, without blanks, in UTF-8; moments in UTC with microseconds, decimals as strings
without trailing zeros. `trail/verify_export.py` repeats it in plain Python, for whoever trusts no code of ours.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import singledispatch
from typing import Any, Final
from uuid import UUID

VERSION: Final = 1


@singledispatch
def plain(value: Any) -> Any:
    """Return a value of a column as JSON knows it, in its one way to be written. TypeError for what is unknown."""
    raise TypeError(f"A value of the type {type(value).__name__} has no canonical form.")


@plain.register(type(None))
@plain.register(bool)
@plain.register(int)
@plain.register(str)
def _same(value: Any) -> Any:
    # A choice is a string of its own kind.
    return str.__str__(value) if isinstance(value, str) else value


@plain.register
def _decimal(value: Decimal) -> str:
    return format(value.normalize() + 0, "f")


@plain.register
def _float(value: float) -> Any:
    # Only in JSON. One database keeps 100.0, the other 100; a fraction is told apart from the text "0.5".
    return int(value) if value.is_integer() else {"number": _decimal(Decimal(repr(value)))}


@plain.register
def _moment(value: datetime) -> str:
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


@plain.register
def _date(value: date) -> str:
    return value.isoformat()


@plain.register
def _time(value: time) -> str:
    return value.isoformat("microseconds")


@plain.register
def _uuid(value: UUID) -> str:
    return str(value)


@plain.register
def _mapping(value: dict) -> dict[str, Any]:
    return {str(name): plain(each) for name, each in value.items()}


@plain.register(list)
@plain.register(tuple)
def _list(value: Any) -> list[Any]:
    return [plain(each) for each in value]


def encoded(value: Any) -> bytes:
    """Return the bytes of a plain value."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()


def digest(content: Mapping[str, Any]) -> str:
    """Return the hash of what one entry says."""
    return hashlib.sha256(encoded(content)).hexdigest()


def linked(previous: str, digest: str) -> str:
    """Return the hash of an entry: of the hash before it and its own digest. Both in hexadecimal."""
    return hashlib.sha256(f"{previous}:{digest}".encode()).hexdigest()


def new_salt() -> str:
    """Return a fresh secret of 128 bits, in hexadecimal."""
    return secrets.token_hex(16)


def commitment(salt: str, field: str, value: Any) -> str:
    """Return what binds to a field's plain value without telling it to whoever lacks the salt."""
    return hmac.new(bytes.fromhex(salt), encoded([field, value]), hashlib.sha256).hexdigest()


def value_hash(field: str, value: Any) -> str:
    """Return the hash of what stands in a field once nothing personal is in it."""
    return hashlib.sha256(encoded([field, value])).hexdigest()
