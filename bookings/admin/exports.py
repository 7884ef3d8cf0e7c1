"""Exports: recorded before the first byte leaves, and once more, with their digest, when the last one has."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import audit, spreadsheets
from bookings.models import Booking, ExportFormat, ExportRecord, Hotel
from bookings.refusals import Refused
from bookings.spoken import number
from bookings.spreadsheets import Row

# An Excel file is built on disk before its first byte is sent: a second for about 2,000 rows of the longest list.
MOST_IN_EXCEL: Final = 25_000
# What was searched for may name a guest, and the record outlives them.
NOT_KEPT: Final = "(not kept)"
TYPES: Final = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.JSON: "application/json",
}


@dataclass(frozen=True)
class Sheet:
    """What is exported: its stable name, its rows, from which hotels, and what was chosen.

    `as_json` writes the rows as JSON, where an export offers that.
    """

    what: str
    head: Row
    rows: Iterable[Row]
    count: Callable[[], int]
    hotels: Iterable[Hotel]
    filters: Mapping[str, str] = field(default_factory=dict)
    as_json: Callable[[Iterable[Row]], Iterator[bytes]] | None = None


def may_export(request: HttpRequest) -> bool:
    """Whether a person may take lists and reports out of the system."""
    user: Any = request.user
    return bool(user.has_perm("bookings.export_booking"))


def require_right(request: HttpRequest) -> None:
    """Answer 403 to whoever may not export."""
    if not may_export(request):
        raise PermissionDenied


def require_view(model_admin: ModelAdmin, request: HttpRequest) -> None:
    """Answer 403 to whoever may not see the list itself."""
    if not model_admin.has_view_permission(request):
        raise PermissionDenied


def answer(request: HttpRequest, sheet: Sheet) -> HttpResponseBase:
    """Return the file that the posted `format` names, and record it. Raises Refused for what Excel cannot take."""
    kind = format_of(request.POST.get("format", ""), sheet)
    if kind == ExportFormat.XLSX and (count := sheet.count()) > MOST_IN_EXCEL:
        raise Refused(
            _("An Excel file can have %(most)s rows, and these are %(count)s. Take CSV, or narrow the list.")
            % {"most": number(MOST_IN_EXCEL), "count": number(count)}
        )
    record = begin(request, sheet.what, kind, hotels=sheet.hotels, filters=sheet.filters)
    response = StreamingHttpResponse(written(record, sheet, kind, audit.current_actor()), content_type=TYPES[kind])
    name = f"{sheet.what}-{timezone.now():%Y-%m-%d}.{kind}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def record_whole(request: HttpRequest, what: str, kind: str, *, content: bytes, booking: Booking) -> None:
    """Record a file about one booking that is made as a whole, before it leaves."""
    record = begin(request, what, kind, hotels=[booking.hotel], filters={"booking": booking.booking_id})
    end(record, rows=1, sha256=hashlib.sha256(content).hexdigest())


def format_of(wanted: str, sheet: Sheet) -> ExportFormat:
    """Return the kind of file that is asked for; CSV for one that is not offered."""
    offered = (ExportFormat.XLSX, ExportFormat.JSON) if sheet.as_json else (ExportFormat.XLSX,)
    return next((kind for kind in offered if kind == wanted), ExportFormat.CSV)


def begin(
    request: HttpRequest, what: str, kind: str, *, hotels: Iterable[Hotel], filters: Mapping[str, str]
) -> ExportRecord:
    """Write down who takes what."""
    user: Any = request.user
    filters = {name: NOT_KEPT if name == "q" else value for name, value in filters.items() if value}
    with transaction.atomic(), audit.change("export"):
        record = ExportRecord.objects.create(
            what=what,
            format=kind,
            filters=filters,
            made_by=user,
            request_id=audit.actor_of(request).request_id,
        )
        record.hotels.set(hotels)
    return record


def end(record: ExportRecord, *, rows: int, sha256: str) -> None:
    """Write down that a file is whole, and how it can be recognised."""
    record.finished_at, record.rows, record.sha256 = timezone.now(), rows, sha256
    with transaction.atomic(), audit.change("finish_export"):
        record.save(update_fields=["finished_at", "rows", "sha256"])


def written(record: ExportRecord, sheet: Sheet, kind: str, actor: audit.Actor) -> Iterator[bytes]:
    """Yield the file, and record its end. A file that breaks off has no end, which its record then shows.

    It is written after the request's own work is over, so `actor` says who took it.
    """
    digest, rows = hashlib.sha256(), Counted(sheet.rows)
    for block in blocks(sheet, rows, kind):
        digest.update(block)
        yield block
    with audit.acting(actor):
        end(record, rows=rows.number, sha256=digest.hexdigest())


def blocks(sheet: Sheet, rows: Iterable[Row], kind: str) -> Iterator[bytes]:
    """Yield the bytes of a file of one kind."""
    if kind == ExportFormat.JSON and sheet.as_json:
        yield from sheet.as_json(rows)
    elif kind == ExportFormat.CSV:
        yield from spreadsheets.csv_lines(sheet.head, rows)
    else:
        yield from spreadsheets.portions(spreadsheets.xlsx_file(sheet.head, rows))


class Counted:
    """Rows that count themselves while they are read."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows, self.number = rows, 0

    def __iter__(self) -> Iterator[Row]:
        for row in self.rows:
            self.number += 1
            yield row
