"""What somebody with the database's own tools can do to history, and where the verification has to find it.

Each tampering is a function of chance (`random.Random`) and the signed heads; it returns the places of which one has
to be named: a chain and a position, or the history and key of a row without an entry.
"""

import uuid
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from django.apps import apps

from trail import canonical, writing
from trail.declared import ERASURES, SOURCES, history_of
from trail.models import Chain, Entry, Salt
from trail.rows import Table
from trail.verifying import Heads

type Place = tuple[Any, int]
type Places = set[Place]
type Tampering = Callable[[Random, Heads], Places]

OF_AN_ENTRY: Final = (
    *("model", "object_id", "record_id", "reference", "at", "kind", "actor_kind", "user_id", "transition"),
    *("request_id", "changed", "version", "shape", "digest", "hash", "commitments"),
)


def change_value(chance: Random, _heads: Heads) -> Places:
    """Another value in one column of one history row."""
    entry = any_entry(chance)
    model, row = row_of(entry)
    columns = [each for each in model._meta.concrete_fields if not each.primary_key]
    column, places = chance.choice(columns), spots(entry)
    force(row, column.attname, another(getattr(row, column.attname), column, chance))
    return places


def change_entry(chance: Random, _heads: Heads) -> Places:
    """Another value in one column of one entry, or of its salts."""
    entry = any_entry(chance)
    name = chance.choice(OF_AN_ENTRY)
    # The key of another row is refused by the database itself.
    value = entry.record_id + 10**6 if name == "record_id" else None
    places = spots(entry)
    force(entry, name, value or another(getattr(entry, name), Entry._meta.get_field(name), chance))
    return places


def change_salt(chance: Random, _heads: Heads) -> Places:
    """A secret that is exchanged, or gone as if the guest had been erased."""
    salt = chance.choice([each for each in Salt.objects.select_related("entry") if each.values])
    name = chance.choice(sorted(salt.values))
    values = {**salt.values, name: canonical.new_salt()}
    if chance.random() < 0.5:
        del values[name]
    force(salt, "values", values)
    return {(salt.entry.chain, salt.entry.position)}


def delete_row(chance: Random, _heads: Heads) -> Places:
    """A history row that vanishes."""
    entry = any_entry(chance)
    places = spots(entry)
    model, row = row_of(entry)
    for table, _column in SOURCES[entry.model].lists.values():
        raw(apps.get_model(table), history_id=row.pk)._raw_delete("default")
    raw(model, pk=row.pk)._raw_delete("default")
    return places


def delete_list_item(chance: Random, _heads: Heads) -> Places:
    """A hotel that vanishes from what a person could see at the time."""
    item = chance.choice(list(apps.get_model("bookings.HistoricalUser_hotels")._base_manager.all()))
    entry = Entry.objects.get(model="bookings.user", record_id=item.history_id)
    raw(type(item), pk=item.pk)._raw_delete("default")
    return {(entry.chain, entry.position)}


def delete_entry(chance: Random, _heads: Heads) -> Places:
    """An entry that vanishes, but not from the end."""
    entry = any_entry(chance, but_last=1)
    places = {(entry.chain, entry.position + 1)} | erased(entry)
    raw(Salt, pk=entry.pk)._raw_delete("default")
    raw(Entry, pk=entry.pk)._raw_delete("default")
    return places


def swap_rows(chance: Random, _heads: Heads) -> Places:
    """Two history rows of one table that change places."""
    entry = any_entry(chance)
    others = [each for each in Entry.objects.filter(model=entry.model, chain=entry.chain) if each.pk != entry.pk]
    if not others:
        return swap_rows(chance, _heads)
    other = chance.choice(others)
    places = spots(min(entry, other, key=lambda each: each.position)) | erased(other) | erased(entry)
    model, one = row_of(entry)
    _model, two = row_of(other)
    for each in model._meta.concrete_fields:
        if not each.primary_key:
            mine, theirs = getattr(one, each.attname), getattr(two, each.attname)
            raw(model, pk=one.pk).update(**{each.attname: theirs})
            raw(model, pk=two.pk).update(**{each.attname: mine})
    return places


def swap_entries(chance: Random, _heads: Heads) -> Places:
    """Two entries that change places."""
    entry = any_entry(chance, but_last=1)
    other = Entry.objects.filter(chain=entry.chain, position__gt=entry.position).order_by("?").first()
    assert other
    for each, position in ((entry, -1), (other, entry.position), (entry, other.position)):
        raw(Entry, pk=each.pk).update(position=position)
    return {(entry.chain, entry.position)}


def insert_row(chance: Random, _heads: Heads) -> Places:
    """A history row that the application did not write."""
    entry = any_entry(chance)
    _model, row = row_of(entry)
    row.pk = None
    row.history_date += timedelta(seconds=1)
    row.save_base(raw=True)
    return {(entry.model, row.pk)}


