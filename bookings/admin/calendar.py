"""The calendar: rooms by nights as one table. Rooms and stays are read once each, whatever the calendar's size."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin import words
from bookings.admin.booking_form import LATE
from bookings.admin.scoping import HotelScopedAdmin
from bookings.availability import nights_beside
from bookings.models import BLOCKING, Booking, BookingStatus, Hotel, KeptStay, RecordState, Room
from bookings.spoken import formatted
from bookings.stay import Stay

S = BookingStatus
LENGTHS: Final = (14, 31)
# A receptionist looks for who has just left, too.
BEFORE_TODAY: Final = 2
SATURDAY: Final = 5
# The mark beside the guest's name: a colour alone tells nothing to those who do not see it.
LOOKS: Final = {
    S.PENDING_PAYMENT: ("unpaid", "…", gettext_lazy("waits for payment")),
    S.PENDING_APPROVAL: ("asked", "?", gettext_lazy("needs approval")),
    S.CONFIRMED: ("agreed", "✓", gettext_lazy("confirmed")),
    S.COMPLETED: ("over", "■", gettext_lazy("stay is over")),
    S.NO_SHOW: ("absent", "×", gettext_lazy("did not arrive")),
}
# A booking that is being moved keeps its other stay, too, until its money has followed.
KEPT: Final = ("kept", "⇄", gettext_lazy("kept while a booking moves"))

# A stay, and whether it is the other one of a booking that is being moved.
type Shown = tuple[Booking, bool]


@dataclass(frozen=True)
class Night:
    """One column. A stay's last night is the one before its check-out day."""

    day: date
    is_today: bool

    @property
    def is_weekend(self) -> bool:
        """Whether the day is a Saturday or a Sunday."""
        return self.day.weekday() >= SATURDAY


@dataclass(frozen=True)
class Cell:
    """One or more nights of a row: a stay, or one night that is free."""

    night: Night
    span: int = 1
    booking: Booking | None = None
    is_kept: bool = False
    begins_before: bool = False
    ends_after: bool = False

    @property
    def look(self) -> tuple[str, str, Any]:
        """Return the stay's class, mark and state in words."""
        assert self.booking is not None  # free nights have no look
        return KEPT if self.is_kept else LOOKS[BookingStatus(self.booking.status)]

    @property
    def title(self) -> str:
        """Return the whole stay in words."""
        assert self.booking is not None
        booking = self.booking
        return f"{booking.guest_name}, {words.dates(booking)}, {words.nights(booking)}, {booking} {self.look[2]}"


@dataclass(frozen=True)
class Line:
    """One row: a room, or stays of the type that have no room yet."""

    name: str
    cells: Sequence[Cell]
    has_room: bool = True
    # The room that can be booked from here, for nights from this day on.
    room: int | None = None
    bookable_from: date = date.max


@dataclass(frozen=True)
class Section:
    """A room type: how many rooms are left each night, and its rows."""

    name: str
    left: Sequence[tuple[Night, int]]
    lines: Sequence[Line]


class CalendarAdmin(HotelScopedAdmin):
    """Adds the calendar's page to the bookings."""

    def get_urls(self) -> list[Any]:
        """Put the calendar before the addresses of single bookings."""
        view = self.admin_site.admin_view(self.calendar_view)
        return [path("calendar/", view, name="bookings_booking_calendar"), *super().get_urls()]

    def calendar_view(self, request: HttpRequest) -> HttpResponse:
        """Show one hotel's rooms for two weeks or a month. Other people's hotels are 404."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        user: Any = request.user
        hotels = list(user.visible_hotels())
        context = {
            **self.admin_site.each_context(request),
            "title": _("Calendar"),
            "hotels": hotels,
            "looks": looks(),
        }
        if hotels:
            hotel = chosen(hotels, request.GET.get("hotel", ""))
            context |= page(hotel, request, can_add=self.has_add_permission(request))
            context["can_change"] = self.has_change_permission(request)
        return TemplateResponse(request, "admin/bookings/booking/calendar.html", context)


def looks() -> Iterator[tuple[str, str, Any]]:
    """Return what the legend explains."""
    yield from LOOKS.values()
    yield KEPT


def chosen(hotels: Sequence[Hotel], wanted: str) -> Hotel:
    """Return the hotel that the address names, or the first; 404 for one that is not the person's."""
    if not wanted:
        return hotels[0]
    for hotel in hotels:
        if str(hotel.pk) == wanted:
            return hotel
    raise Http404


def page(hotel: Hotel, request: HttpRequest, *, can_add: bool) -> dict[str, Any]:
    """Return what the template shows of a hotel; days are the hotel's own."""
    today = hotel.today(timezone.now())
    first = start(request.GET.get("from", ""), today)
    length = next((each for each in LENGTHS if str(each) == request.GET.get("days")), LENGTHS[0])
    nights = [Night(day, day == today) for day in (first + timedelta(days=n) for n in range(length))]
    return {
        "hotel": hotel,
        "nights": nights,
        "months": months(nights),
        "sections": sections(hotel, nights, today=today),
        "length": length,
        "lengths": LENGTHS,
        "first": first,
        "earlier": address(hotel, first - timedelta(days=length), length),
        "later": address(hotel, first + timedelta(days=length), length),
        "now": address(hotel, today - timedelta(days=BEFORE_TODAY), length),
        "can_add": can_add,
    }


