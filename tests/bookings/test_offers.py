"""What a hotel can still sell, counted by the database, beside the same counted night by night and room by room."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings import availability, lifecycle, offers
from bookings.models import BLOCKING, Booking, KeptStay, Room
from bookings.refusals import Refused
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, days_ahead
from tests.stays import submitted

pytestmark = pytest.mark.django_db
ENDED = ("DECLINED", "CANCELLED", "EXPIRED")


@pytest.fixture
def busy_hotel():
    """Two types with six rooms each, one of them closed, and stays of every kind in and beside them."""
    chance, hotel = random.Random(7), HotelFactory()
    rooms = [RoomFactory(room_type=kind) for kind in RoomTypeFactory.create_batch(2, hotel=hotel) for _ in range(6)]
    for number in range(80):
        room = chance.choice(rooms)
        check_in = days_ahead(chance.randrange(1, 40))
        booking = BookingFactory(room=room, check_in=check_in, check_out=check_in + timedelta(chance.randrange(1, 9)))
        # Some have no room yet, some have ended, and some are of another type than their room is now.
        kind = chance.choice([booking.room_type_id] * 4 + [each.room_type_id for each in rooms])
        is_free = not availability.overlapping(booking).filter(room=room).exists()
        has_room = room.pk if is_free and number % 2 else None
        force(booking, status=chance.choice((*BLOCKING, *ENDED)), room_type_id=kind, room_id=has_room)
        if number % 4 == 0:
            other, away = chance.choice(rooms), timedelta(chance.randrange(-3, 4))
            KeptStay.objects.create(
                booking=booking,
                room_type=other.room_type,
                room=chance.choice((other, None)),
                check_in=check_in + away,
                check_out=booking.check_out + away,
                total_amount=1,
            )
    Room.objects.filter(pk__in=(rooms[0].pk, rooms[7].pk)).update(is_active=False)  # no history: as it stands
    return hotel


def force(booking, **columns):
    """Write past every check, as a hotel that sold too much would stand there."""
    with connection.cursor() as cursor:
        said = ", ".join(f"{name} = %s" for name in columns)
        cursor.execute(f"UPDATE bookings_booking SET {said} WHERE id = %s", [*columns.values(), booking.pk])


def read():
    """Everybody who takes a room, with the stay that is kept beside it."""
    everybody = Booking.objects.select_related("room", "kept_stay__room")
    return [each for each in everybody if each.status in BLOCKING]


def left_by_hand(bookings, kind, first, end):
    """How many rooms of a type are left on the fullest of some nights: each night counted for itself."""
    nights = [first + timedelta(number) for number in range((end - first).days)]
    return max(0, kind.rooms.filter(is_active=True).count() - max(sum(map_of(bookings, kind, day)) for day in nights))


def map_of(bookings, kind, day):
    """For each booking, how many rooms of a type it takes on a night: its own stay, and the one that it keeps."""
    for booking in bookings:
        own = takes(booking, kind, day)
        kept = getattr(booking, "kept_stay", None)
        beside = kept is not None and takes(kept, kind, day)
        is_same = kept is not None and kept.room_id == booking.room_id and kept.room_type_id == booking.room_type_id
        yield max(own, beside) if is_same else own + beside


def takes(stay, kind, day):
    """Whether a stay needs one of a type's rooms in service on a night."""
    is_there = stay.check_in <= day < stay.check_out and stay.room_type_id == kind.pk
    return is_there and (stay.room is None or stay.room.is_active)


def test_what_is_left_is_the_same_as_counted_night_by_night(busy_hotel):
    bookings = read()
    for begin in range(0, 36, 3):
        for length in (1, 2, 7, 31):
            first, end = days_ahead(begin), days_ahead(begin + length)
            found = {each.room_type: each.left for each in offers.for_nights(busy_hotel, first, end)}
            assert found == {kind: left_by_hand(bookings, kind, first, end) for kind in busy_hotel.room_types.all()}
    assert set(found.values()) != {0}


def test_whoever_has_a_room_is_the_first_who_has_it_on_one_of_the_nights(busy_hotel):
    first, end = days_ahead(5), days_ahead(20)
    for kind in offers.for_nights(busy_hotel, first, end):
        assert [each.room for each in kind.rooms] == list(
            kind.room_type.rooms.filter(is_active=True).order_by("number")
        )
        for each in kind.rooms:
            stays = Booking.objects.blocking().filter(room=each.room, check_in__lt=end, check_out__gt=first)
            there = stays.order_by("check_in", "pk").first()
            if there is not None:
                assert (each.taken.booking, each.taken.check_in) == (there, there.check_in)
            elif each.taken is not None:
                assert each.taken.booking.kept_stay.room == each.room


def test_a_hotel_is_asked_about_in_three_queries(busy_hotel):
    with CaptureQueriesContext(connection) as queries:
        offers.for_nights(busy_hotel, days_ahead(1), days_ahead(32))
    assert len(queries) == 3


def test_whoever_is_too_late_for_a_room_hears_so_without_waiting_for_the_type():
    first = submitted()
    late = BookingFactory(room=first.room, check_in=first.check_in)
    with CaptureQueriesContext(connection) as queries, pytest.raises(Refused, match=first.booking_id):
        lifecycle.submit(late)
    assert not [each for each in queries.captured_queries if 'FROM "bookings_roomtype"' in each["sql"]]
    assert Booking.objects.get(pk=late.pk).status == "DRAFT"


def test_a_room_that_looks_free_is_looked_at_again_under_the_lock(monkeypatch):
    first = submitted()
    late = BookingFactory(room=first.room, check_in=first.check_in)
    looks = []
    real = availability.refuse_taken_room

    def blind_once(booking):
        looks.append(booking)
        if len(looks) > 1:
            real(booking)

    monkeypatch.setattr(availability, "refuse_taken_room", blind_once)
    with pytest.raises(Refused, match=first.booking_id):
        lifecycle.submit(late)
    assert len(looks) == 2


def test_neighbours_far_away_are_no_neighbours():
    near, far = RoomFactory.create_batch(2, room_type=RoomTypeFactory())
    arrives, leaves = days_ahead(5), days_ahead(7)
    submitted(BookingFactory(room=far, check_in=leaves + offers.NEAR))
    assert offers.best_fit([near, far], arrives, leaves) == near
    submitted(BookingFactory(room=far, check_in=leaves + timedelta(days=20)))
    assert offers.best_fit([near, far], arrives, leaves) == far
    assert offers.best_fit([], arrives, leaves) is None
