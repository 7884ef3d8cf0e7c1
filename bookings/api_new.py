"""A booking that a program takes: checked by the same form as at the desk, and taken once for each key."""

import hashlib
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bookings import audit, lifecycle
from bookings.admin.booking_fields import sets_prices
from bookings.admin.booking_form import TAKEN, BookingForm
from bookings.api_body import wrong_fields
from bookings.api_errors import ApiError, Code, forbidden, of_refusal
from bookings.api_schemas import NewBooking
from bookings.models import Booking, Hotel, NewBookingKey, Room, RoomType, User
from bookings.refusals import Refused

LONGEST_KEY: Final = 255
# What the form calls otherwise than the API.
NAMES: Final = {"total": "total_amount", "__all__": "body"}


def taken(person: User, hotel: Hotel, said: NewBooking, *, key: str) -> tuple[Booking, bool]:
    """Return the booking, and whether this very request has taken it. Raises ApiError, and then nothing is stored."""
    body = fingerprint(hotel, said)
    if key and (booking := by_key(person, key, body)):
        return booking, False
    try:
        with transaction.atomic():
            booking = made(person, hotel, said)
            if key:
                NewBookingKey.objects.create(user=person, key=key, body=body, booking=booking)
    except Refused as refused:
        raise of_refusal(refused) from None
    except IntegrityError:
        # Another request with this key was faster: what it made can be seen now.
        found = by_key(person, key, body) if key else None
        if found is None:
            raise
        return found, False
    return fresh(booking), True


def made(person: User, hotel: Hotel, said: NewBooking) -> Booking:
    """Store a booking and, where it is asked for, submit it; Refused where that is not possible."""
    form = BookingForm(typed(hotel, said))
    if "total" in form.fields and not sets_prices(person):
        if said.total_amount:
            raise forbidden()
        del form.fields["total"]
    if not form.is_valid():
        raise problem_of(form)
    with audit.change("create"):
        booking: Booking = form.save()
    return lifecycle.submit(booking).booking if said.submit else booking


def typed(hotel: Hotel, said: NewBooking) -> dict[str, Any]:
    """Return what a receptionist would have typed."""
    kind = RoomType.objects.filter(hotel=hotel, name__iexact=said.room_type).first()
    if kind is None:
        raise wrong_fields({"room_type": _("The hotel has no such room type.")})
    room = Room.objects.filter(hotel=hotel, number__iexact=said.room, is_active=True).first() if said.room else None
    if said.room and room is None:
        raise wrong_fields({"room": _("The hotel has no such room in service.")})
    return {
        **said.model_dump(exclude={"submit", "total_amount"}),
        "hotel": hotel.pk,
        "room_type": kind.pk,
        "room": room.pk if room else "",
        "total": said.total_amount,
    }


def problem_of(form: BookingForm) -> ApiError:
    """Return what is wrong: 409 where only the room is taken, otherwise the fields with their words."""
    said = {NAMES.get(name, name): " ".join(str(each) for each in errors) for name, errors in form.errors.items()}
    codes = {error.code for errors in form.errors.as_data().values() for error in errors}
    if codes == {TAKEN}:
        return ApiError(Code.STATE, " ".join(said.values()))
    return wrong_fields(said)


def by_key(person: User, key: str, body: str) -> Booking | None:
    """Return the booking that a person's earlier request with a key took; ApiError where it asked for another."""
    row = NewBookingKey.objects.filter(user=person, key=key).first()
    if row is None:
        return None
    if row.body != body:
        raise ApiError(Code.VALIDATION, _("This Idempotency-Key was used for another booking. Use a new one."))
    return fresh(row.booking)


def fresh(booking: Booking) -> Booking:
    """Return a booking with what its description needs."""
    return Booking.objects.select_related("hotel", "room_type", "room").get(pk=booking.pk)


def fingerprint(hotel: Hotel, said: NewBooking) -> str:
    """Return a hash of what is asked for; the guest's data is not kept a second time."""
    return hashlib.sha256(f"{hotel.pk}\n{said.model_dump_json()}".encode()).hexdigest()
