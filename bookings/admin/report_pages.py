"""The pages of reports: figures, the bookings behind each of them, and the same as a file."""

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import DEFAULT_DB_ALIAS
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_safe

from bookings import reading
from bookings.admin import exports, words
from bookings.admin.reports import choice, drawing, figures
from bookings.admin.reports.cancelled import CANCELLATIONS
from bookings.admin.reports.figures import MONEY, PERCENT, Figures, Part, Place, Report, Table
from bookings.admin.reports.moved import MOVED
from bookings.admin.reports.scope import Scope, rows
from bookings.admin.reports.stayed import STAYS
from bookings.admin.scoping import HotelScopedAdmin
from bookings.models import Booking
from bookings.refusals import Refused
from bookings.spoken import number
from bookings.spreadsheets import Row
from payments import heartbeat
from payments.money import spoken, to_decimal

REPORTS: Final = {report.name: report for report in (CANCELLATIONS, MOVED, STAYS)}
HEAD: Final = ("Report", "Table", "Row", "Hotel", "Figure", "Value", "Currency", "From", "To", "Time zones")
PER_PAGE: Final = 50


class ReportsAdmin(HotelScopedAdmin):
    """Adds the reports to the bookings."""

    def get_urls(self) -> list[URLPattern]:
        """Put the reports before the addresses of single bookings."""
        view, name = self.admin_site.admin_view, "bookings_booking_report"
        return [
            path("reports/<slug:report>/", view(require_safe(self.report_view)), name=name),
            path("reports/<slug:report>/figure/", view(require_safe(self.figure_view)), name=f"{name}_figure"),
            path("reports/<slug:report>/export/", view(self.report_export_view), name=f"{name}_export"),
            *super().get_urls(),
        ]

    @reading.from_replica
    def report_view(self, request: HttpRequest, report: str) -> HttpResponse:
        """Show a report's figures for what is chosen above them."""
        asked, scope = self.asked(request, report)
        found = figures.sums(asked.parts(scope))
        link = reverse("admin:bookings_booking_report_figure", args=[asked.name])

        def leads(place: Place) -> str:
            named = dict(zip(("table", "row", "column"), place, strict=True))
            return f"{link}?{choice.query(scope, request.GET.dict(), **named)}"

        context = {
            "report": asked,
            "scope": scope,
            "form": choice.form(scope, request.GET.dict(), own_hotels(request)),
            "tables": [drawing.shown(table, found, leads) for table in asked.tables(scope, found)],
            "is_empty": not found,
            "export": f"{address(asked, 'export')}?{choice.query(scope, request.GET.dict())}",
            "may_export": exports.may_export(request),
        }
        return self.page(request, "report.html", asked.title, context)

    @reading.from_replica
    def figure_view(self, request: HttpRequest, report: str) -> HttpResponse:
        """List exactly the bookings that a figure is made of."""
        asked, scope = self.asked(request, report)
        place: Place = tuple(request.GET.get(name, "") for name in ("table", "row", "column"))  # type: ignore[assignment]
        every, found = figures.behind(asked.parts(scope), place)
        if not found:
            raise Http404
        table, title, kind = named(asked.tables(scope, every), place)
        page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
        back = f"{address(asked)}?{choice.query(scope, request.GET.dict())}"
        context = {
            "report": asked,
            "scope": scope,
            "table": table,
            "figure": title,
            "sum": said(sum(part.amount for part in found), found[0], kind),
            "bookings": len({part.booking for part in found}),
            "lines": list(lines(page.object_list, kind)),
            "page": page,
            "kind": kind,
            "back": back,
            "query": choice.query(scope, request.GET.dict(), table=place[0], row=place[1], column=place[2]),
        }
        return self.page(request, "figure.html", f"{asked.title}: {title}", context)

    @reading.from_replica
    def report_export_view(self, request: HttpRequest, report: str) -> HttpResponseBase:
        """Answer with all tables of a report, one line for each figure; or with one table that is named."""
        exports.require_right(request)
        asked, scope = self.asked(request, report)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        found = figures.sums(asked.parts(scope))
        tables = [each for each in asked.tables(scope, found) if each.name == request.GET.get("table", each.name)]
        sheet = list(exported(scope, asked, tables, found))
        what = exports.Sheet(
            what=f"report-{asked.name}",
            head=HEAD,
            rows=sheet,
            count=lambda: len(sheet),
            hotels=scope.hotels,
            filters=request.GET.dict(),
        )
        try:
            return exports.answer(request, what)
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect(address(asked))

    def asked(self, request: HttpRequest, name: str) -> tuple[Report, Scope]:
        """Return the report and its scope; 403 without the right, 404 for what is not there for this person."""
        user: Any = request.user
        if not user.has_perm("bookings.view_reports"):
            raise PermissionDenied
        if name not in REPORTS:
            raise Http404
        return REPORTS[name], choice.chosen(request.GET.dict(), own_hotels(request))

    def page(self, request: HttpRequest, template: str, title: Any, context: dict[str, Any]) -> HttpResponse:
        """Return a page in the admin's frame, drawn here: a replica may be gone a moment later."""
        context = {"as_of": as_of(), **context}
        context = {**self.admin_site.each_context(request), "title": title, **context}
        return TemplateResponse(request, f"admin/bookings/reports/{template}", context).render()


