"""How full each hotel is for the next two weeks: rooms sold of rooms there are, night by night."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from bookings.availability import nights_beside
from bookings.models import BLOCKING, TAKING, Booking, Hotel, KeptStay, RecordState, Room
from site_config.today.scope import Scope

NIGHTS: Final = 14
HOTELS_SHOWN: Final = 6

# A number of stays of one hotel with the same nights.
type Taken = tuple[int, date, date, int]


@dataclass(frozen=True)
class Night:
    """One night of one hotel."""

    day: date
    sold: int
    rooms: int
    link: str

    @property
    def percent(self) -> int:
        """How full the house is; an overbooked one is full."""
        return min(100, round(100 * self.sold / self.rooms)) if self.rooms else 0

    @property
    def left(self) -> int:
        """How much of the house can still be sold, in percent."""
        return 100 - self.percent

    @property
    def is_full(self) -> bool:
        """Whether nothing is left to sell."""
        return self.sold >= self.rooms

    @property
    def is_weekend(self) -> bool:
        """Whether the day is a Saturday or a Sunday."""
        return self.day.weekday() >= 5


@dataclass(frozen=True)
class Strip:
    """One hotel's nights."""

    hotel: Hotel
    nights: list[Night]

    @property
    def average(self) -> int:
        """How full the house is over all the nights, in percent."""
        rooms = sum(night.rooms for night in self.nights)
        sold = sum(min(night.sold, night.rooms) for night in self.nights)
        return round(100 * sold / rooms) if rooms else 0


def occupancy(scope: Scope) -> list[Strip]:
    """Return the hotels with their nights, a few hotels at most; three queries for any number of stays."""
    now = timezone.now()
    hotels = scope.shown[:HOTELS_SHOWN]
    rooms = Counter(dict(rooms_of(hotels)))
    taken: dict[int, list[Taken]] = defaultdict(list)
    for each in (*booked(hotels, now), *kept(hotels, now)):
        taken[each[0]].append(each)
    return [strip(hotel, rooms[hotel.pk], taken[hotel.pk], now) for hotel in hotels if rooms[hotel.pk]]


def rooms_of(hotels: Iterable[Hotel]) -> Iterator[tuple[int, int]]:
    """Yield how many rooms each hotel can sell."""
    active = Room.objects.filter(hotel__in=hotels, is_active=True).order_by()
    yield from active.values_list("hotel").annotate(count=Count("pk"))


def booked(hotels: Iterable[Hotel], now: datetime) -> Iterator[Taken]:
    """Yield the stays that take a room on one of the nights."""
    rows = Booking.objects.active().filter(status__in=TAKING, hotel__in=hotels, **window(now)).order_by()
    yield from rows.values_list("hotel", "check_in", "check_out").annotate(count=Count("pk"))


def kept(hotels: Iterable[Hotel], now: datetime) -> Iterator[Taken]:
    """Yield the nights that bookings keep beside their own stay while they are moved."""
    rows = KeptStay.objects.filter(
        booking__hotel__in=hotels,
        booking__status__in=BLOCKING,
        booking__record_state=RecordState.ACTIVE,
        **window(now),
    )
    for other in rows.select_related("booking"):
        for check_in, check_out in nights_beside(other):
            yield other.booking.hotel_id, check_in, check_out, 1


def window(now: datetime) -> dict[str, Any]:
    """Return what keeps the stays of these nights, whatever the time zone: a day more on both sides."""
    today = now.date()
    return {"check_in__lt": today + timedelta(days=NIGHTS + 1), "check_out__gt": today - timedelta(days=1)}


def strip(hotel: Hotel, rooms: int, taken: Iterable[Taken], now: datetime) -> Strip:
    """Return one hotel's nights from its own today on."""
    today, calendar = hotel.today(now), reverse("admin:bookings_booking_calendar")
    stays = list(taken)
    nights = []
    for day in (today + timedelta(days=number) for number in range(NIGHTS)):
        sold = sum(count for _, check_in, check_out, count in stays if check_in <= day < check_out)
        nights.append(Night(day, sold, rooms, f"{calendar}?hotel={hotel.pk}&from={day:%Y-%m-%d}&days=14"))
    return Strip(hotel, nights)
