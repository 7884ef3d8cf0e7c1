"""Faults on demand: the next requests that match go wrong in a chosen way."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from payments.simulator.store import Tx

KINDS = {
    "error_500": "answer 500 without acting; kept under the idempotency key, as at Stripe",
    "error_500_after": "act, then answer 500; kept under the idempotency key",
    "error_429": "answer 429 without acting; not kept",
    "error_409": "answer 409 idempotency_key_in_use without acting; not kept",
    "refused": "answer 400 balance_insufficient without acting; kept, as at Stripe",
    "slow": "wait `seconds`, then act and answer",
    "slow_after": "act, wait `seconds`, then answer",
    "drop_before": "close the connection without acting",
    "drop_after": "act, then close the connection without an answer",
    "malformed": "act, then answer 200 with a body that isn't JSON",
}


@dataclass(frozen=True)
class Fault:
    """One fault taken for one request."""

    kind: str
    seconds: float = 0.0
    should_retry: bool | None = None


def plan(tx: Tx, wanted: dict[str, Any]) -> int:
    """Keep a fault for the next `times` matching requests; ValueError says what is wrong with it."""
    if wanted.get("kind") not in KINDS:
        raise ValueError(f"kind must be one of: {', '.join(KINDS)}")
    match = wanted.get("match") or {}
    if set(match) - {"method", "path_regex"}:
        raise ValueError("match knows method and path_regex")
    re.compile(match.get("path_regex", ""))
    body = {
        "kind": wanted["kind"],
        "method": match.get("method"),
        "path_regex": match.get("path_regex", ""),
        "seconds": float(wanted.get("seconds", 0)),
        "should_retry": wanted.get("should_retry"),
        "times": int(wanted.get("times", 1)),
    }
    return int(tx.sql("INSERT INTO faults (body) VALUES (?)", (json.dumps(body),)).lastrowid or 0)


def take(tx: Tx, method: str, path: str) -> Fault | None:
    """The first planned fault that matches, used up by one."""
    for identifier, text in tx.sql("SELECT id, body FROM faults ORDER BY id").fetchall():
        body = json.loads(text)
        if body["method"] in (None, method) and re.search(body["path_regex"], path):
            _use(tx, identifier, body)
            return Fault(body["kind"], body["seconds"], body["should_retry"])
    return None


def _use(tx: Tx, identifier: int, body: dict[str, Any]) -> None:
    body["times"] -= 1
    if body["times"] <= 0:
        tx.sql("DELETE FROM faults WHERE id = ?", (identifier,))
    else:
        tx.sql("UPDATE faults SET body = ? WHERE id = ?", (json.dumps(body), identifier))


def planned(tx: Tx) -> list[dict[str, Any]]:
    """What is still waiting for a request."""
    rows = tx.sql("SELECT id, body FROM faults ORDER BY id").fetchall()
    return [{"id": identifier, **json.loads(body)} for identifier, body in rows]


def clear(tx: Tx) -> None:
    """Forget all planned faults."""
    tx.sql("DELETE FROM faults")
