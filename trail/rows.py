"""History rows as they are in the database, plain: what is hashed when they are written, and when verified."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.apps.registry import Apps
from django.db.models import Max, Model, QuerySet

from trail import canonical
from trail.declared import SOURCES, history_of

type Values = dict[str, Any]

# What a history row says beside the values of its object.
BESIDE: Final = frozenset(
    {
        *("history_id", "history_date", "history_type", "history_user", "history_change_reason"),
        *("actor_kind", "transition", "ip", "user_agent", "request_id"),
    }
)


@dataclass(frozen=True)
class Table:
    """One history and the apps it is read from: a migration's, or the running ones."""

    label: str
    apps: Apps
    using: str

    @property
    def model(self) -> type[Model]:
        """The history model."""
        model: type[Model] = history_of(self.label, self.apps)
        return model

    @property
    def columns(self) -> list[str]:
        """Its columns, and the lists beside it."""
        own = [each.attname for each in self.model._meta.concrete_fields]
        return sorted([*own, *SOURCES[self.label].lists])

    def read(self, keys: Collection[int] | QuerySet[Any]) -> dict[int, Values]:
        """Return rows by their keys, each value in its canonical form."""
        own = [each.attname for each in self.model._meta.concrete_fields]
        rows = self.model._base_manager.using(self.using).filter(history_id__in=keys).values_list(*own)
        found = {}
        for row in rows:
            values = {name: canonical.plain(value) for name, value in zip(own, row, strict=True)}
            found[values["history_id"]] = values
        for name, (table, column) in SOURCES[self.label].lists.items() if found else ():
            self._add_list(found, name, self.apps.get_model(table), column)
        return found

    def _add_list(self, rows: Mapping[int, Values], name: str, model: Any, column: str) -> None:
        for values in rows.values():
            values[name] = []
        found = model._base_manager.using(self.using).filter(history__in=list(rows)).order_by("m2m_history_id")
        for history, *each in found.values_list("history_id", "m2m_history_id", "id", column):
            rows[history][name].append(each)

    def before(self, rows: Mapping[int, Values]) -> dict[int, Values]:
        """Return, by object, the last row before the first of these rows of that object."""
        first: dict[int, int] = {}
        for key in sorted(rows, reverse=True):
            if rows[key]["history_type"] == "+":
                first.pop(rows[key]["id"], None)
            else:
                first[rows[key]["id"]] = key
        if not first:
            return {}
        every = self.model._base_manager.using(self.using)
        older = every.filter(id__in=list(first), history_id__lt=max(first.values())).exclude(
            history_id__in=list(rows)
        )
        keys = older.order_by().values("id").annotate(last=Max("history_id")).values("last")
        return {values["id"]: values for values in self.read(keys).values()}

    def names(self) -> dict[str, str]:
        """The names of the fields that hold an object's own values, by column."""
        every = {each.attname: each.name for each in self.model._meta.concrete_fields if each.name not in BESIDE}
        return {**every, **{name: name for name in SOURCES[self.label].lists}}


def changed_fields(table: Table, rows: Mapping[int, Values]) -> dict[int, str]:
    """Return for each row the fields that differ from its object's row before, as " refund_amount status "."""
    last, names = table.before(rows), table.names()
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
