"""Which room a guest gets: given later than the booking was taken, or another one of its type. No money moves."""

from django.db import transaction
from django.utils.translation import gettext as _

from bookings import availability, lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking, KeptStay, Room
from bookings.refusals import Refused


def assign_room(booking: Booking, *, room: Room, reason: str = "") -> Outcome:
    """Give the guest a room of the agreed type for the agreed nights; Refused, in words, where that is not possible.

    Taking a room from under another booking is impossible: the type is locked, then the room is looked up again.
    """
    with transaction.atomic():
        booking = lifecycle.lock(booking)
        if booking.room_id == room.pk and not booking.is_deleted:
            return Outcome(
                booking, Outcome.ALREADY, _("Nothing to do: the guest has room %(room)s already.") % {"room": room}
            )
        refuse_assignment(booking)
        refuse_room(booking, room)
        booking.assign_room(room_id=room.pk)
        availability.claim(booking)
        lifecycle.save(booking, "assign_room", reason)
    return Outcome(booking)


def refuse_assignment(booking: Booking) -> None:
    """Refuse where the stay has ended, or is being moved or paid for right now."""
    lifecycle.require(booking, booking.assign_room)
    lifecycle.refuse_while_waiting(booking)
    if KeptStay.objects.filter(booking=booking).exists():
        raise Refused(_("The guest has not paid the difference of the changed stay yet. Choose the room after that."))


def refuse_room(booking: Booking, room: Room) -> None:
    """Refuse a room that is not what was agreed, or that nobody can stay in."""
    room.refresh_from_db()
    if room.room_type_id != booking.room_type_id:
        raise Refused(
            _("Room %(room)s is not of the type %(room_type)s. Use “Change dates or room” for another type.")
            % {"room": room, "room_type": booking.room_type},
            code="ERR_VALIDATION",
        )
    if not room.is_active:
        raise Refused(
            _("Room %(room)s is out of service. Choose another room.") % {"room": room}, code="ERR_VALIDATION"
        )
