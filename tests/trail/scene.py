"""A history of two hotels, written through real commits, with an erased guest in it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from bookings import audit
from bookings.models import Hotel
from cancellations import erasure
from payments import decisions
from payments.models import ExchangeRate, Payment
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory
from tests.stays import by_staff, fresh, submitted

IP = "198.51.100.7"


def written() -> tuple[Hotel, Hotel]:
    """Write it, and return the two hotels."""
    one, other = HotelFactory(), HotelFactory()
    owner: Any = UserFactory(role="owner", hotels=[one])
    for hotel in (one, other):
        declined_and_erased(hotel)
        with audit.acting(audit.Actor(audit.ActorKind.STAFF, owner.pk, IP, "Desk", "request-1")):
            moved(hotel)
    owner.hotels.add(other)
    ExchangeRate.objects.create(base="EUR", target="USD", rate=Decimal("1.0845"), quoted_at=datetime.now(UTC))
    return one, other


def declined_and_erased(hotel: Hotel) -> None:
    """A guest who was declined and asked to be forgotten."""
    booking = submitted(hotel=hotel, payment_method="ARRIVAL", notes="Late", **room_of(hotel))
    with by_staff():
        erasure.erase(fresh(decisions.decline(booking, reason="Full").booking), reason="Asked for")


def moved(hotel: Hotel) -> None:
    """A draft that is typed over, with a payment begun."""
    booking: Any = BookingFactory(hotel=hotel, **room_of(hotel))
    for notes in ("Cot", "Cot and ïnner yard", ""):
        booking.notes = notes
        with audit.change("edit", f"Said “{notes}”"):
            booking.save()
    payment = Payment.objects.create(
        booking=booking, attempt_number=1, provider="stripe", amount=34000, currency="EUR"
    )
    payment.refunds.create(provider="manual", amount=100, currency="EUR", note="Broken shower")


def room_of(hotel: Hotel) -> dict[str, object]:
    """A room of a hotel."""
    room_type = RoomTypeFactory(hotel=hotel)
    return {"room_type": room_type, "room": RoomFactory(hotel=hotel, room_type=room_type)}
