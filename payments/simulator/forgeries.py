"""Deliveries that Stripe would never make, for the receiver to refuse (docs.stripe.com/webhooks/signature)."""

from __future__ import annotations

import json
from collections.abc import Callable

Forged = tuple[bytes, str | None]
Sign = Callable[[bytes, int], str]

HOURS_OFF = 3600
LARGE = 300 * 1024


def forged(kind: str, payload: bytes, sign: Sign, moment: int) -> Forged:
    """The body and the Stripe-Signature header (None: no header) of a delivery that is wrong in one way."""
    return FORGERIES[kind](payload, sign, moment)


def _wrong_secret(payload: bytes, sign: Sign, moment: int) -> Forged:
    stamp, _, mark = sign(payload, moment).partition(",v1=")
    turned = mark.partition(",")[0][::-1]
    return payload, f"{stamp},v1={turned}"


def _unsigned(payload: bytes, sign: Sign, moment: int) -> Forged:
    return payload, None


def _stale(payload: bytes, sign: Sign, moment: int) -> Forged:
    return payload, sign(payload, moment - HOURS_OFF)


def _future(payload: bytes, sign: Sign, moment: int) -> Forged:
    return payload, sign(payload, moment + HOURS_OFF)


def _tampered(payload: bytes, sign: Sign, moment: int) -> Forged:
    """Changed on its way."""
    return payload.replace(b'"livemode": false', b'"livemode":  false'), sign(payload, moment)


def _changed(**fields: object) -> Callable[[bytes, Sign, int], Forged]:
    """Signed rightly, but not an event for this receiver."""

    def change(payload: bytes, sign: Sign, moment: int) -> Forged:
        body = json.dumps({**json.loads(payload), **fields}).encode()
        return body, sign(body, moment)

    return change


def _replaced(body: bytes) -> Callable[[bytes, Sign, int], Forged]:
    """Signed rightly, but no event at all."""
    return lambda payload, sign, moment: (body, sign(body, moment))


FORGERIES: dict[str, Callable[[bytes, Sign, int], Forged]] = {
    "wrong_secret": _wrong_secret,
    "unsigned": _unsigned,
    "stale": _stale,
    "future": _future,
    "tampered": _tampered,
    "other_account": _changed(account="acct_1SomebodyElse00"),
    "livemode": _changed(livemode=True),
    "not_an_event": _replaced(b'{"id": "re_1", "object": "refund"}'),
    "not_json": _replaced(b"not json"),
    "too_large": _changed(padding="x" * LARGE),
}
