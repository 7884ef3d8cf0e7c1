"""Odd deliveries to Stripe's address: bodies and headers that are nearly right, and such that nobody would send."""

import hashlib
import hmac
import http.client
import json
import os
import time
from typing import Any, Final
from urllib.parse import urlsplit

from hypothesis import strategies as st

from payments.webhooks import HANDLED
from tests.fuzz.odd import SECONDS

HOOK: Final = "/api/public/hotel/room-bookings/stripe-webhook/"
TABLE: Final = "payments_stripewebhookevent"
TAKEN: Final = 200
# What goes over the wire in a header: no control characters.
HEADER: Final = st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_characters="\x7f"), max_size=80)
ODD: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["\0", "\ud800", "x" * 3000, 10**400, -1, "evt_1", "pi_", "ikg_"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


def body(intents: list[str]) -> st.SearchStrategy[bytes]:
    """Return bodies: most of them events in which one thing or another is odd."""
    return st.one_of(*[event(intents).map(encoded)] * 5, ODD.map(encoded), st.binary(max_size=200), DEEP)


DEEP: Final = st.integers(1, 5000).map(lambda depth: b"[" * depth) | st.just(b'{"id": "' + b"x" * 300_000 + b'"}')


def event(intents: list[str]) -> st.SearchStrategy[Any]:
    """Return events about payments that are there and others; up to three fields are odd or missing."""
    names = st.sampled_from([*sorted(HANDLED), "customer.created", "x" * 81, ""])
    thing = st.fixed_dictionaries(
        {"id": st.sampled_from([*intents, "pi_unknown"]), "object": st.just("payment_intent")},
        optional={
            "payment_intent": st.sampled_from(intents) | ODD,
            # Anything but names and values ends on the worklist with its traceback, as it has to.
            "metadata": st.dictionaries(st.sampled_from(["payment", "booking", "operation"]), ODD, max_size=3),
            "amount": ODD,
            "latest_charge": ODD,
            "status": ODD,
        },
    )
    whole = st.fixed_dictionaries(
        {
            "id": st.uuids().map(lambda key: f"evt_{key.hex}") | st.just("evt_again"),
            "object": st.just("event"),
            "api_version": st.just("2026-10-28"),
            "created": st.just(int(time.time())),
            "livemode": st.just(False),
            "type": names,
            "data": st.fixed_dictionaries({"object": thing}),
            "request": st.just({"id": None, "idempotency_key": None}) | ODD,
        }
    )
    changes = st.dictionaries(
        st.sampled_from(["id", "object", "created", "livemode", "type", "data", "request", "account", "context"]),
        ODD,
        max_size=3,
    )
    return st.tuples(whole, st.none() | changes).map(lambda both: {**both[0], **(both[1] or {})})


def encoded(value: Any) -> bytes:
    """Return a value as JSON, with whatever Python writes that is none."""
    return json.dumps(value).encode()


# How a delivery is signed: rightly mostly, so that it gets past the door.
SIGNED: Final = st.sampled_from(["right"] * 7 + ["old", "future", "wrong", "none"]) | HEADER


def header_of(said: bytes, how: str) -> str | None:
    """Return the signature that is asked for; None for none, and any other text as it is."""
    moment = int(time.time()) + {"old": -86_400, "future": 86_400}.get(how, 0)
    if how == "none":
        return None
    if how not in ("right", "old", "future", "wrong"):
        return how
    secret = "whsec_else" if how == "wrong" else os.environ["STRIPE_WEBHOOK_SECRET"]
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + said, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def deliver(url: str, said: bytes, how: str, kind: str) -> int:
    """Send one delivery; return the status."""
    headers = {"Content-Type": kind, **({} if (sign := header_of(said, how)) is None else {"Stripe-Signature": sign})}
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=SECONDS)
    try:
        connection.request("POST", HOOK, said, headers)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
