"""Two people who give the last room to two guests: one of them gets it, the other is told who."""

from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection

from bookings.assignment import assign_room
from bookings.models import Booking, KeptStay, Room
from bookings.refusals import Refused
from bookings.stay import Stay
from tests import stays
from tests.factories import BookingFactory, RoomFactory

pytestmark = pytest.mark.django_db


def rooms(number: int = 2) -> list[Room]:
    """Rooms of one type."""
    first = RoomFactory.create()
    return [first, *(RoomFactory.create(room_type=first.room_type) for _ in range(number - 1))]


def roomless(room: Room, **fields: object) -> Booking:
    """A request for a room of this one's type."""
    draft = BookingFactory.create(room=room, payment_method="ARRIVAL", **fields)
    draft.room = None
    draft.save()
    return stays.submitted(draft)


def at_once(*actions: Callable[[], object]) -> list[object]:
    """Do all at the same moment, each in a connection of its own; return results and refusals."""
    results: list[object] = []
    start = Barrier(len(actions))

    def act(action: Callable[[], object]) -> None:
        start.wait()
        try:
            results.append(action())
        except Refused as refused:
            results.append(refused)
        finally:
            connection.close()

    threads = [Thread(target=act, args=[action]) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_race_for_a_room_has_one_winner_who_is_named() -> None:
    room = rooms()[0]
    guests = [roomless(room) for _ in range(2)]
    results = at_once(*[lambda guest=guest: assign_room(guest, room=room) for guest in guests])
    (refused,) = [each for each in results if isinstance(each, Refused)]
    winner = Booking.objects.get(room=room)
    assert refused.message.startswith(f"Room {room} is already taken by booking {winner.booking_id}")
    assert [stays.transitions(guest).count("assign_room") for guest in guests if guest != winner] == [0]


def test_back_to_back_stays_share_a_room() -> None:
    room = rooms()[0]
    first = stays.submitted(BookingFactory.create(room=room))
    assert assign_room(roomless(room, check_in=first.check_out), room=room).state == "done"


def test_room_stays_with_price_terms_and_nights() -> None:
    room = rooms()[0]
    booking = roomless(room)
    before = Stay.of(stays.fresh(booking))
    assert assign_room(booking, room=room).state == "done"
    after = Stay.of(stays.fresh(booking))
    assert (after.room, {**before.__dict__, "room": room.pk}) == (room.pk, after.__dict__)


def test_room_of_a_stay_that_is_being_moved_waits() -> None:
    room, other = rooms()
    booking = stays.submitted(BookingFactory.create(room=room))
    Stay.of(booking).kept_by(booking).save()
    with pytest.raises(Refused, match="has not paid the difference"):
        assign_room(booking, room=other)
    assert (stays.fresh(booking).room, KeptStay.objects.count()) == (room, 1)


def test_nights_that_somebody_keeps_while_moving_are_taken() -> None:
    room, other, _third = rooms(3)
    moving = stays.submitted(BookingFactory.create(room=other))
    kept = Stay.of(moving).kept_by(moving)
    kept.room = room
    kept.save()
    late = roomless(room, check_in=moving.check_in + timedelta(days=10))
    assert assign_room(late, room=room).state == "done"
    guest = roomless(room)
    with pytest.raises(Refused, match=f"Room {room} is already taken by booking {moving.booking_id}"):
        assign_room(guest, room=room)