def as_of() -> str:
    """Return the moment (UTC) up to which a replica has followed; nothing where our own database is read."""
    if reading.database() == DEFAULT_DB_ALIAS:
        return ""
    turned = heartbeat.last(using=reading.database())
    return words.moment(None, turned, seconds=True) if turned else "—"


def own_hotels(request: HttpRequest) -> list[Any]:
    """Return the hotels that the person may see, read once for a page."""
    known = request.__dict__
    if "own_hotels" not in known:
        user: Any = request.user
        known["own_hotels"] = list(user.visible_hotels())
    found: list[Any] = known["own_hotels"]
    return found


def address(report: Report, page: str = "") -> str:
    """Return the address of a report, or of a page beside it."""
    return reverse(f"admin:bookings_booking_report{f'_{page}' if page else ''}", args=[report.name])


def named(tables: list[Table], place: Place) -> tuple[Any, str, str]:
    """Return the table's title, the figure's name, and what kind of figure it is; 404 for one that is not shown."""
    for table in tables:
        for row in table.rows:
            for column in table.columns:
                if (table.name, row.key, column.key) == place:
                    return table.title, f"{row.title}, {column.title}", column.kind
    raise Http404


def said(amount: int, part: Part, kind: str) -> str:
    """Return a figure, or a part of one, for people."""
    return spoken(amount, part.currency) if kind == MONEY else number(amount)


def lines(parts: Any, kind: str) -> Iterator[dict[str, Any]]:
    """Yield what a page of the list says of each part: one query for all of its bookings."""
    keys = {part.booking for part in parts}
    known = rows(Booking).filter(pk__in=keys).select_related("hotel", "room", "room_type").in_bulk()
    for part in parts:
        booking = known[part.booking]
        yield {
            "booking": booking,
            "link": reverse("admin:bookings_booking_change", args=[booking.pk]),
            "stay": f"{words.dates(booking)}, {words.nights(booking)}",
            "place": words.place(booking),
            "state": words.status_pill(booking),
            "reason": booking.cancellation_reason,
            "amount": said(part.amount, part, kind),
        }


def exported(scope: Scope, report: Report, tables: list[Table], found: Figures) -> Iterator[Row]:
    """Yield one line for each figure, by stable keys."""
    zones = " ".join(sorted({hotel.time_zone for hotel in scope.hotels}))
    for table in tables:
        for row, column in product(table.rows, table.columns):
            place = (table.name, row.key, column.key)
            value = found.get(place, table.derived.get(place))
            if value is not None:
                name = "money" if table.hotel else table.name
                about = (report.name, name, row.key, table.hotel, column.key.partition(" ")[0])
                yield (*about, *plain(value, row, column), scope.first, scope.last, zones)


def plain(value: int, row: figures.Row, column: figures.Column) -> tuple[int | Decimal, str]:
    """Return a figure as a number, with its currency where it is money; shares in percent."""
    if column.kind == MONEY:
        currency = column.currency or row.currency
        return to_decimal(value, currency), currency
    return (Decimal(value).scaleb(-1) if column.kind == PERCENT else value), ""
