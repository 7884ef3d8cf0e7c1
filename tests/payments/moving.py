"""Bookings that are moved the way the desk does it: planned first, then pressed."""

from dataclasses import replace
from datetime import timedelta

from payments import reschedule
from payments.plans import Wish
from tests.factories import RoomFactory
from tests.stays import by_staff, fresh

REFUNDS = {"method": "POST", "path_regex": "^/v1/refunds$"}
VOIDS = {"method": "POST", "path_regex": "/cancel$"}
CLOSES = {"method": "POST", "path_regex": "/expire$"}


def wish_for(booking, *, nights=2, days=0, room="same", **more):
    """A stay so many nights long, so many days later."""
    booking = fresh(booking)
    check_in = booking.check_in + timedelta(days=days)
    room = booking.room if room == "same" else room
    room_type = room.room_type if room else booking.room_type
    return Wish(room_type, room, check_in, check_in + timedelta(days=nights), **more)


def press(booking, wish, *, seen=None, reason="The guest asked for it", person=None):
    """Press the button of the dialog; `seen` is what an earlier look has shown."""
    seen = reschedule.plan_of(fresh(booking), wish).seen() if seen is None else seen
    with by_staff(person):
        return reschedule.reschedule(booking, wish=wish, seen=seen, reason=reason)


def move(booking, **wish):
    """Look and press."""
    return press(booking, wish_for(booking, **wish))


def other_room(booking):
    """Another room of the same type."""
    return RoomFactory(room_type=booking.room_type)


def priced(wish, price):
    """The same wish at a price of one's own."""
    return replace(wish, price=price)


def stay(booking):
    """The stay that is stored: nights from check-in, price, room."""
    booking = fresh(booking)
    return booking.nights, booking.total_amount, booking.room_id
