"""Months of a report, and their names."""

from collections.abc import Iterator
from datetime import date

from django.utils.dateformat import format as formatted

from bookings.admin.reports.figures import Row
from bookings.admin.reports.scope import Scope


def month_of(day: date) -> str:
    """Return the key of a day's month: "2026-11"."""
    return f"{day:%Y-%m}"


def months(scope: Scope) -> Iterator[date]:
    """Yield the first days of the months that the scope touches."""
    day = scope.first.replace(day=1)
    while day <= scope.last:
        yield day
        day = next_month(day)


def next_month(day: date) -> date:
    """Return the first day of the month after a day's."""
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)


def month_name(day: date) -> str:
    """Return "Nov 2026" in the active language."""
    return formatted(day, "M Y")


def month_rows(scope: Scope) -> list[Row]:
    """Return one row for each month, the oldest first."""
    return [Row(month_of(day), month_name(day)) for day in months(scope)]
