"""History rows as they are in the database, plain: what is hashed when they are written, and when verified."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.apps.registry import Apps
from django.db import connections
from django.db.models import Model

from trail import canonical
from trail.backends import pending
from trail.declared import SOURCES, history_of

type Values = dict[str, Any]

# What a history row says beside the values of its object.
BESIDE: Final = frozenset(
    {
        *("history_id", "history_date", "history_type", "history_user", "history_change_reason"),
        *("actor_kind", "transition", "ip", "user_agent", "request_id"),
    }
)


class Select:
    """How the rows of one history are asked for over one connection.

    Django works out the same statement anew for each query, which takes far longer than the database does.
    """

    def __init__(self, model: Any, using: str) -> None:
        self.names = [each.attname for each in model._meta.concrete_fields]
        every = model._base_manager.using(using).order_by().values_list(*self.names)
        self.compiler = every.query.get_compiler(using)
        self.sql, _ = self.compiler.as_sql()
        self.converters = self.compiler.get_converters(column for column, _sql, _alias in self.compiler.select)

    def rows(self, where: str, values: Sequence[int]) -> Iterator[Values]:
        """Yield what a condition finds, each value in its canonical form."""
        # no history: reads what it says
        with self.compiler.connection.cursor() as cursor:
            # no history: reads what it says
            cursor.execute(f"{self.sql} WHERE {where}", values)
            found = cursor.fetchall()
        for row in self.compiler.apply_converters(found, self.converters) if self.converters else found:
            yield {name: canonical.plain(value) for name, value in zip(self.names, row, strict=True)}


def marks(values: Collection[Any]) -> str:
    """Return the place holders of a list of values."""
    return ", ".join(["%s"] * len(values))


@dataclass(frozen=True)
class Table:
    """One history and the apps it is read from: a migration's, or the running ones."""

    label: str
    apps: Apps
    using: str

    @cached_property
    def model(self) -> type[Model]:
        """The history model."""
        model: type[Model] = history_of(self.label, self.apps)
        return model

    @cached_property
    def columns(self) -> list[str]:
        """Its columns, and the lists beside it."""
        own = [each.attname for each in self.model._meta.concrete_fields]
        return sorted([*own, *SOURCES[self.label].lists])

    @cached_property
    def shape(self) -> str:
        """The name of its columns."""
        return shape_of(self.label, self.columns)

    @property
    def select(self) -> Select:
        """How its rows are asked for over this thread's connection."""
        known = pending.prepared(connections[self.using])
        if self.model not in known:
            known[self.model] = Select(self.model, self.using)
        select: Select = known[self.model]
        return select

    def read(self, keys: Collection[int]) -> dict[int, Values]:
        """Return rows by their keys, each value in its canonical form."""
        return self.found(f"history_id IN ({marks(keys)})", list(keys)) if keys else {}

    def found(self, where: str, values: Sequence[int]) -> dict[int, Values]:
        """Return the rows that a condition finds, with their lists, by their keys."""
        found = {row["history_id"]: row for row in self.select.rows(where, values)}
        for name, (table, column) in SOURCES[self.label].lists.items() if found else ():
            self._add_list(found, name, self.apps.get_model(table), column)
        return found

    def _add_list(self, rows: Mapping[int, Values], name: str, model: Any, column: str) -> None:
        for values in rows.values():
            values[name] = []
        found = model._base_manager.using(self.using).filter(history__in=list(rows)).order_by("m2m_history_id")
        for history, *each in found.values_list("history_id", "m2m_history_id", "id", column):
            rows[history][name].append(each)

    def read_with_before(self, keys: Collection[int]) -> tuple[dict[int, Values], dict[int, Values]]:
        """Return rows by their keys and, by object, the last row before the first of them, in one question."""
        table, own = self.model._meta.db_table, marks(keys)
        older = (
            f"SELECT CAST(max(older.history_id) AS bigint) FROM {table} older"  # noqa: S608
            f" JOIN (SELECT id, min(history_id) AS first FROM {table} WHERE history_id IN ({own}) GROUP BY id) own"
            " ON older.id = own.id AND older.history_id < own.first GROUP BY older.id"
        )
        if connections[self.using].vendor == "postgresql":
            # With OR it would read the whole table.
            where = f"history_id = ANY(ARRAY[{own}]::bigint[] || ARRAY({older}))"
        else:
            where = f"history_id IN ({own}) OR history_id IN ({older})"
        found = self.found(where, [*keys, *keys])
        rows = {key: found.pop(key) for key in keys if key in found}
        return rows, {values["id"]: values for values in found.values()}

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of the fields that hold an object's own values, by column."""
        every = {each.attname: each.name for each in self.model._meta.concrete_fields if each.name not in BESIDE}
        return {**every, **{name: name for name in SOURCES[self.label].lists}}


def changed_fields(table: Table, rows: Mapping[int, Values], before: Mapping[int, Values]) -> dict[int, str]:
    """Return for each row the fields that differ from its object's row before, as " refund_amount status "."""
    last, names = dict(before), table.names
    found = {}
    for key in sorted(rows):
        row = rows[key]
        differing = sorted(differences(last.get(row["id"]), row, names))
        found[key] = f" {' '.join(differing)} " if differing else ""
        last[row["id"]] = row
    return found


def differences(before: Values | None, row: Values, names: Mapping[str, str]) -> Iterable[str]:
    """Return the names of the fields in which a row differs from the one before; none for an object's first row."""
    if before is None or row["history_type"] == "+":
        return []
    return [name for column, name in names.items() if told(before[column]) != told(row[column])]


def told(value: Any) -> Any:
    """Return a value without the keys of the rows that it is listed in."""
    is_list = isinstance(value, list) and bool(value) and isinstance(value[0], list)
    return sorted(each[-1] for each in value) if is_list else value


def shape_of(label: str, columns: Iterable[str]) -> str:
    """Return the name of a set of columns."""
    return hashlib.sha256(canonical.encoded([label, sorted(columns)])).hexdigest()[:16]


def by_label(keys: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    """Sort keys of rows by the history they are in."""
    found: dict[str, list[int]] = defaultdict(list)
    for label, key in keys:
        found[label].append(key)
    return found
