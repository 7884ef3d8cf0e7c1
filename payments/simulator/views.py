"""How stored objects leave the simulator: private keys removed, references expanded on request."""

from __future__ import annotations

from typing import Any

from payments.simulator.catalogue import words
from payments.simulator.errors import invalid
from payments.simulator.store import Object, Tx

# Which references Stripe lets a caller expand (docs.stripe.com/api/expanding_objects), and to what.
EXPANDABLE: dict[str, dict[str, str]] = {
    "checkout.session": {"payment_intent": "payment_intent", "line_items": "list"},
    "payment_intent": {"latest_charge": "charge"},
    "charge": {
        "payment_intent": "payment_intent",
        "refunds": "list",
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
    },
    "refund": {
        "charge": "charge",
        "payment_intent": "payment_intent",
        "balance_transaction": "balance_transaction",
        "failure_balance_transaction": "balance_transaction",
    },
    "dispute": {"charge": "charge", "payment_intent": "payment_intent"},
    "balance_transaction": {},
    "event": {},
    "item": {},
    "account": {},
    "webhook_endpoint": {},
    "balance": {},
}
_ALWAYS_NULL = words(
    """
    application application_fee customer invoice on_behalf_of payment_link payment_method review setup_intent
    source_transfer source_transfer_reversal subscription transfer transfer_reversal
    """
)
DEEPEST = 4


def check_expand(kind: str, paths: list[str], *, in_list: bool = False) -> list[list[str]]:
    """Refuse what Stripe can't expand; the paths split, the `data.` of a list removed."""
    return [_checked(kind, path, in_list) for path in paths]


def _checked(kind: str, path: str, in_list: bool) -> list[str]:
    parts = path.split(".")
    if len(parts) > DEEPEST:
        raise invalid(f"You cannot expand more than {DEEPEST} levels of a property. Property: {path}", param="expand")
    if in_list:
        if parts[0] != "data" or len(parts) < 2:
            raise _cannot_expand(path)
        parts = parts[1:]
    _walk(kind, parts, path)
    return parts


def _walk(kind: str, parts: list[str], path: str) -> None:
    for index, part in enumerate(parts):
        target = EXPANDABLE[kind].get(part)
        if target is None:
            if part in _ALWAYS_NULL and index == len(parts) - 1:
                return
            raise _cannot_expand(path)
        if target == "list":
            _walk_list(kind, parts[index + 1 :], path)
            return
        kind = target


def _walk_list(kind: str, rest: list[str], path: str) -> None:
    if not rest:
        return
    if rest[0] != "data":
        raise _cannot_expand(path)
    _walk("refund" if kind == "charge" else "item", rest[1:], path)


def _cannot_expand(path: str) -> Exception:
    return invalid(f"This property cannot be expanded ({path}).", param="expand")


def public(tx: Tx, item: Object, expand: list[list[str]] | None = None) -> Object:
    """The object as Stripe would send it."""
    shown = {key: value for key, value in item.items() if not key.startswith("_")}
    if item["object"] == "checkout.session" and item["status"] == "open":
        shown["url"] = f"{tx.base_url}/pay/{item['id']}"
    if item["object"] == "event":
        shown["pending_webhooks"] = pending_webhooks(tx, item["id"])
    for path in expand or []:
        _expand(tx, item, shown, path)
    return shown


def pending_webhooks(tx: Tx, event_id: str) -> int:
    """How many deliveries of an event have not succeeded yet."""
    query = (
        "SELECT COUNT(*) FROM deliveries WHERE event = ? AND state IN ('pending', 'waiting', 'held') "
        "AND forgery IS NULL"
    )
    return int(tx.sql(query, (event_id,)).fetchone()[0])


def _expand(tx: Tx, item: Object, shown: Object, path: list[str]) -> None:
    name, rest = path[0], path[1:]
    target = EXPANDABLE[item["object"]].get(name)
    if target == "list":
        _expand_list(tx, item, shown, name, rest)
    elif target is not None and item.get(name) is not None:
        referred = tx.take(target, item[name])
        base = shown[name] if isinstance(shown[name], dict) else public(tx, referred)
        shown[name] = base
        if rest:
            _expand(tx, referred, base, rest)


def _expand_list(tx: Tx, item: Object, shown: Object, name: str, rest: list[str]) -> None:
    members = item["_items"] if name == "line_items" else refunds_of(tx, item)
    if not isinstance(shown.get(name), dict):
        shown[name] = sublist(tx, members, _list_url(item))
    for member, row in zip(members, shown[name]["data"], strict=False):
        if len(rest) > 1:
            _expand(tx, member, row, rest[1:])


def _list_url(item: Object) -> str:
    if item["object"] == "charge":
        return f"/v1/charges/{item['id']}/refunds"
    return f"/v1/checkout/sessions/{item['id']}/line_items"


def refunds_of(tx: Tx, charge: Object) -> list[Object]:
    """Refunds of a charge, newest first."""
    return tx.find("refund", "payment_intent = ? AND charge = ?", (charge["payment_intent"], charge["id"]))


def sublist(tx: Tx, members: list[Object], url: str) -> dict[str, Any]:
    """A list inside an object: at most ten, as at Stripe."""
    shown = [public(tx, member) for member in members[:10]]
    return {"object": "list", "data": shown, "has_more": len(members) > 10, "url": url}
