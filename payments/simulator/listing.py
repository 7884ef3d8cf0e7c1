"""Lists: filters, newest first, cursors (docs.stripe.com/api/pagination)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from payments.simulator.errors import invalid, no_such
from payments.simulator.store import Object, Tx

_RANGE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_COLUMNS = ("payment_intent", "charge", "status")
DEFAULT_LIMIT = 10
EVENTS_KEPT = 30 * 24 * 3600


@dataclass
class Query:
    """Conditions on the objects table."""

    clauses: list[str] = field(default_factory=list)
    arguments: list[Any] = field(default_factory=list)

    def add(self, clause: str, *arguments: Any) -> None:
        """Another condition that must hold."""
        self.clauses.append(clause)
        self.arguments += arguments


@dataclass(frozen=True)
class Page:
    """One page of a list."""

    items: list[Object]
    has_more: bool


def page(tx: Tx, kind: str, params: Object, query: Query | None = None) -> Page:
    """The objects of `kind` that match `params`; one row too many tells that there are more."""
    query = query or Query()
    _filter(query, params)
    backwards = _cursor(tx, kind, params, query)
    limit = params.get("limit", DEFAULT_LIMIT)
    where = " AND ".join(["kind = ?", *query.clauses])
    order = "ASC" if backwards else "DESC"
    parts = ["SELECT id FROM objects WHERE", where, "ORDER BY seq", order, "LIMIT ?"]
    rows = tx.sql(" ".join(parts), (kind, *query.arguments, limit + 1)).fetchall()
    items = [tx.take(kind, row[0]) for row in rows[:limit]]
    return Page(items[::-1] if backwards else items, has_more=len(rows) > limit)


def _filter(query: Query, params: Object) -> None:
    for column in _COLUMNS:
        if column in params:
            query.add(f"{column} = ?", params[column])
    created = params.get("created")
    if isinstance(created, int):
        query.add("created = ?", created)
    elif created:
        for name, moment in created.items():
            query.add(f"created {_RANGE[name]} ?", moment)


def _cursor(tx: Tx, kind: str, params: Object, query: Query) -> bool:
    """Adds the cursor's condition; True when the page is the one before it."""
    if "starting_after" in params and "ending_before" in params:
        message = "Received both starting_after and ending_before parameters. Please pass in only one."
        raise invalid(message, code="parameters_exclusive")
    for name, comparison in (("starting_after", "<"), ("ending_before", ">")):
        if name in params:
            query.add(f"seq {comparison} ?", _position(tx, kind, params[name], name))
    return "ending_before" in params


def _position(tx: Tx, kind: str, identifier: str, name: str) -> int:
    row = tx.sql("SELECT seq FROM objects WHERE id = ? AND kind = ?", (identifier, kind)).fetchone()
    if row is None:
        raise no_such(kind.replace("checkout.", "checkout "), identifier, name, in_path=False)
    return int(row[0])


def never(params: Object, *names: str) -> Query:
    """No object of the simulator has a customer, a payment link and the like: such a filter finds nothing."""
    query = Query()
    if any(name in params for name in names):
        query.add("0")
    return query


def events(tx: Tx, params: Object) -> Page:
    """GET /v1/events: `type` may end in a wildcard, as in `charge.*`; 30 days back (docs.stripe.com/api/events)."""
    if "type" in params and "types" in params:
        raise invalid("You may pass only one of these parameters: type, types.", code="parameters_exclusive")
    query = Query()
    query.add("created > ?", tx.now - EVENTS_KEPT)
    if "type" in params:
        query.add("status GLOB ?", params["type"])
    if "types" in params:
        query.add(f"status IN ({', '.join('?' * len(params['types']))})", *params["types"])
    if "delivery_success" in params:
        undelivered = "SELECT event FROM deliveries WHERE state != 'succeeded' AND forgery IS NULL"
        query.add(f"id {'NOT IN' if params['delivery_success'] else 'IN'} ({undelivered})")
    return page(tx, "event", params, query)
