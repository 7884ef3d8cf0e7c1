"""Is there room? Every check locks the room type first, so that two bookings cannot both pass it.

PostgreSQL also has an exclusion constraint over the room and its nights. A bare constraint deadlocks for
seconds under concurrent writers; with the row locked first, the loser simply waits and is told.

A booking that is being moved keeps two stays until it is clear which of them it is; nobody else gets either.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import accumulate
from typing import Final

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bookings.models import BLOCKING, Booking, KeptStay, RecordState, Room, RoomType
from bookings.refusals import Refused, stay_words

type Nights = tuple[date, date]
# Stays that need one of the rooms that are sold: a room of their type, or one that is not out of service.
IN_SERVICE: Final = Q(room=None) | Q(room__is_active=True)


def claim(booking: Booking) -> None:
    """Make sure, inside the caller's transaction, that the booking's room (or type) is free; else Refused."""
    RoomType.objects.select_for_update(of=("self",)).get(pk=booking.room_type_id)
    check(booking)


def check(booking: Booking) -> None:
    """Refuse what is taken now. Without `claim` somebody else may be faster."""
    if booking.room_id:
        refuse_taken_room(booking)
    refuse_full_type(booking)


def keep(kept: KeptStay) -> None:
    """Keep a second stay for a locked booking: one that is its own, or was claimed in the same transaction."""
    release(kept.booking)
    kept.save()


def release(booking: Booking) -> None:
    """Sell the other stay of a locked booking again, if it keeps one."""
    KeptStay.objects.filter(booking=booking).delete()
    booking._state.fields_cache.pop("kept_stay", None)  # what was read before is not so any more


def refuse_taken_room(booking: Booking) -> None:
    """Refuse a room that another blocking booking has for one of the nights."""
    other: Booking | KeptStay | None = overlapping(booking).filter(room=booking.room_id).first()
    other = other or kept_overlapping(booking).filter(room=booking.room_id).first()
    if other is not None:
        reference = other.booking.booking_id if isinstance(other, KeptStay) else other.booking_id
        raise Refused(
            _(
                "Room %(room)s is already taken by booking %(reference)s, %(stay)s. "
                "Choose another room or other dates."
            )
            % {"room": booking.room, "reference": reference, "stay": stay_words(other.check_in, other.check_out)}
        )


def refuse_full_type(booking: Booking) -> None:
    """Refuse a night for which all rooms of the type are sold.

    A room out of service counts neither among the rooms nor with whoever still has it.
    """
    if booking.room and not booking.room.is_active:
        return
    rooms = Room.objects.filter(room_type=booking.room_type_id, is_active=True).count()
    if fullest_night(booking) >= rooms:
        raise Refused(
            _(
                "All %(rooms)s rooms of type %(room_type)s are taken for a night between %(stay)s. "
                "Choose another type or other dates."
            )
            % {
                "rooms": rooms,
                "room_type": booking.room_type,
                "stay": stay_words(booking.check_in, booking.check_out),
            }
        )


def fullest_night(booking: Booking) -> int:
    """Return how many rooms of the booking's type others have on the fullest of its nights."""
    stays = overlapping(booking).filter(IN_SERVICE, room_type=booking.room_type_id)
    kept = kept_overlapping(booking).filter(IN_SERVICE, room_type=booking.room_type_id)
    more = (nights for each in kept for nights in nights_beside(each) if nights[1] > booking.check_in)
    nights = [*stays.values_list("check_in", "check_out"), *more]
    return most_taken(nights, booking.check_in, booking.check_out)


def overlapping(booking: Booking) -> QuerySet[Booking]:
    """Return the other bookings that block a night of this one. Back-to-back stays share a day."""
    return (
        Booking.objects.blocking()
        .filter(check_in__lt=booking.check_out, check_out__gt=booking.check_in)
        .exclude(pk=booking.pk)
    )


def kept_overlapping(booking: Booking) -> QuerySet[KeptStay]:
    """Return the stays that other bookings keep beside their own, and that block a night of this one."""
    is_blocking = Q(booking__status__in=BLOCKING, booking__record_state=RecordState.ACTIVE)
    return (
        KeptStay.objects.filter(is_blocking, check_in__lt=booking.check_out, check_out__gt=booking.check_in)
        .exclude(booking=booking.pk)
        .select_related("booking")
    )


def nights_beside(kept: KeptStay) -> Iterator[Nights]:
    """Yield the nights for which a kept stay needs one room more than its booking's own stay."""
    own = kept.booking
    if (kept.room_type_id, kept.room_id) != (own.room_type_id, own.room_id):
        yield kept.check_in, kept.check_out
        return
    if kept.check_in < own.check_in:
        yield kept.check_in, min(kept.check_out, own.check_in)
    if kept.check_out > own.check_out:
        yield max(kept.check_in, own.check_out), kept.check_out


def most_taken(stays: Iterable[Nights], first_night: date, check_out: date) -> int:
    """Return how many of the stays overlap on the fullest night from the first one on, up to check-out."""
    steps: Counter[date] = Counter()
    for check_in, end in stays:
        if check_in < check_out:
            steps[max(check_in, first_night)] += 1
            steps[end] -= 1
    return max(accumulate(steps[day] for day in sorted(steps)), default=0)
