"""Go through the chains and find the first place in each where the history is not what was written."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.db import connections, transaction
from django.db.models import Exists, OuterRef, QuerySet

from trail import canonical
from trail.declared import ERASURES, PERSONAL, SOURCES, history_of
from trail.models import Chain, Dropped, Entry, Erasure, Salt, Shape
from trail.rows import Table, Values, by_label
from trail.writing import content_of, index_of

BATCH: Final = 1000
SHOWN: Final = 20


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What is wrong with one row of history, in an auditor's words."""

    chain: int
    what: str
    position: int | None = None
    model: str = ""
    record: int | None = None
    reference: str = ""

    def __str__(self) -> str:
        place = f"entry {self.position}" if self.position else "end"
        row = f", row {self.record} of {self.model}" if self.model else ""
        booking = f", booking {self.reference}" if self.reference else ""
        return f"Chain {self.chain}, {place}{row}{booking}: {self.what}"


@dataclass
class Report:
    """What a run has looked at, and what it found."""

    entries: int = 0
    findings: list[Finding] = field(default_factory=list)


# Chain → position → hash, as they were written down elsewhere.
type Heads = Mapping[int, Mapping[int, str]]


def verify(*, chains: Iterable[int] | None = None, heads: Heads | None = None, using: str = "default") -> Report:
    """Verify chains (default: all), against heads that were written down elsewhere if there are any.

    Reads in batches, whatever the length of the chains.
    """
    report = Report()
    with one_moment(using):
        known = {chain.pk: chain for chain in Chain.objects.using(using).all()}
        there = set(Entry.objects.using(using).order_by().values_list("chain", flat=True).distinct())
        wanted = set(known) | set(heads or ()) | there if chains is None else set(chains)
        for key in sorted(wanted):
            walk = Walk(known.get(key) or Chain(pk=key), (heads or {}).get(key, {}), using)
            finding = walk.first_finding()
            report.entries += walk.passed
            report.findings += [finding] if finding else []
        report.findings += without_entry(using) if chains is None else ()
    return report


@contextmanager
def one_moment(using: str) -> Iterator[None]:
    """Read everything as it was at one moment. SQLite would lock out every writer, so there it is read as it goes."""
    connection = connections[using]
    if connection.vendor != "postgresql" or connection.in_atomic_block:
        yield
        return
    with transaction.atomic(using=using):
        with connection.cursor() as cursor:
            # no history: a setting of the transaction, no row
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield


class Walk:
    """One chain from its beginning to its end."""

    def __init__(self, chain: Chain, signed: Mapping[int, str], using: str) -> None:
        self.chain, self.signed, self.using = chain, signed, using
        self.passed = 0
        self.head = ""
        self.shapes = {each.pk: set(each.fields) for each in Shape.objects.using(using).all()}

    def first_finding(self) -> Finding | None:
        """Return the first thing that is wrong, if any."""
        for batch in self.batches():
            facts = Facts(batch, self.using)
            for entry in batch:
                if what := self.wrong_with(entry, facts):
                    return self.finding(entry, what)
                self.passed, self.head = entry.position, entry.hash
        return self.wrong_end()

    def batches(self) -> Iterator[list[Entry]]:
        """Yield the entries in their order."""
        entries, last = Entry.objects.using(self.using).filter(chain=self.chain.pk).order_by("position"), None
        while batch := list((entries if last is None else entries.filter(position__gt=last))[:BATCH]):
            yield batch
            last = batch[-1].position

    def wrong_with(self, entry: Entry, facts: "Facts") -> str:
        """Return what is wrong with an entry or its row; nothing when both are as they were written."""
        if entry.position != self.passed + 1:
            return f"entry {self.passed + 1} is missing before it"
        return (
            self.wrong_shape(entry)
            or facts.wrong_row(entry, self.shapes.get(entry.shape, set()))
            or self.wrong_link(entry)
        )

    def wrong_shape(self, entry: Entry) -> str:
        if entry.version != canonical.VERSION or entry.shape not in self.shapes:
            return "it is not known any more which columns the entry stands for"
        return ""

    def wrong_link(self, entry: Entry) -> str:
        if canonical.linked(self.head, entry.digest) != entry.hash:
            return "the entry does not follow from the one before it"
        if self.signed.get(entry.position, entry.hash) != entry.hash:
            return "the chain up to here is not the one that was signed: it was rewritten"
        return ""

    def wrong_end(self) -> Finding | None:
        """Return what is wrong with the end of a chain whose entries are all right."""
        signed = max(self.signed, default=0)
        if signed > self.passed:
            what = f"the chain was signed with {signed} entries and has {self.passed}: its end was cut off"
        elif self.chain.length > self.passed:
            what = f"the last {self.chain.length - self.passed} entries are missing: the end was cut off"
        elif (self.chain.length, self.chain.head) != (self.passed, self.head):
            what = "the entries and the recorded end of the chain differ"
        else:
            return None
        return Finding(chain=self.chain.pk, position=self.passed + 1, what=what)

    def finding(self, entry: Entry, what: str) -> Finding:
        return Finding(
            chain=self.chain.pk,
            position=entry.position,
            model=entry.model,
            record=entry.record_id,
            reference=entry.reference,
            what=what,
        )


