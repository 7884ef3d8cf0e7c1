"""Is there room? Every check locks the room type first, so that two bookings cannot both pass it.

PostgreSQL also has an exclusion constraint over the room and its nights. A bare constraint deadlocks for
seconds under concurrent writers; with the row locked first, the loser simply waits and is told.
"""

from datetime import date

from django.db.models import QuerySet

from bookings.models import Booking, Room, RoomType
from bookings.refusals import Refused, stay_words


def claim(booking: Booking) -> None:
    """Make sure, inside the caller's transaction, that the booking's room (or type) is free; else Refused."""
    RoomType.objects.select_for_update(of=("self",)).get(pk=booking.room_type_id)
    if booking.room_id:
        refuse_taken_room(booking)
    refuse_full_type(booking)


def refuse_taken_room(booking: Booking) -> None:
    """Refuse a room that another blocking booking has for one of the nights."""
    other = overlapping(booking).filter(room=booking.room_id).first()
    if other is not None:
        raise Refused(
            f"Room {booking.room} is already taken by booking {other.booking_id}, "
            f"{stay_words(other.check_in, other.check_out)}. Choose another room or other dates."
        )


def refuse_full_type(booking: Booking) -> None:
    """Refuse a night for which all rooms of the type are sold."""
    rooms = Room.objects.filter(room_type=booking.room_type_id, is_active=True).count()
    stays = overlapping(booking).filter(room_type=booking.room_type_id)
    if most_taken(stays.values_list("check_in", "check_out"), booking.check_in) >= rooms:
        raise Refused(
            f"All {rooms} rooms of type {booking.room_type} are taken for a night between "
            f"{stay_words(booking.check_in, booking.check_out)}. Choose another type or other dates."
        )


def overlapping(booking: Booking) -> QuerySet[Booking]:
    """Return the other bookings that block a night of this one. Back-to-back stays share a day."""
    return (
        Booking.objects.blocking()
        .filter(check_in__lt=booking.check_out, check_out__gt=booking.check_in)
        .exclude(pk=booking.pk)
    )


def most_taken(stays: "QuerySet[Booking, tuple[date, date]]", first_night: date) -> int:
    """Return how many of the stays overlap on the fullest night from the first one on."""
    starts_and_ends = [(max(check_in, first_night), check_out) for check_in, check_out in stays]
    # The fullest night is always one on which some stay begins.
    return max(
        (sum(a <= start < b for a, b in starts_and_ends) for start, _ in starts_and_ends),
        default=0,
    )
