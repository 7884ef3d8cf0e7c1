"""The control API under /_sim/: how tests and the demo move the clock, break things and look inside.

JSON in, JSON out. README.md beside this file lists every address.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from typing import Any

from payments.simulator import faults, people, summary
from payments.simulator.catalogue import words
from payments.simulator.errors import StripeRefusal
from payments.simulator.events import add_delivery, form_lane
from payments.simulator.forgeries import FORGERIES
from payments.simulator.people import Command, Given
from payments.simulator.store import Store, Tx
from payments.simulator.sweep import sweep
from payments.simulator.wire import Reply, Request, as_json


class Control:
    """Runs one command per request, in one transaction."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def answer(self, request: Request) -> Reply:
        """200 with the result, 400 with what is wrong, 404 for an unknown address."""
        try:
            given = _given(request)
            command, identifier = _find(request.method, request.path)
            if command is _reset:
                self.store.clear()
                return as_json({"reset": True})
            with self.store.transaction() as tx:
                sweep(tx)
                return as_json(command(tx, given, identifier))
        except (ValueError, KeyError, TypeError, re.error) as error:
            return as_json({"error": f"{type(error).__name__}: {error}"}, 400)
        except LookupError as error:
            return as_json({"error": str(error)}, 404)
        except StripeRefusal as refusal:
            return as_json(refusal.body("none"), refusal.status)


def _given(request: Request) -> Given:
    """A body must be declared as JSON: browsers then refuse to send it from another site's page."""
    query = {name: request.query_value(name) for name in ("path", "since", "method") if request.query_value(name)}
    if not request.body:
        return query
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise ValueError("send JSON with Content-Type: application/json")
    body = json.loads(request.text)
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return {**query, **body}


def _find(method: str, path: str) -> tuple[Command, str]:
    for wanted, pattern, command in COMMANDS:
        match = re.fullmatch("/_sim/" + pattern, path)
        if match and wanted == method:
            return command, (match.groups() or ("",))[0]
    raise LookupError(f"no such control: {method} {path}")


_REQUEST_COLUMNS = words("id at method path params idempotency_key status replayed fault request_id")
_REQUESTS = (
    "SELECT id, at, method, path, params, idempotency_key, status, replayed, fault, request_id FROM requests "
    "WHERE id > ? AND instr(path, ?) AND method GLOB ? ORDER BY id"
)


def _requests(tx: Tx, given: Given, _: str) -> Any:
    """`path` is a part of the path; `since` an id that was seen."""
    rows = tx.sql(_REQUESTS, (int(given.get("since", 0)), given.get("path", "/"), given.get("method", "*")))
    return [_request(dict(zip(_REQUEST_COLUMNS, row, strict=True))) for row in rows]


def _request(row: Given) -> Given:
    return {**row, "params": json.loads(row["params"]), "replayed": bool(row["replayed"])}


def _forget_requests(tx: Tx, given: Given, _: str) -> Any:
    return {"forgotten": tx.sql("DELETE FROM requests").rowcount}


def _plan_fault(tx: Tx, given: Given, _: str) -> Any:
    return {"id": faults.plan(tx, given)}


def _faults(tx: Tx, given: Given, _: str) -> Any:
    return faults.planned(tx)


def _clear_faults(tx: Tx, given: Given, _: str) -> Any:
    faults.clear(tx)
    return []


def _clock(tx: Tx, given: Given, _: str) -> Any:
    return {"now": tx.now, "offset": tx.setting("clock_offset", 0)}


def _move_clock(tx: Tx, given: Given, _: str) -> Any:
    """What falls due by the jump happens before the answer."""
    offset = tx.setting("clock_offset", 0)
    if "set" in given:
        offset = int(given["set"]) - int(time.time())
    tx.configure("clock_offset", offset + int(given.get("advance", 0)))
    moved = Tx(tx.connection, tx.base_url, tx.caller)
    done = sweep(moved)
    tx.queued = tx.queued or moved.queued
    return {"now": moved.now, "offset": moved.setting("clock_offset", 0), "done": done}


_DELIVERY_COLUMNS = words("id event type state attempts next_at lane answer error forgery")


def _deliveries(tx: Tx, given: Given, _: str) -> Any:
    rows = tx.sql(
        "SELECT d.id, d.event, o.status, d.state, d.attempts, d.next_at, d.lane, d.answer, d.error, d.forgery "
        "FROM deliveries d JOIN objects o ON o.id = d.event ORDER BY d.id"
    )
    return [dict(zip(_DELIVERY_COLUMNS, row, strict=True)) for row in rows]