def start(wanted: str, today: date) -> date:
    """Return the first night: what the address says, or the day before yesterday where it says nothing useful."""
    try:
        first = date.fromisoformat(wanted)
    except ValueError:
        return today - timedelta(days=BEFORE_TODAY)
    # So far away nobody has stays, and Python's calendar has its ends.
    return first if abs((first - today).days) < 20 * 365 else today


def address(hotel: Hotel, first: date, length: int) -> str:
    """Return the calendar's address for other nights."""
    return f"{reverse('admin:bookings_booking_calendar')}?hotel={hotel.pk}&from={first:%Y-%m-%d}&days={length}"


def months(nights: Sequence[Night]) -> list[tuple[str, int]]:
    """Return the months above the nights, each with its number of columns."""
    counted: dict[str, int] = defaultdict(int)
    for night in nights:
        counted[formatted(night.day, "MMMM y", "yMMMM")] += 1
    return list(counted.items())


def sections(hotel: Hotel, nights: Sequence[Night], *, today: date) -> list[Section]:
    """Return the hotel's room types with their rows, in the order of their names."""
    first = today - LATE
    rooms: dict[Any, list[Room]] = defaultdict(list)
    for room in Room.objects.filter(hotel=hotel).select_related("room_type").order_by("room_type__name", "number"):
        rooms[room.room_type].append(room)
    stays: dict[int, list[Shown]] = defaultdict(list)
    shown = [*stays_between(hotel, nights), *kept_between(hotel, nights)]
    for booking, is_kept in sorted(shown, key=lambda each: (each[0].check_in, each[0].pk)):
        stays[booking.room_type_id].append((booking, is_kept))
    return [section(kind, of_type, stays[kind.pk], nights, first) for kind, of_type in rooms.items()]


def stays_between(hotel: Hotel, nights: Sequence[Night]) -> Iterator[Shown]:
    """Yield the stays that keep a room on one of the nights."""
    first, end = nights[0].day, nights[-1].day + timedelta(days=1)
    # By its types, which the index of nights begins with.
    found = Booking.objects.blocking().filter(room_type__hotel=hotel, check_in__lt=end, check_out__gt=first)
    yield from ((booking, False) for booking in found)


def kept_between(hotel: Hotel, nights: Sequence[Night]) -> Iterator[Shown]:
    """Yield the nights that bookings keep beside their own stay while they are moved."""
    first, end = nights[0].day, nights[-1].day + timedelta(days=1)
    kept = KeptStay.objects.filter(
        booking__hotel=hotel, booking__status__in=BLOCKING, booking__record_state=RecordState.ACTIVE
    )
    for other in kept.filter(check_in__lt=end, check_out__gt=first).select_related("booking"):
        for check_in, check_out in nights_beside(other):
            if check_in < end and check_out > first:
                beside = replace(Stay.of(other), check_in=check_in, check_out=check_out)
                yield beside.on(other.booking), True


def section(
    kind: Any, rooms: Sequence[Room], stays: Sequence[Shown], nights: Sequence[Night], first: date
) -> Section:
    """Return one room type, bookable from a first day on. A room out of service is shown while somebody has it."""
    by_room: dict[int | None, list[Shown]] = defaultdict(list)
    for booking, is_kept in stays:
        by_room[booking.room_id].append((booking, is_kept))
    shown = [room for room in rooms if room.is_active or by_room[room.pk]]
    lines = [
        replace(line, room=room.pk, bookable_from=first) if room.is_active else line
        for room in shown
        for line in lines_of(str(room), by_room[room.pk], nights)
    ]
    waiting = lines_of(_("No room yet"), by_room[None], nights, has_room=False) if by_room[None] else []
    in_service = {room.pk for room in rooms if room.is_active}
    counted = [each for each in stays if each[0].room_id is None or each[0].room_id in in_service]
    taken = rooms_taken(counted, nights)
    left = [(night, len(in_service) - taken[night.day]) for night in nights]
    return Section(str(kind), left, [*lines, *waiting])


def rooms_taken(stays: Iterable[Shown], nights: Sequence[Night]) -> Counter[date]:
    """Return how many rooms of a type are sold on each night."""
    first, end = nights[0].day, nights[-1].day + timedelta(days=1)
    spans = ((max(first, stay.check_in), min(end, stay.check_out)) for stay, _ in stays)
    return Counter(begin + timedelta(days=number) for begin, until in spans for number in range((until - begin).days))


def lines_of(name: str, stays: Iterable[Shown], nights: Sequence[Night], *, has_room: bool = True) -> list[Line]:
    """Return as few rows as the stays need without covering each other; one for a room that is free."""
    lanes: list[list[Shown]] = [[]]
    for booking, is_kept in stays:
        lane = next((each for each in lanes if not each or each[-1][0].check_out <= booking.check_in), None)
        if lane is None:
            lanes.append(lane := [])
        lane.append((booking, is_kept))
    return [Line(name, list(cells_of(lane, nights)), has_room) for lane in lanes]


def cells_of(lane: Iterable[Shown], nights: Sequence[Night]) -> Iterator[Cell]:
    """Return a row's cells from left to right: free nights one by one, each stay as one."""
    at = 0
    for booking, is_kept in lane:
        begin = max(0, (booking.check_in - nights[0].day).days)
        end = min(len(nights), (booking.check_out - nights[0].day).days)
        yield from (Cell(night) for night in nights[at:begin])
        yield Cell(
            nights[begin],
            end - begin,
            booking,
            is_kept,
            begins_before=booking.check_in < nights[0].day,
            ends_after=booking.check_out > nights[-1].day + timedelta(days=1),
        )
        at = end
    yield from (Cell(night) for night in nights[at:])