class Facts:
    """What the tables say about a batch of entries, each table asked once."""

    def __init__(self, batch: list[Entry], using: str) -> None:
        keys = by_label((entry.model, entry.record_id) for entry in batch if entry.model in SOURCES)
        self.rows = {label: Table(label, apps, using).read(found) for label, found in keys.items()}
        ids = [entry.pk for entry in batch]
        self.salts = dict(Salt.objects.using(using).filter(pk__in=ids).values_list("pk", "values"))
        gone = [entry.pk for entry in batch if set(entry.commitments) - set(self.salts.get(entry.pk, ()))]
        self.erased: dict[int, dict[str, str]] = {}
        for erasure in recorded_erasures(gone, using) if gone else ():
            self.erased.setdefault(erasure.id, {}).update(erasure.fields)
        self.dropped: dict[int, dict[str, Any]] = {}
        for entry, name, value in (
            Dropped.objects.using(using).filter(entry__in=ids).values_list("entry", "field", "value")
        ):
            self.dropped.setdefault(entry, {})[name] = value

    def wrong_row(self, entry: Entry, columns: set[str]) -> str:
        """Return what differs between an entry and its row of history; nothing when the row is as it was written."""
        found = self.rows.get(entry.model, {}).get(entry.record_id)
        if found is None:
            return "the row is missing: it was deleted"
        row = {**found, **self.dropped.get(entry.pk, {})}
        if lost := sorted(columns - set(row)):
            return f"the columns {', '.join(lost)} are not there any more, and nothing was kept of them"
        return self.wrong_value(entry, {name: row[name] for name in columns})

    def wrong_value(self, entry: Entry, row: Values) -> str:
        committed = [name for name in entry.commitments if name in row]
        for name in sorted(committed):
            if what := self.wrong_personal(entry, name, row[name]):
                return what
        rest = {name: value for name, value in row.items() if name not in entry.commitments}
        if canonical.digest(content_of(entry, rest)) == entry.digest:
            return ""
        return differing(entry, row) or "a value was changed"

    def wrong_personal(self, entry: Entry, name: str, value: Any) -> str:
        """Return what is wrong with a personal field: it is as it was committed to, or was erased on record."""
        if name in self.dropped.get(entry.pk, {}):
            return ""
        if salt := self.salts.get(entry.pk, {}).get(name):
            same = canonical.commitment(salt, name, value) == entry.commitments[name]
            return "" if same else f"the value of {name} was changed"
        left = self.erased.get(entry.pk, {}).get(name)
        if left is None:
            return f"the secret of {name} is gone, and no erasure is on record"
        return "" if canonical.value_hash(name, value) == left else f"{name} was changed after its erasure"


def recorded_erasures(entries: list[int], using: str) -> QuerySet[Erasure]:
    """Return the erasures of some entries' rows that stand in the chains themselves: anybody can insert another."""
    record = Entry.objects.using(using).filter(model=ERASURES, record_id=OuterRef("pk"), chain=OuterRef("chain"))
    return Erasure.objects.using(using).filter(Exists(record), id__in=entries).order_by("pk")


def differing(entry: Entry, row: Values) -> str:
    """Return in which of the values that an entry repeats it differs from its row."""
    said = {name: canonical.plain(getattr(entry, name)) for name in index_of(row)}
    names = [name for name, value in index_of(row).items() if said[name] != value and name not in PERSONAL]
    return f"the entry and its row differ in {', '.join(names)}" if names else ""


def without_entry(using: str) -> Iterator[Finding]:
    """Yield rows of history that have no entry: they were not written by the application."""
    for label in SOURCES:
        entries = Entry.objects.using(using).filter(model=label, record_id=OuterRef("history_id"))
        rows = history_of(label, apps)._base_manager.using(using).filter(~Exists(entries)).order_by("history_id")
        for key in rows.values_list("history_id", flat=True)[:SHOWN]:
            what = "the row has no entry: it was not written by the application"
            yield Finding(chain=0, model=label, record=key, what=what)
