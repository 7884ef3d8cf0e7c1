"""What a hotel can still sell for some nights: how many rooms of each type are left, and who has the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any, Final

from django.db.models import Count, Max, Min, Q

from bookings.availability import kept_overlapping, most_taken, nights_beside, overlapping, taken_by_type
from bookings.models import Booking, Hotel, Room, RoomType

# How far to look for a room's other stays: whatever fits before or after is sold by then, or nobody wants it.
NEAR: Final = timedelta(days=90)


@dataclass(frozen=True)
class Taken:
    """Nights of a booking; for a kept stay, those that it keeps beside its own."""

    booking: Booking
    check_in: date
    check_out: date


@dataclass(frozen=True)
class RoomOffer:
    """A room, and whoever has it for one of the nights."""

    room: Room
    taken: Taken | None


@dataclass(frozen=True)
class TypeOffer:
    """A room type, and how many bookings it still has room for on the nights of the probe."""

    room_type: RoomType
    left: int
    probe: Booking

    @cached_property
    def rooms(self) -> list[RoomOffer]:
        """Its rooms in service; read when somebody asks, since a choice of types needs none of them."""
        rooms = list(Room.objects.filter(room_type=self.room_type, is_active=True).order_by("number"))
        taken = who_has(rooms, self.probe)
        return [RoomOffer(room, taken.get(room.pk)) for room in rooms]

    @property
    def free(self) -> list[Room]:
        """The rooms that nobody has; more than are left where some guests have no room yet."""
        return [each.room for each in self.rooms if each.taken is None] if self.left else []


def for_nights(hotel: Hotel, check_in: date, check_out: date, *, beside: int | None = None) -> list[TypeOffer]:
    """Return each room type of a hotel as it can be sold, without counting the booking `beside`.

    Three queries for any number of rooms and stays. Whoever has a room out of service takes none of the others.
    """
    probe = Booking(pk=beside, hotel=hotel, check_in=check_in, check_out=check_out)
    in_service = Count("rooms", filter=Q(rooms__is_active=True))
    kinds = list(RoomType.objects.filter(hotel=hotel).annotate(in_service=in_service).order_by("name"))
    taken = taken_by_type(probe, [kind.pk for kind in kinds])
    offers = []
    for kind in kinds:
        kind.hotel = hotel
        left = kind.in_service - most_taken(taken[kind.pk], check_in, check_out)
        offers.append(TypeOffer(kind, max(0, left), probe))
    return offers


def who_has(rooms: Sequence[Room], probe: Booking) -> dict[Any, Taken]:
    """Return who has some of a hotel's rooms on one of the nights, by room: of each the first stay."""
    stays = overlapping(probe).filter(room_type__hotel=probe.hotel, room__in=rooms)
    first = dict(stays.order_by("-check_in", "-pk").values_list("room", "pk"))
    bookings = Booking.objects.in_bulk(first.values())
    taken = {room: bookings[pk] for room, pk in first.items()}
    found: dict[Any, Taken] = {room: Taken(each, each.check_in, each.check_out) for room, each in taken.items()}
    for kept in kept_overlapping(probe).filter(room__in=rooms):
        for check_in, check_out in nights_beside(kept):
            if check_in < probe.check_out and check_out > probe.check_in:
                found.setdefault(kept.room_id, Taken(kept.booking, check_in, check_out))
    return found


def best_fit(rooms: Iterable[Room], check_in: date, check_out: date) -> Room | None:
    """Return the free room of a hotel that leaves the fewest empty nights before and after; of equals, the first.

    Neighbours that are further away than `NEAR` count as none.
    """
    rooms = list(rooms)
    if not rooms:
        return None
    others = Booking.objects.blocking().filter(room_type__hotel=rooms[0].hotel_id, room__in=rooms)
    stays = others.order_by().values_list("room")
    earlier = stays.filter(check_out__lte=check_in, check_out__gt=check_in - NEAR)
    later = stays.filter(check_in__gte=check_out, check_in__lt=check_out + NEAR, check_out__gt=check_out)
    before: dict[Any, date] = dict(earlier.annotate(Max("check_out")))
    after: dict[Any, date] = dict(later.annotate(Min("check_in")))

    def empty_nights(room: Room) -> tuple[bool, int]:
        gaps = [
            *([(check_in - before[room.pk]).days] if room.pk in before else []),
            *([(after[room.pk] - check_out).days] if room.pk in after else []),
        ]
        # A room without neighbours is kept for a longer stay.
        return not gaps, min(gaps, default=0)

    return min(rooms, key=empty_nights)
