"""Two own hotels and a foreign one, whose guests paid, cancelled, got money back and disputed."""

from dataclasses import dataclass
from typing import Any

from bookings import lifecycle
from bookings.models import Booking, User
from cancellations import cancel
from payments import decisions
from tests import disputes, stays
from tests.admin.conftest import House
from tests.factories import HotelFactory, RoomFactory, RoomTypeFactory, UserFactory, days_ahead
from tests.simulator_process import StripeSimulator


@dataclass
class Scene:
    """What there is: bookings by name, and the people who look."""

    bookings: dict[str, Booking]
    manager: User
    auditor: User


def play(simulator: StripeSimulator, own: House, foreign: House) -> Scene:
    """Let it happen."""
    tokyo = yen_house()
    person = UserFactory(role="Manager", hotels=[own.hotel, tokyo.hotel])
    found = {
        "early": paid_and_cancelled_by_guest(simulator, own, 0, days=30),
        "half": paid_and_cancelled_by_staff(simulator, own, 1, person, days=10),
        "late": paid_and_cancelled_by_guest(simulator, own, 2, days=3),
        "unpaid": cancelled_unpaid(own, 3),
        "waived": paid_and_cancelled_by_staff(simulator, own, 0, person, days=11, fee=1000),
        "refunded": partly_refunded(simulator, own, 1, person),
        "lost": lost_to_a_bank(simulator, own, 2),
        "yen": paid_and_cancelled_by_guest(simulator, tokyo, 0, days=8, total_amount=36000),
        "foreign": paid_and_cancelled_by_guest(simulator, foreign, 0, days=30, guest_name="Foreigner"),
    }
    auditor = UserFactory(role="Auditor", hotels=[own.hotel, tokyo.hotel])
    return Scene({name: stays.fresh(row) for name, row in found.items()}, person, auditor)


def yen_house() -> House:
    """Another hotel, in Tokyo, that confirms at once."""
    hotel = HotelFactory(name="Maple Inn", currency="JPY", time_zone="Asia/Tokyo", booking_mode="instant")
    kind = RoomTypeFactory(hotel=hotel, nightly_rate=18000)
    room: Any = RoomFactory(room_type=kind)
    return House(hotel, [room])


def draft(house: House, number: int, days: int, **fields: Any) -> Booking:
    """A draft of two nights, some days ahead."""
    return house.booking(number, check_in=days_ahead(days), check_out=days_ahead(days + 2), **fields)


def confirmed(simulator: StripeSimulator, house: House, number: int, days: int, **fields: Any) -> Booking:
    """A stay that is paid for and agreed."""
    booking = stays.paid(simulator, draft(house, number, days, **fields))
    if booking.status == "CONFIRMED":
        return booking
    with stays.by_staff():
        return decisions.approve(booking).booking


def paid_and_cancelled_by_guest(simulator: Any, house: House, number: int, *, days: int, **fields: Any) -> Booking:
    """A stay that its guest gave up."""
    return stays.guest_cancels(confirmed(simulator, house, number, days, **fields)).booking


def paid_and_cancelled_by_staff(
    simulator: Any, house: House, number: int, person: User, *, days: int, fee: int | None = None
) -> Booking:
    """A stay that the desk gave up, at the policy's fee or another."""
    booking = confirmed(simulator, house, number, days)
    with stays.by_staff(person):
        return cancel.cancel_booking(booking, reason="Double booking: twice in the book", fee=fee).booking


def cancelled_unpaid(house: House, number: int) -> Booking:
    """A request that was never agreed to."""
    booking = lifecycle.submit(draft(house, number, 20, payment_method="ARRIVAL")).booking
    return stays.guest_cancels(booking).booking


def partly_refunded(simulator: Any, house: House, number: int, person: User) -> Booking:
    """A stay that goes on, of which a part went back."""
    booking = confirmed(simulator, house, number, 40)
    with stays.by_staff(person):
        return decisions.refund(booking, amount=5000, note="Broken shower").booking


def lost_to_a_bank(simulator: Any, house: House, number: int) -> Booking:
    """A stay whose payment a bank gave back to the guest."""
    booking, name = disputes.disputed(simulator, confirmed(simulator, house, number, 50))
    disputes.close(simulator, name, "lost")
    disputes.refresh(booking)
    return booking
