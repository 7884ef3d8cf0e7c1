"""Triggers that keep history as it was written, on both databases.

History rows are inserted, and changed only while a guest is erased; entries and what belongs to them are inserted and
nothing else; chains grow. After every migration each table gets its triggers again: a new one has none, and SQLite
makes a changed one anew.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.apps import apps as running
from django.apps.registry import Apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder

from trail import guards_postgresql, guards_sqlite, writing
from trail.declared import ERASURES, sources
from trail.guards_rules import Guarded, Rule

# Tables of the trail itself, by what may be done to their rows.
OWN: Final = {
    "trail.Chain": Rule.GROWS,
    "trail.Entry": Rule.STAYS,
    "trail.Salt": Rule.ERASABLE,
    "trail.Shape": Rule.STAYS,
    "trail.Dropped": Rule.STAYS,
    "trail.SignedHeads": Rule.STAYS,
    "trail.Erasure": Rule.STAYS,
}


def guarded(apps: Apps) -> Iterable[Guarded]:
    """Return every table that is guarded, with its rule."""
    for label, source in sources(apps).items():
        if label != ERASURES:
            yield guarded_table(apps.get_model(source.history), Rule.HISTORY)
        for table, _column in source.lists.values():
            yield guarded_table(apps.get_model(table), Rule.STAYS)
    for name, rule in OWN.items():
        yield guarded_table(apps.get_model(name), rule)


def guarded_table(model: Any, rule: Rule) -> Guarded:
    """Return a table with what identifies its rows."""
    names = [model._meta.pk.name, *(each.fields for each in model._meta.constraints if hasattr(each, "fields"))]
    keys = [[name] if isinstance(name, str) else list(name) for name in names]
    columns = [tuple(model._meta.get_field(name).column for name in key) for key in keys]
    return Guarded(model._meta.db_table, rule, tuple(columns))


def stand(connection: BaseDatabaseWrapper, apps: Apps) -> None:
    """Make the triggers that are not there."""
    dialect: Any = guards_sqlite if connection.vendor == "sqlite" else guards_postgresql
    # no history: triggers and shapes, which have none
    with connection.cursor() as cursor:
        there = dialect.existing(cursor)
        for statement in (each for table in guarded(apps) for each in dialect.statements(table, there)):
            # no history: triggers and shapes, which have none
            cursor.execute(statement)


def fall(connection: BaseDatabaseWrapper) -> None:
    """Take all triggers away: a migration back to where there were none."""
    dialect: Any = guards_sqlite if connection.vendor == "sqlite" else guards_postgresql
    # no history: triggers and shapes, which have none
    with connection.cursor() as cursor:
        for statement in dialect.removal(dialect.existing(cursor)):
            # no history: triggers and shapes, which have none
            cursor.execute(statement)


def after_migrate(using: str, apps: Apps = running, **_: Any) -> None:
    """Called by Django after each `migrate` and `flush`: note the shapes of the tables, and guard them."""
    if not MigrationRecorder(connections[using]).migration_qs.filter(app="trail", name__endswith="_begin").exists():
        return  # a time before the trail, or on the way there
    note_shapes(apps, using)
    stand(connections[using], apps)


def note_shapes(apps: Apps, using: str) -> None:
    """Write down which columns the histories have now."""
    shapes = apps.get_model("trail.Shape")._base_manager.using(using)
    known = set(shapes.values_list("pk", flat=True))
    # no history: triggers and shapes, which have none
    shapes.bulk_create([each for each in writing.shapes(apps) if each.pk not in known], ignore_conflicts=True)
