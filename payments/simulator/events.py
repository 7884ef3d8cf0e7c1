"""Events and their deliveries, written with what they tell (docs.stripe.com/api/events)."""

from __future__ import annotations

import time
from typing import Any

from payments.simulator.catalogue import EVENT_KINDS
from payments.simulator.hooks import wants
from payments.simulator.objects import API_VERSION
from payments.simulator.store import Object, Tx, new_id
from payments.simulator.views import public


def emit(tx: Tx, kind: str, item: Object, before: Object | None = None) -> Object:
    """Record that `kind` happened to `item`, which was `before` (for previous_attributes)."""
    if kind not in EVENT_KINDS:
        raise LookupError(f"{kind} is missing in the catalogue of events")
    snapshot = public(tx, item)
    data: dict[str, Any] = {"object": snapshot}
    if before is not None:
        data["previous_attributes"] = _changes(before, snapshot)
    event = {
        "id": new_id("evt_3" if item["object"] in ("charge", "payment_intent", "refund") else "evt_1", 23),
        "object": "event",
        "api_version": API_VERSION,
        "created": tx.now,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": tx.caller.request_id, "idempotency_key": tx.caller.idempotency_key},
        "type": kind,
        "_about": item["id"],
    }
    tx.save(event)
    if wants(tx, kind):
        _queue(tx, event["id"])
    return event


def _changes(before: Object, after: Object) -> Object:
    return {key: value for key, value in before.items() if after.get(key) != value}


def _queue(tx: Tx, event_id: str) -> None:
    """Mode "hold" keeps the delivery back, "drop" loses it as an outage would."""
    mode = tx.setting("delivery_mode", "normal")
    state = {"normal": "pending", "hold": "held", "drop": "dropped"}[mode]
    add_delivery(tx, event_id, state=state, after=float(tx.setting("delivery_delay", 0)))


def add_delivery(
    tx: Tx, event_id: str, *, state: str = "pending", after: float = 0, forgery: str | None = None
) -> None:
    """Queue a delivery `after` real seconds; a forged one is sent once."""
    tx.sql(
        "INSERT INTO deliveries (event, state, attempts, next_at, forgery) VALUES (?, ?, 0, ?, ?)",
        (event_id, state, time.time() + after, forgery),
    )
    tx.queued = True


def form_lane(tx: Tx, deliveries: list[int]) -> None:
    """Send held deliveries one at a time, in this order: each waits for a try of the one before."""
    lane = new_id("lane_", 8)
    for place, delivery in enumerate(deliveries):
        change = "UPDATE deliveries SET state = 'waiting', lane = ?, next_at = ? WHERE id = ?"
        tx.sql(change, (lane, place, delivery))
    start_lane(tx, lane)


def start_lane(tx: Tx, lane: str) -> None:
    """Let the next delivery of a lane go."""
    tx.sql(
        "UPDATE deliveries SET state = 'pending', next_at = ? WHERE id = "
        "(SELECT id FROM deliveries WHERE lane = ? AND state = 'waiting' ORDER BY next_at LIMIT 1)",
        (time.time(), lane),
    )
    tx.queued = True
