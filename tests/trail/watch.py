"""Watches every test: what the product writes to a table with history has its history row, and its actor.

Each statement passes a wrapper. An INSERT, UPDATE or DELETE that the product sends (not the test, not a factory) owes
as many history rows as it has touched rows, in a transaction of the product's own; what is still owed when a test
ends fails it. So does a history row that names nobody in a request of somebody who is signed in, and a history row
that is changed anywhere but on the erasure path.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, Final

from django.apps import apps
from django.db import connections
from django.db.backends.signals import connection_created
from simple_history.signals import post_create_historical_record

from bookings.audit import ActorKind, RequestContextMiddleware
from site_config.devtools.history_lint import ALLOWED
from site_config.devtools.product_files import CHECKOUT, FOLDERS

WRITES: Final = ("INSERT", "UPDATE", "DELETE")
TESTS: Final = str(CHECKOUT / "tests")
PRODUCT: Final = tuple(str(CHECKOUT / each) for each in FOLDERS)
# For whom a member of staff's browser also writes: what Stripe shows is Stripe's doing, whoever asked to look, and on
# a guest's page everybody is a guest.
OTHERS: Final = (ActorKind.STRIPE, ActorKind.WORKER, ActorKind.GUEST)

type Place = tuple[str, str, int]


@dataclass
class Watch:
    """What one test still owes, and what it did wrong."""

    owed: dict[str, list[Place]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    depth: int = 0

    def begin(self) -> None:
        """Forget the last test; its own transaction is where everything happens."""
        self.owed, self.wrong = {}, []
        for each in connections.all(initialized_only=True):
            look_at(connection=each)
        self.depth = depth_of(connections["default"])

    def problems(self) -> list[str]:
        """Return what is wrong at the end of a test."""
        missing = [f"{table}: no history row for {place}" for table, places in self.owed.items() for place in places]
        return [*self.wrong, *missing]


WATCH: Final = Watch()


def look_at(*, connection: Any, **_: Any) -> None:
    """Look at every statement of a connection."""
    if noticed not in connection.execute_wrappers:
        connection.execute_wrappers.append(noticed)


def noticed(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    """Let a statement pass, and note what it wrote."""
    result = execute(sql, params, many, context)
    if sql[:6] in WRITES:
        note(sql, context)
    return result


def note(sql: str, context: dict[str, Any]) -> None:
    """Note a write to a table with history, or to its history."""
    # A statement that a test has written by hand may name its table without quotes.
    named = sql.split('"', 2)
    table = named[1] if len(named) > 1 else ""
    pasts = tables()
    if table in pasts:
        owe(table, sql[:6], context["cursor"].rowcount)
    elif table in pasts.values():
        pay(table, sql[:6], context)


@cache
def tables() -> dict[str, str]:
    """Each table with history, and where its history is."""
    models = [model for model in apps.get_models() if hasattr(model, "history") and not hasattr(model, "history_id")]
    return {model._meta.db_table: model.history.model._meta.db_table for model in models}


def owe(table: str, kind: str, rows: int) -> None:
    """Expect a history row for each row that the product has written."""
    place = culprit()
    if place is None or place[:2] in ALLOWED:
        return
    touched = max(rows, 1) if kind == "INSERT" else max(rows, 0)
    WATCH.owed.setdefault(tables()[table], []).extend([place] * touched)


def pay(table: str, kind: str, context: dict[str, Any]) -> None:
    """Take off what a history row stands for; refuse one that is changed, or stands outside of a transaction."""
    place = culprit()
    if place is None or place[:2] in ALLOWED:
        return
    if kind != "INSERT":
        WATCH.wrong.append(f"{table}: history was changed by {place}")
        return
    if WATCH.owed.get(table):
        WATCH.owed[table].pop()
    is_alone = depth_of(context["connection"]) <= WATCH.depth
    if is_alone and request_of() is not None:
        WATCH.wrong.append(f"{table}: {place} writes row and history in two transactions")


def depth_of(connection: Any) -> int:
    """Return how many transactions lie within each other."""
    return len(connection.savepoint_ids) + connection.in_atomic_block


def culprit() -> Place | None:
    """Return the innermost place of the product that a statement comes from; None where a test wrote it."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        path = frame.f_code.co_filename
        if path.startswith(PRODUCT):
            return str(Path(path).relative_to(CHECKOUT)), frame.f_code.co_name, frame.f_lineno
        if path.startswith(TESTS) and path != __file__:
            return None
        frame = frame.f_back
    return None


def named(history_instance: Any, **_: Any) -> None:
    """Whoever is signed in stands in the history of what their requests do."""
    request = request_of()
    if request is None or history_instance.history_user_id is not None:
        return
    person: int | None = request.f_locals["actor"].user_id
    if person is not None and history_instance.actor_kind not in OTHERS:
        WATCH.wrong.append(f"{type(history_instance).__name__}: nobody did it, in a request of user {person}")


def request_of() -> FrameType | None:
    """Return where a request is being answered, if one is."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_code is not RequestContextMiddleware.__call__.__code__:
        frame = frame.f_back
    return frame


def start() -> None:
    """Look at every connection that is ever made."""
    connection_created.connect(look_at, dispatch_uid="tests.trail.watch")
    post_create_historical_record.connect(named, dispatch_uid="tests.trail.watch.named")
