"""What a file comes to: every row by itself, against the other rows, and against the bookings that are there."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from bookings import lifecycle
from bookings.admin.imports.files import Raw
from bookings.admin.imports.rows import Checked, checked, houses
from bookings.availability import nights_beside
from bookings.models import BLOCKING, Booking, ImportAs, KeptStay, RecordState, Room
from bookings.refusals import Refused

type Stay = tuple[int, int | None, date, date, str]


def look(raws: list[Raw], user: Any, *, creates: str) -> list[Checked]:
    """Return each row with what is wrong with it. Nothing is saved; more rows need no more queries."""
    own = houses(user)
    found = [checked(raw, own) for raw in raws]
    refuse_twice(found)
    mark_known(found)
    if creates == ImportAs.CONFIRMED:
        refuse_without_terms(found)
        refuse_taken(found)
    return found


def refuse_without_terms(found: Iterable[Checked]) -> None:
    """Refuse stays in a hotel that has no cancellation policy to agree on."""
    why: dict[int, str] = {}
    for row in found:
        if row.booking is None:
            continue
        hotel = row.booking.hotel_id
        if hotel not in why:
            why[hotel] = why_no_terms(row.booking)
        if why[hotel]:
            row.problems.append(("hotel", why[hotel]))


def why_no_terms(booking: Booking) -> str:
    """Return why no terms can be agreed on; nothing when they can."""
    try:
        lifecycle.agreed_terms(booking)
    except Refused as refused:
        return refused.message
    return ""


def refuse_twice(found: Iterable[Checked]) -> None:
    """Refuse a booking that is in the file twice: nobody could say which row counts."""
    first: dict[tuple[int, str], int] = {}
    for row in found:
        if row.booking is None:
            continue
        number = first.setdefault((row.booking.hotel_id, row.former), row.number)
        if number != row.number:
            words = _("“%(reference)s” is also in row %(row)s.")
            row.problems.append(("old_reference", words % {"reference": row.former, "row": number}))


def mark_known(found: Iterable[Checked]) -> None:
    """Mark the rows whose booking was imported before."""
    by_hotel: dict[int, list[Checked]] = defaultdict(list)
    for row in found:
        if row.booking is not None:
            by_hotel[row.booking.hotel_id].append(row)
    wanted = Q(hotel__in=list(by_hotel)) & ~Q(former_reference="")
    there = Booking.objects.filter(wanted).values_list("hotel", "former_reference", "booking_id")
    known = {(hotel, former): reference for hotel, former, reference in there}
    for hotel, rows in by_hotel.items():
        for row in rows:
            row.known = known.get((hotel, row.former), "")


def refuse_taken(found: list[Checked]) -> None:
    """Refuse rooms that are taken, by bookings that are there or by rows further up that would be imported."""
    wanted = [row for row in found if row.booking is not None and not row.known and not is_twice(row)]
    if not wanted:
        return
    taken = Taken([row.booking for row in wanted if row.booking is not None])
    for row in wanted:
        assert row.booking is not None
        why = taken.why_not(row.booking)
        if why:
            row.problems.append(("room" if row.booking.room_id else "room_type", why))
        elif row.is_good:
            taken.add(stay_of(row.booking, _("row %(row)s") % {"row": row.number}))


def is_twice(row: Checked) -> bool:
    """Whether a row has its booking's room from a row further up: that one would be said to take it."""
    return any(name == "old_reference" for name, _words in row.problems)


def stay_of(booking: Any, name: str) -> Stay:
    """Return what a booking takes, and how it is called."""
    return booking.room_type_id, booking.room_id, booking.check_in, booking.check_out, name


class Taken:
    """Which nights are taken, counted in memory: for looking, not for keeping. `availability.claim` decides."""

    def __init__(self, wanted: list[Booking]) -> None:
        self.by_room: dict[tuple[int, date], str] = {}
        self.by_type: defaultdict[tuple[int, date], int] = defaultdict(int)
        self.rooms: defaultdict[int, int] = defaultdict(int)
        hotels = {each.hotel_id for each in wanted}
        for kind in Room.objects.filter(hotel__in=hotels, is_active=True).values_list("room_type", flat=True):
            self.rooms[kind] += 1
        first, last = min(each.check_in for each in wanted), max(each.check_out for each in wanted)
        for stay in there(hotels, first, last):
            self.add(stay)

    def add(self, stay: Stay) -> None:
        """Count a stay."""
        kind, room, begin, end, name = stay
        for night in nights(begin, end):
            self.by_type[kind, night] += 1
            if room:
                self.by_room[room, night] = name

    def why_not(self, booking: Booking) -> str:
        """Return why a stay is not possible; nothing when it is."""
        for night in nights(booking.check_in, booking.check_out):
            other = self.by_room.get((booking.room_id or 0, night))
            if other:
                words = _("Room %(room)s is taken on %(night)s by %(other)s.")
                return words % {"room": booking.room, "night": night.isoformat(), "other": other}
            if self.by_type[booking.room_type_id, night] >= self.rooms[booking.room_type_id]:
                words = _("All rooms of type %(type)s are taken on %(night)s.")
                return words % {"type": booking.room_type, "night": night.isoformat()}
        return ""


def there(hotels: set[int], first: date, last: date) -> Iterator[Stay]:
    """Yield the stays that take a room between two days."""
    span = {"check_in__lt": last, "check_out__gt": first}
    for booking in Booking.objects.blocking().filter(hotel__in=hotels, **span).iterator():
        yield stay_of(booking, booking.booking_id)
    is_blocking = Q(booking__status__in=BLOCKING, booking__record_state=RecordState.ACTIVE)
    for kept in KeptStay.objects.filter(is_blocking, booking__hotel__in=hotels, **span).select_related("booking"):
        for begin, end in nights_beside(kept):
            yield kept.room_type_id, kept.room_id, begin, end, kept.booking.booking_id


def nights(begin: date, end: date) -> Iterator[date]:
    """Yield the nights of a stay."""
    for number in range((end - begin).days):
        yield begin + timedelta(days=number)
