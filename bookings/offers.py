"""What a hotel can still sell for some nights: how many rooms of each type are left, and who has the others."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max, Min

from bookings.availability import kept_overlapping, most_taken, nights_beside, overlapping
from bookings.models import Booking, Hotel, Room, RoomType


@dataclass(frozen=True)
class Taken:
    """Nights of a booking, in a room or in any of its type; for a kept stay, those that it keeps beside its own."""

    booking: Booking
    room_type: int
    room: Room | None
    check_in: date
    check_out: date


@dataclass(frozen=True)
class RoomOffer:
    """A room, and whoever has it for one of the nights."""

    room: Room
    taken: Taken | None


@dataclass(frozen=True)
class TypeOffer:
    """A room type with its rooms in service, and how many bookings it still has room for."""

    room_type: RoomType
    rooms: Sequence[RoomOffer]
    left: int

    @property
    def free(self) -> list[Room]:
        """The rooms that nobody has; more than are left where some guests have no room yet."""
        return [each.room for each in self.rooms if each.taken is None] if self.left else []


def for_nights(hotel: Hotel, check_in: date, check_out: date, *, beside: int | None = None) -> list[TypeOffer]:
    """Return each room type of a hotel as it can be sold, without counting the booking `beside`."""
    probe = Booking(pk=beside, hotel=hotel, check_in=check_in, check_out=check_out)
    rooms: dict[int, list[Room]] = defaultdict(list)
    for room in Room.objects.filter(hotel=hotel, is_active=True).order_by("number"):
        rooms[room.room_type_id].append(room)
    taken = in_the_way(probe)
    kinds = RoomType.objects.filter(hotel=hotel).select_related("hotel").order_by("name")
    return [offer(kind, rooms[kind.pk], taken, probe) for kind in kinds]


def in_the_way(probe: Booking) -> list[Taken]:
    """Return what others have of a hotel on some of the nights."""
    stays = overlapping(probe).filter(hotel=probe.hotel).select_related("room").order_by("check_in", "pk")
    found = [Taken(each, each.room_type_id, each.room, each.check_in, each.check_out) for each in stays]
    for kept in kept_overlapping(probe).filter(booking__hotel=probe.hotel).select_related("room"):
        found.extend(
            Taken(kept.booking, kept.room_type_id, kept.room, *nights)
            for nights in nights_beside(kept)
            if nights[0] < probe.check_out and nights[1] > probe.check_in
        )
    return found


def offer(room_type: RoomType, rooms: Sequence[Room], taken: Sequence[Taken], probe: Booking) -> TypeOffer:
    """Return one type as it can be sold; whoever has a room out of service takes none of the others."""
    by_room = {each.room.pk: each for each in reversed(taken) if each.room}
    of_type = [each for each in taken if each.room_type == room_type.pk]
    counted = [(each.check_in, each.check_out) for each in of_type if each.room is None or each.room.is_active]
    left = len(rooms) - most_taken(counted, probe.check_in, probe.check_out)
    return TypeOffer(room_type, [RoomOffer(room, by_room.get(room.pk)) for room in rooms], max(0, left))


def best_fit(rooms: Iterable[Room], check_in: date, check_out: date) -> Room | None:
    """Return the free room that leaves the fewest empty nights before and after; of equals, the first."""
    rooms = list(rooms)
    stays = Booking.objects.blocking().filter(room__in=rooms).order_by().values_list("room")
    before: dict[Any, date] = dict(stays.filter(check_out__lte=check_in).annotate(Max("check_out")))
    after: dict[Any, date] = dict(stays.filter(check_in__gte=check_out).annotate(Min("check_in")))

    def empty_nights(room: Room) -> tuple[bool, int]:
        gaps = [
            *([(check_in - before[room.pk]).days] if room.pk in before else []),
            *([(after[room.pk] - check_out).days] if room.pk in after else []),
        ]
        # A room without neighbours is kept for a longer stay.
        return not gaps, min(gaps, default=0)

    return min(rooms, key=empty_nights, default=None)
