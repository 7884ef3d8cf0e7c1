"""People and machines acting at the same moment: one effect, one winner, and no error for the others."""

from datetime import timedelta

import pytest

from bookings.models import Booking, Room
from tests.factories import BookingFactory, RoomFactory, days_ahead
from tests.faults import flows, races
from tests.faults.flows import APPROVED
from tests.faults.races import RACES
from tests.stays import fresh, transitions

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
def test_race_has_one_effect(world, race, is_quick):
    for number in range(3 if is_quick else 30):
        assert races.run(world, race) == [], f"run {number}"


def test_eight_writers_share_out_one_room(world, is_quick):
    for _ in range(3 if is_quick else 30):
        room = RoomFactory()
        bookings = [in_one_room(room, shift=number % 3) for number in range(8)]
        ended = world.forks.together(*({"do": "submit", "booking": each.pk} for each in bookings))
        assert sorted(each.answer for each in ended) == ["done", *["refused"] * 7], ended
        (winner,) = (each for each in bookings if fresh(each).status == "PENDING_PAYMENT")
        words = f"Room {room} is already taken by booking {winner.booking_id}, "
        assert {each.words[: len(words)] for each in ended if each.answer == "refused"} == {words}
        assert [transitions(each) for each in bookings if each != winner] == [[]] * 7
        assert max(each.seconds for each in ended) < 3


def in_one_room(room: Room, *, shift: int) -> Booking:
    """A draft of five nights; any two of them want some night together."""
    start = days_ahead(30 + shift)
    return BookingFactory(room=room, check_in=start, check_out=start + timedelta(days=5))


def test_a_guest_who_was_shown_a_free_cancellation_is_asked_again_after_the_approval(world):
    booking = flows.with_money_held(world)
    cancelling, approving = flows.guest_cancel(world, booking), flows.approve(world, booking)
    assert world.forks.one(approving).answer == "done"
    assert world.forks.one(cancelling).answer == "refused"
    assert world.broken_by(booking, APPROVED) == []
