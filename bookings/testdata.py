"""Test data: rooms and bookings that are marked as such, made by the normal ways and taken away again.

Guests live in a domain that nobody can own. What ever had to do with money is kept for good, test data or not.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Final

from django.db import transaction
from django.db.models import ProtectedError, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import audit, availability, lifecycle
from bookings.models import Booking, Hotel, PaymentMethod, Room, RoomType
from bookings.pricing import stay_price
from bookings.refusals import Refused
from cancellations import hard_delete
from payments.money import exponent

DOMAIN: Final = "testdata.example"  # reserved by RFC 2606
TYPE: Final = "Test double"
ROOMS: Final = ("T1", "T2", "T3", "T4", "T5")
RATE: Final = 100  # whole units of the hotel's currency
NIGHTS: Final = 2
FIRST_NIGHT: Final = timedelta(days=30)
# Each next booking of a room begins so many days later: two nights and one to spare.
RHYTHM: Final = timedelta(days=3)


@dataclass(frozen=True)
class Cleaned:
    """What became of one booking; `why_kept` is empty for a deleted one."""

    reference: str
    email: str
    why_kept: str


def create_rooms(hotel: Hotel) -> list[Room]:
    """Make the hotel's test rooms that are not there yet; return the new ones. Raises Refused."""
    with transaction.atomic(), audit.change("create", "Test data"):
        Hotel.objects.select_for_update(of=("self",)).get(pk=hotel.pk)
        rate = RATE * 10 ** exponent(hotel.currency)
        room_type, _made = RoomType.objects.get_or_create(
            hotel=hotel, name=TYPE, defaults={"nightly_rate": rate, "is_test_data": True}
        )
        if not room_type.is_test_data:
            raise Refused(
                _("%(hotel)s has a room type %(type)s of its own. Give it another name first.")
                % {"hotel": hotel, "type": TYPE}
            )
        there = set(hotel.rooms.values_list("number", flat=True))
        return [
            Room.objects.create(hotel=hotel, room_type=room_type, number=number, is_test_data=True)
            for number in ROOMS
            if number not in there
        ]


def create_bookings(hotel: Hotel, wanted: int) -> list[Booking]:
    """Submit test bookings until the hotel has as many as wanted; return the new ones.

    Raises Refused where the hotel cannot take bookings yet.
    """
    create_rooms(hotel)
    rooms = list(hotel.rooms.filter(is_test_data=True, is_active=True).order_by("number"))
    there = set(hotel.bookings.filter(is_test_data=True).values_list("guest_email", flat=True))
    if not rooms:
        raise Refused(
            _("%(hotel)s has rooms of its own numbered %(join)s, so there are no test rooms.")
            % {"hotel": hotel, "join": ", ".join(ROOMS)}
        )
    missing = [number for number in range(1, wanted + 1) if email_of(number) not in there]
    return [create_booking(hotel, rooms, number) for number in missing]


def create_booking(hotel: Hotel, rooms: list[Room], number: int) -> Booking:
    """Enter and submit one booking, all or nothing, in the first test room that is free."""
    with transaction.atomic():
        room, check_in = next(free_slots(rooms, hotel.today(timezone.now()) + FIRST_NIGHT))
        with audit.change("create", "Test data"):
            booking = Booking.objects.create(**stay(room, check_in), **guest(number), is_test_data=True)
        return lifecycle.submit(booking).booking


def free_slots(rooms: list[Room], first: date) -> Iterator[tuple[Room, date]]:
    """Yield rooms and check-in dates that are free, the nearest first."""
    for step in count():
        for room in rooms:
            check_in = first + step * RHYTHM
            if not availability.overlapping(Booking(**stay(room, check_in))).filter(room=room).exists():
                yield room, check_in


def stay(room: Room, check_in: date) -> dict[str, object]:
    """Return the fields of a booking that say where and when, and what that costs."""
    check_out = check_in + timedelta(days=NIGHTS)
    price = stay_price(nightly_rate=room.room_type.nightly_rate, check_in=check_in, check_out=check_out)
    return {
        "hotel": room.hotel,
        "room_type": room.room_type,
        "room": room,
        "check_in": check_in,
        "check_out": check_out,
        "total_amount": price,
        "currency": room.hotel.currency,
    }


def guest(number: int) -> dict[str, str]:
    """Return a guest nobody can write to; every second one pays on arrival."""
    method = PaymentMethod.ONLINE if number % 2 else PaymentMethod.ARRIVAL
    return {"guest_name": f"Test Guest {number}", "guest_email": email_of(number), "payment_method": method}


def email_of(number: int) -> str:
    """Return the address by which the number of a test booking is known again."""
    return f"guest{number}@{DOMAIN}"


def bookings_of(*, emails: Iterable[str] = (), everything: bool = False) -> QuerySet[Booking]:
    """Return the marked bookings, or all; only those of some guests where addresses are given (in any case)."""
    rows = Booking.objects.order_by("pk") if everything else Booking.objects.filter(is_test_data=True).order_by("pk")
    wanted = {email.lower() for email in emails}
    if not wanted:
        return rows
    known = rows.values_list("pk", "guest_email")
    return rows.filter(pk__in=[pk for pk, email in known if email.lower() in wanted])


def clean(bookings: QuerySet[Booking]) -> Iterator[Cleaned]:
    """Delete each booking that money never had to do with; yield what became of it."""
    for booking in bookings:
        yield delete(booking)


def delete(booking: Booking) -> Cleaned:
    """Delete one booking with its mails and links, or say why it is kept. Its history stays."""
    try:
        with transaction.atomic():
            booking = lifecycle.lock(booking)
            why = why_kept(booking)
            if not why:
                with audit.change("clean", "Test data"):
                    hard_delete.remove_rows(booking)
    except ProtectedError:
        why = "other records name it"
    return Cleaned(booking.booking_id, booking.guest_email, why)


def why_kept(booking: Booking) -> str:
    """Return why a booking cannot be deleted; nothing when it can."""
    if booking.payments.filter(amount_captured__gt=0).exists():
        return "money was taken for it, and financial records are kept for good"
    if booking.payments.exists() or booking.operations.exists():
        return "a payment was begun for it, and financial records are kept for good"
    if hard_delete.has_money(booking):
        return "records of Stripe's events or of decisions about money name it"
    return ""


def clean_rooms() -> tuple[int, int]:
    """Delete the marked rooms and room types that no booking refers to; return how many went and how many stay."""
    rooms = list(Room.objects.filter(is_test_data=True, bookings=None))
    for room in rooms:
        with audit.change("clean", "Test data"):
            room.delete()
    kinds = list(RoomType.objects.filter(is_test_data=True, bookings=None, rooms=None))
    for kind in kinds:
        with audit.change("clean", "Test data"):
            kind.delete()
    left = Room.objects.filter(is_test_data=True).count() + RoomType.objects.filter(is_test_data=True).count()
    return len(rooms) + len(kinds), left
