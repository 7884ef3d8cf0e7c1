"""The explorer's list as a file: CSV, Excel, or JSON with the proof that nothing in it was altered.

Files are in English, whoever takes them; each moment stands there twice, in UTC and on the hotel's clock.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from bookings import reading
from bookings.admin.exportable import hotels_of
from bookings.admin.exports import NOT_KEPT, Sheet
from bookings.models import ExportFormat
from bookings.refusals import Refused
from bookings.spreadsheets import Row
from trail.admin import proven
from trail.admin.filters import Chosen
from trail.admin.paging import older_than
from trail.admin.reading import annotated
from trail.admin.told import Told, told
from trail.models import Entry

CHUNK: Final = 500
# A file of more is nobody's evidence; narrower filters give several.
MOST: Final = 100_000
# A proof is made in memory.
MOST_IN_JSON: Final = 25_000
# What each column is called, and where it comes from.
COLUMNS: Final[dict[str, Callable[[Told], Any]]] = {
    "Entry": lambda line: line.entry.pk,
    "Chain": lambda line: line.entry.chain,
    "Position": lambda line: line.entry.position,
    "At (UTC)": lambda line: line.entry.at.astimezone(UTC),
    "At": lambda line: line.at,
    "By": lambda line: line.who,
    "Kind of actor": lambda line: line.entry.actor_kind,
    "User": lambda line: line.entry.user_id,
    "What": lambda line: line.model,
    "Model": lambda line: line.entry.model,
    "Number": lambda line: line.entry.object_id,
    "Name": lambda line: line.subject,
    "Reference": lambda line: line.entry.reference,
    "Transition": lambda line: line.entry.transition,
    "In words": lambda line: line.step,
    "Changes": lambda line: "; ".join(f"{each.label}: {each.old} → {each.new}" for each in line.changes),
    "Reason": lambda line: line.reason,
    "Address": lambda line: line.ip,
    "Browser": lambda line: line.browser,
    "Request": lambda line: line.entry.request_id,
    "History row": lambda line: line.entry.record_id,
    "Hash": lambda line: line.entry.hash,
}


def sheet(asked: Chosen, wanted: str) -> Sheet:
    """Return what is exported: what the filters keep at this moment. Raises Refused for more than a file takes."""
    newest = Entry.objects.using(reading.database()).order_by("-pk").values_list("pk", flat=True).first() or 0
    rows = asked.entries().filter(pk__lte=newest)
    count = how_many(rows, MOST_IN_JSON if wanted == ExportFormat.JSON else MOST)
    hotels = list(asked.scope.hotels.values())
    return Sheet(
        what="history",
        head=tuple(COLUMNS),
        rows=lines(rows, asked),
        count=lambda: count,
        hotels=hotels_of(asked.chain, hotels),
        filters=asked.given,
        as_json=lambda written: json_file(written, rows, asked),
    )


def how_many(rows: QuerySet[Entry], most: int) -> int:
    """Return how many there are; Refused for more than fit, without counting them all."""
    count = rows.order_by()[: most + 1].count()
    if count > most:
        said = _("A file can have %(most)s rows, and there are more. Narrow the list, such as by its dates.")
        raise Refused(said % {"most": f"{most:,}"})
    return count


def lines(rows: QuerySet[Entry], asked: Chosen) -> Iterator[Row]:
    """Yield the rows of the file, the newest first."""
    for entries in portions(rows):
        with translation.override("en"):
            written = [[make(line) for make in COLUMNS.values()] for line in told(entries, asked.scope)]
        yield from written


def portions(rows: QuerySet[Entry]) -> Iterator[list[Entry]]:
    """Yield annotated entries, so many at a time."""
    found = annotated(rows).order_by("-at", "-id")
    some = list(found[:CHUNK])
    while some:
        yield some
        some = list(found.filter(older_than(some[-1].at, some[-1].pk))[:CHUNK])


def json_file(written: Iterable[Row], rows: QuerySet[Entry], asked: Chosen) -> Iterator[bytes]:
    """Yield a JSON file: what was asked for, the rows by their columns, and beside them what the verifier reads."""
    filters = {name: NOT_KEPT if name == "q" else value for name, value in asked.given.items()}
    yield b'{"made_at": %s, "filters": %s, "entries": [' % (encoded(timezone.now()), encoded(filters))
    for number, row in enumerate(written):
        yield (b",\n" if number else b"\n") + encoded(dict(zip(COLUMNS, row, strict=True)))
    yield b"\n]"
    for name, value in proven.proof(rows).items():
        yield b", %s: %s" % (encoded(name), encoded(value))
    yield b"}\n"


def encoded(value: Any) -> bytes:
    """Return a value as JSON; moments as ISO."""
    return json.dumps(value, ensure_ascii=False, default=iso).encode()


def iso(value: datetime) -> str:
    """Return a moment as ISO in UTC."""
    return value.astimezone(UTC).isoformat()
