"""The webhook endpoint as Stripe lists it (docs.stripe.com/api/webhook_endpoints/list): the one of the settings."""

from __future__ import annotations

import hashlib

from payments.simulator.errors import no_such
from payments.simulator.listing import Page
from payments.simulator.store import Object, Tx

EVERY = "*"


def listed(tx: Tx, params: Object, identifier: str) -> Page:
    """The endpoint, if there is one. It is the only one, so nothing comes before or after it."""
    found = endpoint(tx)
    for name in ("starting_after", "ending_before"):
        if name in params:
            if found is None or params[name] != found["id"]:
                raise no_such("webhook endpoint", params[name], name, in_path=False)
            return Page([], has_more=False)
    return Page([found] if found else [], has_more=False)


def endpoint(tx: Tx) -> Object | None:
    """The endpoint that gets the events, as an object of the API; its secret is told only when it is made."""
    kept = tx.setting("webhook", None) or {}
    if not kept.get("url"):
        return None
    return {
        "id": f"we_1{hashlib.sha256(kept['url'].encode()).hexdigest()[:23]}",
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": kept.get("created", tx.now),
        "description": None,
        "enabled_events": kept.get("enabled_events", [EVERY]),
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": kept["url"],
    }


def wants(tx: Tx, kind: str) -> bool:
    """Whether the endpoint is there and gets events of a kind."""
    found = endpoint(tx)
    return found is not None and (EVERY in found["enabled_events"] or kind in found["enabled_events"])
