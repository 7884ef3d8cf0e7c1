"""Bookings taken and cancellations of the last thirty days, by each hotel's own date, drawn on the server."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Case, Count, DateField, QuerySet, When
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.models import Booking, BookingStatus, Hotel
from site_config.today.scope import Scope

DAYS: Final = 30
# The drawing's own units: one bar with its gap, and the highest bar.
STEP: Final = 10
HEIGHT: Final = 60


@dataclass(frozen=True)
class Bar:
    """One day of a chart."""

    day: date
    count: int
    x: int
    height: float

    @property
    def y(self) -> float:
        """Where the bar begins, from above."""
        return HEIGHT - self.height


@dataclass(frozen=True)
class Chart:
    """One series of numbers, a day each."""

    key: str
    name: str
    total: int
    link: str
    bars: list[Bar]
    width: int = DAYS * STEP
    height: int = HEIGHT

    @property
    def most(self) -> int:
        """The highest number of a day."""
        return max(bar.count for bar in self.bars)


def charts(scope: Scope) -> list[Chart]:
    """Return both charts, one query each."""
    if not scope.shown:
        return []
    own = scope.own(Booking.objects.active())
    taken = own.exclude(status=BookingStatus.DRAFT)
    cancelled = own.filter(status=BookingStatus.CANCELLED)
    return [
        chart("taken", _("Bookings taken"), scope, per_day(taken, "created_at", scope.shown), ""),
        chart(
            "cancelled",
            _("Cancellations"),
            scope,
            per_day(cancelled, "cancelled_at", scope.shown),
            "status__exact=CANCELLED",
        ),
    ]


def per_day(rows: QuerySet[Any], moment: str, hotels: Iterable[Hotel]) -> dict[date, int]:
    """Return how many rows have a moment on each of the last days, on the clock of their hotel."""
    since = timezone.now() - timedelta(days=DAYS + 1)
    zones = {hotel.time_zone: hotel.zone for hotel in hotels}
    days = [When(hotel__time_zone=name, then=TruncDate(moment, tzinfo=zone)) for name, zone in zones.items()]
    recent = rows.filter(**{f"{moment}__gte": since}).order_by()
    told = recent.annotate(day=Case(*days, output_field=DateField())).values_list("day").annotate(count=Count("pk"))
    return dict(told)


def chart(key: str, name: str, scope: Scope, counts: dict[date, int], query: str) -> Chart:
    """Return the chart that ends with the latest of the hotels' todays."""
    last = max(scope.todays().values())
    days = [last - timedelta(days=DAYS - 1 - number) for number in range(DAYS)]
    most = max((counts.get(day, 0) for day in days), default=0) or 1
    bars = [
        Bar(day, counts.get(day, 0), number * STEP, round(HEIGHT * counts.get(day, 0) / most, 1))
        for number, day in enumerate(days)
    ]
    return Chart(key, name, sum(bar.count for bar in bars), scope.list_of("bookings_booking", query), bars)
