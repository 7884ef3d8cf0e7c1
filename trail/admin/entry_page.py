"""One entry: every value old → new, its place in the chain, and what stands around it."""

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse

from bookings.admin.words import EMPTY
from trail.admin.reading import Reading, annotated
from trail.admin.scope import Scope
from trail.admin.told import Told, line, told
from trail.models import Entry

# Of one request, beside the entry itself; the explorer lists them all.
AROUND: Final = 20


@dataclass(frozen=True)
class Value:
    """One field, before and after."""

    label: str
    old: str
    new: str

    @property
    def is_changed(self) -> bool:
        """Whether the two differ as they are shown."""
        return self.old != self.new


def context(entry: Any, scope: Scope) -> dict[str, Any]:
    """Return everything that the page draws."""
    reading = Reading([entry], scope)
    shown = line(entry, reading)
    links = {name: reverse("admin:trail_entry_change", args=[pk]) for name, pk in neighbours(entry, scope).items()}
    return {
        "line": shown,
        "hash_before": Entry.objects.filter(chain=entry.chain, position=entry.position - 1)
        .values_list("hash", flat=True)
        .first(),
        "chain": scope.chains.get(entry.chain, ""),
        "values": values(entry, reading, shown),
        "links": links,
        "same_request": told(of_request(entry, scope), scope) if entry.request_id else [],
        "request_link": f"{reverse('admin:trail_entry_changelist')}?request={entry.request_id}",
        "object_link": f"{reverse('admin:trail_entry_changelist')}?model={entry.model}&object={entry.object_id}",
        "as_it_was": then(entry, scope),
    }


def values(entry: Entry, reading: Reading, shown: Told) -> list[Value]:
    """Return every value of the row, beside that of the row before it."""
    if shown.record is None:
        return []
    reader, older = reading.reader(entry), reading.older(entry)
    before = dict(reader.values(older)) if older else {}
    erased = {change.label: change for change in shown.changes}
    found = [Value(name, before.get(name, EMPTY), new) for name, new in reader.values(shown.record)]
    return [Value(each.label, *marked(each, erased.get(each.label))) for each in found]


def marked(each: Value, change: Any) -> tuple[str, str]:
    """Return both sides of a value; of an erased one, that it was."""
    return (change.old, change.new) if change else (each.old, each.new)


def neighbours(entry: Entry, scope: Scope) -> dict[str, int]:
    """Return the entries before and after it: of the same object, and in the chain."""
    same = scope.entries().filter(model=entry.model, object_id=entry.object_id)
    chain = scope.entries().filter(chain=entry.chain)
    found = {
        "older": first(same.filter(record_id__lt=entry.record_id).order_by("-record_id")),
        "newer": first(same.filter(record_id__gt=entry.record_id).order_by("record_id")),
        "previous": first(chain.filter(position=entry.position - 1)),
        "following": first(chain.filter(position=entry.position + 1)),
    }
    return {name: pk for name, pk in found.items() if pk is not None}


def first(rows: QuerySet[Entry]) -> int | None:
    """Return the first one's number."""
    return rows.values_list("pk", flat=True).first()


def of_request(entry: Entry, scope: Scope) -> list[Entry]:
    """Return what else the same request did, in the order in which it did it."""
    rows = scope.entries().filter(request_id=entry.request_id).exclude(pk=entry.pk)
    return list(annotated(rows).order_by("at", "id")[:AROUND])


def then(entry: Entry, scope: Scope) -> str:
    """Return the address of the booking as it was just after the entry; nothing for what is no booking."""
    if entry.model != "bookings.booking":
        return ""
    local = scope.hotels[entry.chain].local(entry.at) if entry.chain in scope.hotels else entry.at
    return f"{reverse('admin:trail_entry_as_it_was', args=[entry.object_id])}?at={local:%Y-%m-%dT%H:%M:%S}"
