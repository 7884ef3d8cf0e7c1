"""In which chain a history row stands, and which booking it concerns."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps.registry import Apps
from django.db import connections

from trail.declared import SOURCES, history_of
from trail.models import INSTALLATION
from trail.rows import Values, marks

type Rows = Mapping[str, Mapping[int, Values]]
type Place = tuple[int, str]

NOWHERE: Place = (INSTALLATION, "")


class Places:
    """Finds the hotel and the booking behind rows that are written together; asks once for each table."""

    def __init__(self, rows: Rows, apps: Apps, using: str) -> None:
        self.rows, self.apps, self.using = rows, apps, using
        self.known: dict[str, dict[int, Place]] = {}
        self.seen: dict[str, list[Any]] = {}
        # The hotel's own rows first, then what hangs on them.
        for label in ("bookings.booking", "payments.payment", "cancellations.cancellationpolicy"):
            self.known[label] = self.found(label, self.wanted(label))

    def of(self, label: str, row: Values) -> Place:
        """Return the chain of a row, and the reference of the booking that it concerns."""
        source = SOURCES[label]
        key = row.get(source.via) if source.via else None
        if key is None:
            return NOWHERE
        if source.parent:
            return self.known[source.parent].get(key, NOWHERE)
        return key, row.get("booking_id") or row.get("reference", "")

    def wanted(self, parent: str) -> set[int]:
        """Return the keys of the parents that rows lead to, through another parent's row or directly."""
        children = [label for label, source in SOURCES.items() if source.parent == parent]
        rows = [(label, row) for label in children for row in self.rows.get(label, {}).values()]
        found = {row[SOURCES[label].via] for label, row in rows}
        if parent == "bookings.booking":
            found |= {row["booking_id"] for row in self.parents("payments.payment", self.wanted("payments.payment"))}
        return found - {None}

    def parents(self, label: str, keys: set[int]) -> Iterable[Any]:
        """Return the last row about each of some objects: of those in hand, else of what was written before."""
        if label not in self.seen:
            own = {row["id"]: row for row in self.rows.get(label, {}).values() if row["id"] in keys}
            missing = keys - set(own)
            self.seen[label] = [*own.values(), *(self.stored(label, missing) if missing else ())]
        return self.seen[label]

    def stored(self, label: str, keys: set[int]) -> Iterable[Any]:
        """Return what the tables say about some objects: the rows themselves, else the last of their histories."""
        source = SOURCES[label]
        columns = ["id", source.via, *(["booking_id"] if label == "bookings.booking" else ())]
        live = self.live(self.apps.get_model(label)._meta.db_table, columns, keys)
        gone = keys - {row["id"] for row in live}
        if not gone:
            return live
        history = history_of(label, self.apps)._base_manager.using(self.using).filter(id__in=gone)
        # The later of two rows about the same object comes last, and wins.
        return [*live, *history.order_by("history_id").values(*columns)]

    def live(self, table: str, columns: list[str], keys: set[int]) -> list[Values]:
        """Return rows that are there. In plain SQL, as every commit does this."""
        # no history: reads where rows belong
        with connections[self.using].cursor() as cursor:
            sql = f"SELECT {', '.join(columns)} FROM {table} WHERE id IN ({marks(keys)})"  # noqa: S608
            # no history: reads where rows belong
            cursor.execute(sql, list(keys))
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    def found(self, label: str, keys: set[int]) -> dict[int, Place]:
        """Return where some objects belong."""
        return {row["id"]: self.of(label, row) for row in self.parents(label, keys)} if keys else {}
