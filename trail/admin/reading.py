"""The history rows behind some entries, and what their values say: a query for each model, however many rows."""

import json
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final

from django.db.models import Exists, Field, Model, OuterRef, QuerySet, Subquery

from bookings import reading
from bookings.admin.history_rows import DECIDED, IN_WORDS, LONGEST, Change, Reader, label, value
from bookings.admin.words import EMPTY
from bookings.audit import ERASED
from bookings.models import Booking, Hotel, User
from cancellations.personal_fields import ERASED_NAME
from trail.admin.scope import Scope
from trail.admin.tracked import TRACKED, history_model
from trail.models import Entry

# What an erasure leaves where something about a guest stood.
LEFT: Final = (None, "", ERASED, ERASED_NAME)


class EntryReader(Reader):
    """Reads values as the History pages do: long ones whole, and erased ones as such."""

    def __init__(
        self, history_model: Any, *, erased: dict[int, frozenset[str]], changed: dict[int, set[str]]
    ) -> None:
        super().__init__(history_model, hotel=None, currency="")
        self.erased, self.changed = erased, changed

    def of(self, hotel: Hotel | None) -> "EntryReader":
        """Return this reader, for rows of a hotel."""
        self.hotel, self.currency = hotel, hotel.currency if hotel else ""
        return self

    def is_erased(self, each: Field, record: Any) -> bool:
        """Whether a value was erased."""
        return each.name in self.erased.get(record.history_id, ()) and value(each, record) in LEFT

    def shown(self, each: Field, record: Any) -> str:
        """Return one value as people read it; the page folds what is long."""
        found = value(each, record)
        if self.is_erased(each, record):
            return ERASED
        if isinstance(found, dict | list) and each.name not in (*IN_WORDS, DECIDED):
            return json.dumps(found, ensure_ascii=False, indent=2)
        is_long = isinstance(found, str) and len(found) > LONGEST
        return str(found) if is_long else super().shown(each, record)

    def changes(self, old: Any, new: Any) -> list[Change]:
        """Return what differs, and what did before it was erased."""
        return [*super().changes(old, new), *self.erased_changes(old, new)]

    def erased_changes(self, old: Any, new: Any) -> list[Change]:
        """Return the changes of which nothing is left but that there was one; an object's first row sets all."""
        named = self.changed.get(new.history_id, set())
        is_told = {change.label for change in super().changes(old, new)}
        gone = [each for each in self.fields if self.is_erased(each, new) and label(each) not in is_told]
        return [
            Change(label(each), ERASED if old else EMPTY, ERASED)
            for each in gone
            if old is None or each.name in named
        ]


class Reading:
    """Everything that is read for some entries."""

    def __init__(self, entries: Iterable[Entry], scope: Scope) -> None:
        self.entries, self.scope = list(entries), scope
        self.records: dict[tuple[str, int], Any] = {}
        self.readers: dict[str, EntryReader] = {}
        self.read()

    @cached_property
    def names(self) -> dict[type[Model], dict[Any, str]]:
        """Names that are known without asking."""
        return {
            Hotel: {pk: hotel.name for pk, hotel in self.scope.hotels.items()},
            User: dict(self.scope.people),
            Booking: {},
        }

    def read(self) -> None:
        """Read the rows, then the names of all that they refer to: one query for each model of either."""
        wanted: dict[str, set[int]] = defaultdict(set)
        for entry in self.entries:
            wanted[entry.model] |= {entry.record_id, before(entry) or entry.record_id}
        for model in sorted(set(wanted) & set(TRACKED)):
            self.read_model(model, wanted[model])
        keys: dict[type[Model], set[Any]] = defaultdict(set)
        for model, reader in self.readers.items():
            for related, key in reader.referred([row for (name, _), row in self.records.items() if name == model]):
                keys[related].add(key)
        self.name_bookings()
        for reader in self.readers.values():
            reader.related = self.names
        # One of them reads for all: what it has read, the others know.
        for reader in list(self.readers.values())[:1]:
            reader.read_names(keys)

    def read_model(self, model: str, wanted: set[int]) -> None:
        """Read the history rows of one model."""
        history = history_model(TRACKED[model])
        own = [entry for entry in self.entries if entry.model == model]
        wanted_rows = history.objects.using(reading.database()).filter(history_id__in=wanted)
        rows = wanted_rows.select_related("history_user")
        self.records |= {(model, row.history_id): row for row in rows}
        erased: dict[int, frozenset[str]] = {}
        for entry in own:
            erased |= dict.fromkeys((entry.record_id, before(entry) or 0), erased_fields(entry))
        changed = {entry.record_id: set(entry.changed.split()) for entry in own}
        self.readers[model] = EntryReader(history, erased=erased, changed=changed)

    def name_bookings(self) -> None:
        """Know a booking by the reference that its entries say."""
        for entry in self.entries:
            record = self.record(entry)
            if entry.reference and (key := getattr(record, "booking_id", None)) and entry.model != "bookings.booking":
                self.names[Booking][key] = entry.reference

    def record(self, entry: Entry) -> Any:
        """Return an entry's history row; None where it is gone."""
        return self.records.get((entry.model, entry.record_id))

    def older(self, entry: Entry) -> Any:
        """Return the row before it of the same object; None for the first one."""
        return self.records.get((entry.model, before(entry) or 0))

    def reader(self, entry: Entry) -> EntryReader:
        """Return what puts an entry's values into words."""
        return self.readers[entry.model].of(self.scope.hotels.get(entry.chain))


def annotated(rows: QuerySet[Entry]) -> QuerySet[Entry]:
    """Add to each entry the history row before it, whether its object was deleted since, and its salts."""
    same = Entry.objects.filter(model=OuterRef("model"), object_id=OuterRef("object_id"))
    older = same.filter(record_id__lt=OuterRef("record_id")).order_by("-record_id").values("record_id")[:1]
    deleted = same.filter(record_id__gte=OuterRef("record_id"), kind=Entry.Kind.DELETED)
    return rows.select_related("salt").annotate(before=Subquery(older), is_deleted=Exists(deleted))


def before(entry: Any) -> int | None:
    """Return the history row before an annotated entry's, if there is one."""
    found: int | None = entry.before
    return found


def erased_fields(entry: Any) -> frozenset[str]:
    """Return the personal fields of an entry whose secret is gone: what stood in them was erased."""
    salt = getattr(entry, "salt", None)
    return frozenset(entry.commitments).difference(salt.values if salt else ())
