"""People and machines acting at the same moment: one effect, one winner, and no error for the others."""

from datetime import timedelta

import pytest

from bookings.models import Booking, Room
from tests.factories import BookingFactory, RoomFactory, days_ahead
from tests.faults import presses, races, scenes
from tests.faults.conftest import RACED
from tests.faults.races import RACES, Race
from tests.faults.results import APPROVED
from tests.stays import confirmed, fresh, transitions

pytestmark = pytest.mark.faults
# How often, by the number of people: in the quick part; a hundred times as often in the full one.
OFTEN = {2: 10, 8: 4}
EXTRA = {2: 1, 8: 1}
FULL = 100
# Of the points at which one is stopped, in the quick part.
ONE_IN = 45
# Bookings pile up in what every look at the simulator and the worklists reads.
EMPTY_AFTER = 25


@pytest.mark.parametrize("people", OFTEN)
@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
def test_race_has_one_effect(world, race, people, is_quick):
    rounds = (EXTRA if race.is_extra else OFTEN)[people] * (1 if is_quick else FULL)
    for number in range(rounds):
        if number % EMPTY_AFTER == 0:
            world.empty()
        assert races.run(world, race, number=people) == [], f"run {number}"
    RACED.append((race.name, people, rounds))


@pytest.mark.parametrize("people", OFTEN)
def test_two_bookings_want_one_room(world, people, is_quick):
    rounds = OFTEN[people] * (1 if is_quick else FULL)
    for _ in range(rounds):
        room = RoomFactory()
        bookings = [in_one_room(room, shift=number % 3) for number in range(people)]
        ended = world.forks.together(*({"do": "submit", "booking": each.pk} for each in bookings))
        assert sorted(each.answer for each in ended) == ["done", *["refused"] * (people - 1)], ended
        (winner,) = (each for each in bookings if fresh(each).status == "PENDING_PAYMENT")
        words = f"Room {room} is already taken by booking {winner.booking_id}, "
        assert {each.words[: len(words)] for each in ended if each.answer == "refused"} == {words}
        assert [transitions(each) for each in bookings if each != winner] == [[]] * (people - 1)
        assert max(each.seconds for each in ended) < 3
    RACED.append(("two bookings, one room", people, rounds))


@pytest.mark.parametrize("people", OFTEN)
def test_two_bookings_move_into_one_room(world, people, is_quick):
    for _ in range(OFTEN[people] * (1 if is_quick else FULL)):
        world.empty()
        first = scenes.with_money_taken(world)
        room = RoomFactory(room_type=first.room_type)
        own = [RoomFactory(room_type=room.room_type) for _ in range(people - 1)]
        bookings = [
            first,
            *(confirmed(world.simulator, BookingFactory(room=each, check_in=first.check_in)) for each in own),
        ]
        ended = world.forks.together(*(presses.reschedule(room=room)(world, each) for each in bookings))
        assert sorted(each.answer for each in ended) == ["done", *["refused"] * (people - 1)], ended
        (winner,) = (each for each in bookings if fresh(each).room == room)
        words = f"Room {room} is already taken by booking {winner.booking_id}, "
        assert all(words in each.words for each in ended if each.answer == "refused"), ended
    RACED.append(("two bookings move into one room", people, OFTEN[people]))


def in_one_room(room: Room, *, shift: int) -> Booking:
    """A draft of five nights; any two of them want some night together."""
    start = days_ahead(30 + shift)
    return BookingFactory(room=room, check_in=start, check_out=start + timedelta(days=5))


def test_a_guest_who_was_shown_a_free_cancellation_is_asked_again_after_the_approval(world):
    booking = scenes.with_money_held(world)
    cancelling, approving = presses.guest_cancel(world, booking), presses.approve(world, booking)
    assert world.forks.one(approving).answer == "done"
    assert world.forks.one(cancelling).answer == "refused"
    assert world.broken_by(booking, APPROVED) == []


def in_both_orders(race: Race):
    """Each of the two is the one that is stopped on its way."""
    first, second = (*race.presses, *race.presses)[:2]
    return [(first, second)] if first is second else [(first, second), (second, first)]


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)
def test_one_comes_in_between_at_every_point_of_the_other(world, race, is_quick):
    for first, second in in_both_orders(race):
        last = len(races.points_of(world, race, first))
        sample = range(1 + RACES.index(race) % ONE_IN, last + 1, ONE_IN) if is_quick else range(1, last + 1)
        for number, point in enumerate(sample):
            if number % EMPTY_AFTER == 0:
                world.empty()
            assert races.run_interleaved(world, race, first, second, point) == []
