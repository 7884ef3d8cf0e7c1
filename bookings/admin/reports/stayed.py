"""Occupancy and stays: nights sold and there to be sold, what a night brought, arrivals."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from bookings.admin.reports.figures import (
    MONEY,
    PERCENT,
    TOTAL,
    Column,
    Figures,
    Part,
    Place,
    Report,
    Row,
    Table,
    currencies,
    percent,
)
from bookings.admin.reports.months import month_of, month_rows, months, next_month
from bookings.admin.reports.scope import Scope, read, rows
from bookings.models import Booking, BookingStatus, Room

TABLE: Final = "stays"
SOLD: Final = (BookingStatus.CONFIRMED, BookingStatus.COMPLETED)
DAY: Final = timedelta(days=1)


def parts(scope: Scope) -> Iterator[Part]:
    """Yield what each stay adds: its nights and their price in every month that it touches, and its arrival."""
    found = rows(Booking).filter(
        scope.of_hotels(), status__in=SOLD, check_in__lte=scope.last, check_out__gt=scope.first
    )
    if scope.currency:
        found = found.filter(currency=scope.currency)
    for pk, check_in, check_out, total, currency in read(
        found.values_list("pk", "check_in", "check_out", "total_amount", "currency")
    ):
        if check_in >= scope.first:
            yield from placed(pk, month_of(check_in), "arrivals", 1)
        for month, begin, end in pieces(scope, check_in, check_out):
            yield from placed(pk, month, "nights", (end - begin).days)
            yield from placed(pk, month, f"priced {currency}", (end - begin).days)
            share = price_of(total, check_in, check_out, begin, end)
            yield from placed(pk, month, f"revenue {currency}", share, currency)


def placed(booking: int, month: str, column: str, amount: int, currency: str = "") -> Iterator[Part]:
    """Yield an amount in its month and in the sum."""
    for row in (month, TOTAL):
        yield Part(booking, (TABLE, row, column), amount, currency)


def pieces(scope: Scope, check_in: date, check_out: date) -> Iterator[tuple[str, date, date]]:
    """Yield the nights of a stay within the scope, month by month."""
    begin, last = max(check_in, scope.first), min(check_out, scope.last + DAY)
    while begin < last:
        end = min(last, next_month(begin))
        yield month_of(begin), begin, end
        begin = end


def price_of(total: int, check_in: date, check_out: date, begin: date, end: date) -> int:
    """Return what some nights of a stay cost, in minor units: all pieces together are exactly the total."""
    nights = (check_out - check_in).days
    return total * (end - check_in).days // nights - total * (begin - check_in).days // nights


def tables(scope: Scope, figures: Figures) -> list[Table]:
    """Lay the figures out by month."""
    lines = [*month_rows(scope), Row(TOTAL, pgettext("sum of the rows", "Total"))]
    money = [
        column
        for currency in currencies(figures, "revenue")
        for column in (
            Column(f"revenue {currency}", f"{_('Room revenue')} {currency}", MONEY, currency),
            Column(f"rate {currency}", f"{_('Average night')} {currency}", MONEY, currency),
        )
    ]
    columns = [
        Column("arrivals", _("Arrivals")),
        Column("nights", _("Nights sold")),
        Column("available", _("Nights available")),
        Column("occupancy", _("Occupancy"), PERCENT),
        *money,
    ]
    note = _("Nights available are counted with the rooms that are in service today.")
    return [
        Table(TABLE, _("By month"), _("Month"), lines, columns, derived(scope, figures), charted="nights", note=note)
    ]


def derived(scope: Scope, figures: Figures) -> dict[Place, int]:
    """Return what is no sum of stays: nights there to be sold, the share of them sold, the average price."""
    found: dict[Place, int] = {}
    for month, available in {**(by_month := nights_available(scope)), TOTAL: sum(by_month.values())}.items():
        found[TABLE, month, "available"] = available
        share = percent(figures.get((TABLE, month, "nights"), 0), available)
        if share is not None:
            found[TABLE, month, "occupancy"] = share
    return found | average_rates(figures)


def average_rates(figures: Figures) -> dict[Place, int]:
    """Return the average price of a night sold in each currency, half up."""
    return {
        (TABLE, row, column.replace("priced", "rate")): half_up(
            figures[TABLE, row, column.replace("priced", "revenue")], nights
        )
        for (_table, row, column), nights in figures.items()
        if column.startswith("priced ")
    }


def half_up(amount: int, parts_: int) -> int:
    """Return one of the equal parts of an amount."""
    return (2 * amount + parts_) // (2 * parts_)


def nights_available(scope: Scope) -> dict[str, int]:
    """Return for each month its days within the scope times the rooms in service."""
    rooms = rows(Room).filter(hotel__in=list(scope.by_key), is_active=True).aggregate(found=Count("pk"))["found"]
    return {
        month_of(day): ((min(next_month(day), scope.last + DAY) - max(day, scope.first)).days) * rooms
        for day in months(scope)
    }


STAYS: Final = Report(
    "stays",
    gettext_lazy("Occupancy and stays"),
    gettext_lazy(
        "Confirmed and completed stays by their nights. A stay's price is spread evenly over its nights, and only "
        "the nights within the days above count."
    ),
    parts,
    tables,
)
