"""Idempotent requests as Stripe keeps them (docs.stripe.com/api/idempotent_requests).

What ran stays in the database; what is running stays in memory, so that a kill never leaves a key in flight.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from payments.simulator.errors import invalid, key_in_use, key_reused
from payments.simulator.store import Object, Tx

LONGEST_KEY = 255
REMEMBERED = 24 * 3600


@dataclass(frozen=True)
class Kept:
    """The answer given to the first request with a key."""

    status: int
    body: str
    request_id: str


class InFlight:
    """The keys that are being executed."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, key: str | None) -> Iterator[None]:
        """409 when `key` is already being executed; nothing for a request without one."""
        if key is None:
            yield
            return
        with self._lock:
            if key in self._keys:
                raise key_in_use(key)
            self._keys.add(key)
        try:
            yield
        finally:
            with self._lock:
                self._keys.discard(key)


def check_key(key: str | None) -> None:
    """A key has 1 to 255 characters."""
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        raise invalid(f"Idempotency keys must be between 1 and {LONGEST_KEY} characters long.")


def recall(tx: Tx, key: str, endpoint: str, params: Object) -> Kept | None:
    """The kept answer; refused when the key came with another endpoint or other parameters."""
    tx.sql("DELETE FROM idempotency WHERE created <= ?", (tx.now - REMEMBERED,))
    query = "SELECT endpoint, parameters, status, body, request_id FROM idempotency WHERE key = ?"
    row = tx.sql(query, (key,)).fetchone()
    if row is None:
        return None
    if row[0] != endpoint:
        raise key_reused(key, f"for the same endpoint ('{row[0]}')")
    if row[1] != _digest(params):
        raise key_reused(key, "with the same parameters")
    return Kept(status=row[2], body=row[3], request_id=row[4])


def keep(tx: Tx, key: str, endpoint: str, params: Object, answer: Kept) -> None:
    """Keep the answer of a request that was executed, a 500 too."""
    tx.sql(
        "INSERT INTO idempotency (key, endpoint, parameters, status, body, created, request_id) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (key, endpoint, _digest(params), answer.status, answer.body, tx.now, answer.request_id),
    )


def _digest(params: Object) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()
