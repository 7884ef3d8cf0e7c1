"""Two hotels, and people who belong to one of them."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from django.test import Client

from bookings.models import Booking, Hotel, Room, User
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory


@dataclass
class House:
    """A hotel with a few rooms of one type."""

    hotel: Hotel
    rooms: list[Room] = field(default_factory=list)

    def booking(self, number: int = 0, **fields: object) -> Booking:
        """A draft in one of the rooms."""
        return BookingFactory(room=self.rooms[number], **fields)


def house(name: str) -> House:
    """Build a hotel with four rooms."""
    room_type = RoomTypeFactory(hotel=HotelFactory(name=name))
    rooms = [RoomFactory(room_type=room_type) for _ in range(4)]
    return House(room_type.hotel, rooms)


@pytest.fixture
def own(db: None) -> House:
    """The hotel that the signed-in people work for."""
    return house("Hotel Liffey")


@pytest.fixture
def foreign(db: None) -> House:
    """A hotel that they have nothing to do with."""
    return house("Sakura Inn")


@pytest.fixture
def staff(own: House) -> Callable[[str], Client]:
    """A browser signed in with a role at the own hotel; "owner" owns everything."""

    def sign_in(role: str) -> Client:
        return signed_in(UserFactory(role=role, hotels=[] if role == "owner" else [own.hotel]))

    return sign_in


def signed_in(person: User) -> Client:
    """A browser in which a person is signed in; CSRF is checked as in a real one."""
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def manager(staff: Callable[[str], Client]) -> Client:
    """A manager's browser."""
    return staff("Manager")