def cut_off(chance: Random, _heads: Heads) -> Places:
    """The end of a chain with its rows, as if it had never been; the chain's own end is set back."""
    chain = chance.choice(list(Chain.objects.all()))
    left = chance.randrange(chain.length)
    places: Places = {(chain.pk, left + 1)}
    for entry in Entry.objects.filter(chain=chain.pk, position__gt=left).order_by("-position"):
        places |= erased(entry)
        model, row = row_of(entry)
        for table, _column in SOURCES[entry.model].lists.values():
            raw(apps.get_model(table), history_id=row.pk)._raw_delete("default")
        raw(model, pk=row.pk)._raw_delete("default")
        raw(Salt, pk=entry.pk)._raw_delete("default")
        raw(Entry, pk=entry.pk)._raw_delete("default")
    last = Entry.objects.filter(chain=chain.pk, position=left).first()
    raw(Chain, pk=chain.pk).update(length=left, head=last.hash if last else "")
    return places


def rewrite(chance: Random, heads: Heads) -> Places:
    """Another value in a row, and every hash from there on worked out anew, as the application does it."""
    entry = any_entry(chance)
    _model, row = row_of(entry)
    force(row, "history_date", row.history_date - timedelta(minutes=1))
    raw(Entry, pk=entry.pk).update(at=row.history_date - timedelta(minutes=1))
    head = getattr(Entry.objects.filter(chain=entry.chain, position=entry.position - 1).first(), "hash", "")
    for each in Entry.objects.filter(chain=entry.chain, position__gte=entry.position).order_by("position"):
        values = Table(each.model, apps, "default").read([each.record_id])[each.record_id]
        rest = {name: value for name, value in values.items() if name not in each.commitments}
        digest = canonical.digest(writing.content_of(each, rest))
        head = canonical.linked(head, digest)
        raw(Entry, pk=each.pk).update(digest=digest, hash=head)
    raw(Chain, pk=entry.chain).update(head=head)
    return {(entry.chain, min(position for position in heads[entry.chain] if position >= entry.position))}


ALL: Final[tuple[Tampering, ...]] = (
    *(change_value, change_value, change_entry, change_salt, delete_row, delete_list_item, delete_entry),
    *(swap_rows, swap_entries, insert_row, cut_off, rewrite),
)


def spots(entry: Entry) -> Places:
    """Where it shows that the row of an entry is not what it was."""
    return {(entry.chain, entry.position)} | erased(entry)


def erased(entry: Entry) -> Places:
    """Where it shows that the record of an erasure is gone: where the secret is."""
    if entry.model != ERASURES:
        return set()
    lost = Entry.objects.get(pk=row_of(entry)[1].id)
    return {(lost.chain, lost.position)}


def any_entry(chance: Random, *, but_last: int = 0) -> Entry:
    """An entry anywhere in any chain."""
    entries = list(Entry.objects.order_by("pk"))
    ends = {chain.pk: chain.length - but_last for chain in Chain.objects.all()}
    return chance.choice([each for each in entries if each.position <= ends[each.chain]])


def row_of(entry: Entry) -> tuple[Any, Any]:
    """The history row of an entry, with its model."""
    model: Any = history_of(entry.model, apps)
    return model, model._base_manager.get(pk=entry.record_id)


def raw(model: Any, **found: Any) -> Any:
    """Rows as the database's own tools reach them: past every rule of the application."""
    return model._base_manager.filter(**found)


def force(row: Any, name: str, value: Any) -> None:
    """Write one column of one row."""
    raw(type(row), pk=row.pk).update(**{name: value})


def another(value: Any, column: Any, chance: Random) -> Any:
    """Return a value that a column can hold and does not hold now."""
    if value is None:
        value = EMPTY.get(column.get_internal_type(), 0)
        return value() if callable(value) else value
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        changed = value[:-1] + ("y" if value.endswith("x") else "x")
        return "192.0.2.77" if "IP" in column.get_internal_type() else changed
    return OTHERS[next(kind for kind in OTHERS if isinstance(value, kind))](value)


EMPTY: Final[dict[str, Any]] = {
    **dict.fromkeys(("CharField", "TextField", "SlugField"), ""),
    "GenericIPAddressField": "192.0.2.77",
    "DateTimeField": lambda: datetime.fromisoformat("2026-01-01T00:00:00Z"),
    "BooleanField": True,
    "JSONField": dict,
}
OTHERS: Final[dict[type, Callable[[Any], Any]]] = {
    int: lambda value: value + 1 if value < 9 else value - 1,
    Decimal: lambda value: value + Decimal("0.01"),
    datetime: lambda value: value + timedelta(microseconds=1),
    date: lambda value: value + timedelta(days=1),
    time: lambda value: value.replace(minute=59 - value.minute),
    uuid.UUID: lambda _value: uuid.uuid4(),
    dict: lambda value: {**value, "tampered": 1},
    list: lambda value: [*value, 1],
}
