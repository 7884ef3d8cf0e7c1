"""Taking a booking over HTTP: once for each key, with the same checks as at the desk."""

from datetime import timedelta
from typing import Any

import pytest

from bookings.models import Booking, Message, NewBookingKey
from tests.api.calls import FORBIDDEN, program
from tests.factories import RoomFactory, days_ahead

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

NEW = {
    "room_type": "Double",
    "check_in": "",
    "check_out": "",
    "guest_name": "Ada Guest",
    "guest_email": "ada@guest.example",
}


def asked_for(place, **changes: Any) -> dict[str, Any]:
    """What a website sends for two nights."""
    start = days_ahead(30)
    stay = {"check_in": start.isoformat(), "check_out": (start + timedelta(days=2)).isoformat()}
    return NEW | stay | {"room_type": place.room_type.name.upper()} | changes


def test_a_website_takes_a_booking_once_for_each_key():
    room = RoomFactory()
    caller, address = program(room.hotel), f"/api/staff/hotel/{room.hotel.slug}/room-bookings/"
    key = {"headers": {"Idempotency-Key": "order-1"}}
    first = caller.post(address, asked_for(room), **key)
    assert first.status_code == 201
    shown = first.json()["booking"]
    assert (shown["status"], shown["total_amount"], shown["room"]) == ("PENDING_PAYMENT", "340.00", None)
    assert Message.objects.get().kind == "pay_link"
    again = caller.post(address, asked_for(room), **key)
    assert (again.status_code, again.json()["booking"]["booking_id"]) == (200, shown["booking_id"])
    other = caller.post(address, asked_for(room, guest_name="Bea"), **key)
    assert (other.status_code, other.json()["code"]) == (422, "ERR_VALIDATION")
    assert (Booking.objects.count(), Message.objects.count(), NewBookingKey.objects.count()) == (1, 1, 1)


def test_the_same_key_of_another_person_is_another_key():
    room = RoomFactory()
    RoomFactory(room_type=room.room_type)
    address = f"/api/staff/hotel/{room.hotel.slug}/room-bookings/"
    for _ in range(2):
        answer = program(room.hotel).post(address, asked_for(room), headers={"Idempotency-Key": "1"})
        assert answer.status_code == 201
    assert Booking.objects.count() == 2


def test_a_taken_room_is_a_state_and_not_a_mistake():
    room = RoomFactory()
    caller, address = program(room.hotel), f"/api/staff/hotel/{room.hotel.slug}/room-bookings/"
    assert caller.post(address, asked_for(room, room=room.number)).status_code == 201
    answer = caller.post(address, asked_for(room, room=room.number))
    assert (answer.status_code, answer.json()["code"], Booking.objects.count()) == (409, "ERR_STATE", 1)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"room_type": "Igloo"}, "room_type"),
        ({"room": "999"}, "room"),
        ({"check_out": "2020-01-01"}, "check_out"),
        ({"guest_email": "nobody"}, "guest_email"),
        ({"guest_name": ""}, "guest_name"),
        ({"guest_language": "tlh"}, "guest_language"),
        ({"payment_method": "SHELLS"}, "payment_method"),
        ({"check_in": "30/12/2026"}, "check_in"),
    ],
)
def test_an_odd_booking_is_refused_by_field_and_nothing_is_stored(change, field):
    room = RoomFactory()
    answer = program(room.hotel).post(f"/api/staff/hotel/{room.hotel.slug}/room-bookings/", asked_for(room, **change))
    assert (answer.status_code, field in answer.json()["fields"]) == (422, True)
    assert Booking.objects.count() == 0


def test_a_price_of_one_s_own_takes_the_right():
    room = RoomFactory()
    address = f"/api/staff/hotel/{room.hotel.slug}/room-bookings/"
    dear = asked_for(room, total_amount="99.50", submit=False)
    assert program(room.hotel, "Front desk").post(address, dear).json() == FORBIDDEN
    shown = program(room.hotel).post(address, dear).json()["booking"]
    assert (shown["status"], shown["total_amount_minor"]) == ("DRAFT", 9950)
