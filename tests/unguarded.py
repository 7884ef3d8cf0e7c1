"""The triggers that keep history, out of the way: for tests that begin anew, and for those that tamper."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.db import connection, connections

from trail import erasing, guards


def let_tables_be_emptied() -> None:
    """Let this process, or this test database, forget its history: each test begins without any."""
    if connection.vendor == "sqlite":
        wrapper: Any = type(connections["default"])
        wrapper.emptying = True
    else:
        alter("DISABLE", "TRUNCATE", "DELETE")


@contextmanager
def unguarded() -> Iterator[None]:
    """Let a block write whatever it likes, as the owner of a database can."""
    if connection.vendor == "sqlite":
        guards.fall(connection)
    else:
        alter("DISABLE", "UPDATE")
    try:
        yield
    finally:
        if connection.vendor == "sqlite":
            guards.stand(connection, apps)
        else:
            alter("ENABLE", "UPDATE")


@contextmanager
def rewriting() -> Iterator[None]:
    """Let a block change values in history rows, for a test of what people see when time has passed."""
    with erasing.erasing("default"):
        yield


def alter(how: str, *operations: str) -> None:
    """Switch triggers on PostgreSQL on or off."""
    tables: Any = guards.guarded(apps)
    names = [(table, f"innkeep_{each.lower()}_{table.name}"[:63]) for table in tables for each in operations]
    with connection.cursor() as cursor:
        # No table can be altered while keys that point at it are still to be checked.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(";".join(f'ALTER TABLE "{table.name}" {how} TRIGGER "{name}"' for table, name in names))
