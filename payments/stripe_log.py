"""What the log says of each request to Stripe, and under which id Stripe itself has logged it.

Stripe answers every request with an id of its own (docs.stripe.com/api/request_ids), by which its Dashboard and its
support find it. The id of an operation's call is kept on the operation.
"""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import structlog

logger = structlog.get_logger(__name__)

IDENTIFIER: Final = re.compile(r"/(?:ch|cs|dp|du|evt|pi|py|re)_\w+")
# Nobody knows what became of these: see `OutcomeUnknown`.
UNKNOWN: Final = (409, 429)

# The last call that carried an idempotency key: the key, and Stripe's id of the request.
_last: ContextVar[tuple[str, str]] = ContextVar("last_stripe_request", default=("", ""))


@dataclass
class Call:
    """One request on its way; what stays empty was never answered."""

    key: str
    status: int | None = None
    request_id: str = ""
    code: str | None = None

    def answered(self, status: int, headers: Mapping[str, str], body: Any) -> None:
        """Note Stripe's answer."""
        self.status, self.request_id = status, headers.get("request-id", "")
        self.code = error_code(body) if status >= 400 else None
        if self.key:
            note(self.key, self.request_id)

    @property
    def outcome(self) -> str:
        """What the answer means: yes, no, or nobody knows."""
        if self.status is None or self.status in UNKNOWN or self.status >= 500:
            return "unknown"
        return "declined" if self.status >= 400 else "ok"


@contextmanager
def calling(method: str, url: str, headers: Mapping[str, str] | None) -> Iterator[Call]:
    """Log one request to Stripe when it is over, however it ends."""
    call = Call(key=(headers or {}).get("Idempotency-Key", ""))
    started = time.perf_counter()
    try:
        yield call
    finally:
        logger.info(
            "stripe.call",
            what=f"{method.upper()} {IDENTIFIER.sub('/{id}', urlsplit(url).path)}",
            operation=call.key or None,
            stripe_request_id=call.request_id or None,
            status=call.status,
            outcome=call.outcome,
            code=call.code,
            ms=round((time.perf_counter() - started) * 1000, 1),
        )


def error_code(body: Any) -> str | None:
    """Return Stripe's code for an error; never its message, which may quote what was sent."""
    try:
        error = json.loads(body)["error"]
        return str(error.get("code") or error.get("type") or "") or None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def note(key: str, request_id: str) -> None:
    """Remember by which request an idempotency key reached Stripe, as its answer or an event says."""
    _last.set((key, request_id))


def request_id_of(key: str) -> str:
    """Return Stripe's id of the last call, if it was made under this key by whoever acts now; else nothing."""
    last_key, request_id = _last.get()
    return request_id if key and key == last_key else ""