def _delivery_mode(tx: Tx, given: Given, _: str) -> Any:
    mode = given.get("mode", tx.setting("delivery_mode", "normal"))
    if mode not in ("normal", "hold", "drop"):
        raise ValueError("mode must be normal, hold or drop")
    tx.configure("delivery_mode", mode)
    tx.configure("delivery_delay", float(given.get("delay", tx.setting("delivery_delay", 0))))
    return {"mode": mode, "delay": tx.setting("delivery_delay", 0)}


def _release(tx: Tx, given: Given, _: str) -> Any:
    """Held deliveries go out one at a time in the chosen order."""
    held = [row[0] for row in tx.sql("SELECT id FROM deliveries WHERE state = 'held' ORDER BY id")]
    order = given.get("order", "fifo")
    if order not in ("fifo", "reverse", "shuffle"):
        raise ValueError("order must be fifo, reverse or shuffle")
    if order == "reverse":
        held.reverse()
    if order == "shuffle":
        held.sort(key=lambda delivery: hashlib.sha256(f"{given.get('seed')}:{delivery}".encode()).digest())
    form_lane(tx, held)
    return {"released": len(held)}


def _redeliver(tx: Tx, given: Given, _: str) -> Any:
    event = people.stored(tx, "event", given["event_id"])
    times = int(given.get("times", 1))
    for _number in range(times):
        add_delivery(tx, event["id"], after=float(given.get("delay", 0)))
    return {"queued": times}


def _forge(tx: Tx, given: Given, _: str) -> Any:
    """Send an event in a way that Stripe never would; once, whatever the receiver answers."""
    event = people.stored(tx, "event", given["event_id"])
    add_delivery(tx, event["id"], forgery=people.one_of("how", given["how"], FORGERIES))
    return {"queued": 1}


def _webhook(tx: Tx, given: Given, _: str) -> Any:
    events = list(given.get("enabled_events", ["*"]))
    kept = {"url": given.get("url"), "secrets": list(given.get("secrets", [])), "enabled_events": events}
    tx.configure("webhook", {**kept, "created": tx.now})
    return tx.setting("webhook", None)


def _currencies(tx: Tx, given: Given, _: str) -> Any:
    """What the account can't charge, and minimum charges that Stripe's table doesn't have."""
    if "unsupported" in given:
        tx.configure("unsupported_currencies", [code.lower() for code in given["unsupported"]])
    if "minimums" in given:
        tx.configure("minimums", {code.lower(): int(least) for code, least in given["minimums"].items()})
    return {"unsupported": tx.setting("unsupported_currencies", []), "minimums": tx.setting("minimums", {})}


SETTINGS: dict[str, type] = {
    "dispute_delay": int,
    "refund_delay": int,
    "reference_delay": int,
    "review_delay": int,
    "expiry_reason": str,
    "void_raises_refunded": bool,
}


def _settings(tx: Tx, given: Given, _: str) -> Any:
    for name, value in given.items():
        if name not in SETTINGS or type(value) is not SETTINGS[name]:
            raise ValueError(f"settings: {', '.join(f'{key} ({kind.__name__})' for key, kind in SETTINGS.items())}")
        tx.configure(name, value)
    return {name: tx.setting(name, None) for name in SETTINGS}


def _reset(tx: Tx, given: Given, _: str) -> Any:
    """Forget everything but the webhook endpoint; `Control.answer` does it outside a transaction."""
    return {}


def _summary(tx: Tx, given: Given, _: str) -> Any:
    return summary.payments(tx)


COMMANDS: tuple[tuple[str, str, Command], ...] = (
    ("GET", "requests", _requests),
    ("DELETE", "requests", _forget_requests),
    ("GET", "faults", _faults),
    ("POST", "faults", _plan_fault),
    ("DELETE", "faults", _clear_faults),
    ("GET", "clock", _clock),
    ("POST", "clock", _move_clock),
    ("GET", "deliveries", _deliveries),
    ("POST", "deliveries", _delivery_mode),
    ("POST", "deliveries/release", _release),
    ("POST", "deliveries/redeliver", _redeliver),
    ("POST", "deliveries/forge", _forge),
    ("POST", "webhook", _webhook),
    ("POST", "currencies", _currencies),
    ("POST", "settings", _settings),
    ("POST", "reset", _reset),
    ("GET", "summary", _summary),
    *people.COMMANDS,
)
