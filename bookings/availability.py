"""Is there room? Every check locks the room type first, so that two bookings cannot both pass it.

PostgreSQL also has an exclusion constraint over the room and its nights. A bare constraint deadlocks for
seconds under concurrent writers; with the row locked first, the loser simply waits and is told.

A booking that is being moved keeps two stays until it is clear which of them it is; nobody else gets either.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import accumulate
from typing import Any, Final

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from bookings.models import BLOCKING, Booking, KeptStay, RecordState, Room, RoomType
from bookings.refusals import Refused, stay_words

type Nights = tuple[date, date]
# A number of stays with the same nights.
type Stays = tuple[date, date, int]
# Stays that need one of the rooms that are sold: a room of their type, or one that is not out of service.
IN_SERVICE: Final = Q(room=None) | ~Q(room__in=Room.objects.filter(is_active=False))


def claim(booking: Booking) -> None:
    """Make sure, inside the caller's transaction, that the booking's room (or type) is free; else Refused."""
    if booking.room_id:
        refuse_taken_room(booking)  # whoever is too late for it need not wait for the lock to hear so
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
    other = (
        overlapping(booking).filter(room=booking.room_id).values_list("booking_id", "check_in", "check_out").first()
    )
    if other is None:
        kept = kept_overlapping(booking).filter(room=booking.room_id)
        other = kept.values_list("booking__booking_id", "check_in", "check_out").first()
    if other is not None:
        reference, check_in, check_out = other
        raise Refused(
            _(
                "Room %(room)s is already taken by booking %(reference)s, %(stay)s. "
                "Choose another room or other dates."
            )
            % {"room": booking.room, "reference": reference, "stay": stay_words(check_in, check_out)}
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
    taken = taken_by_type(booking, [booking.room_type_id])
    return most_taken(taken[booking.room_type_id], booking.check_in, booking.check_out)


def taken_by_type(probe: Booking, types: Iterable[Any]) -> Mapping[int, list[Stays]]:
    """Return what others have of each of some room types on some of the probe's nights.

    The database counts stays with the same nights: a month of a large hotel is tens of thousands of stays, and few
    such counts.
    """
    wanted, taken = list(types), defaultdict(list)
    stays = overlapping(probe).filter(IN_SERVICE, room_type__in=wanted).order_by()
    for kind, *same in stays.values_list("room_type", "check_in", "check_out").annotate(same=Count("*")):
        taken[kind].append(tuple(same))
    for kept in kept_overlapping(probe).filter(IN_SERVICE, room_type__in=wanted):
        taken[kept.room_type_id].extend((*nights, 1) for nights in nights_beside(kept))
    return taken


def overlapping(booking: Booking) -> QuerySet[Booking]:
    """Return the other bookings that block a night of this one. Back-to-back stays share a day."""
    others = Booking.objects.blocking() if booking.pk is None else Booking.objects.blocking().exclude(pk=booking.pk)
    return others.filter(check_in__lt=booking.check_out, check_out__gt=booking.check_in)


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


def most_taken(stays: Iterable[Stays], first_night: date, check_out: date) -> int:
    """Return how many of the stays overlap on the fullest night from the first one on, up to check-out."""
    steps: Counter[date] = Counter()
    for check_in, end, count in stays:
        if check_in < check_out and end > first_night:
            steps[max(check_in, first_night)] += count
            steps[end] -= count
    return max(accumulate(steps[day] for day in sorted(steps)), default=0)
