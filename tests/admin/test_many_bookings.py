"""List, booking page, calendar and history page ask the database as often at 1,000 bookings as at one."""

from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings.models import Booking, BookingStatus
from payments.models import Dispute, Payment, PaymentOperation, Refund
from tests.admin.conftest import House
from tests.admin.pages import listing, page
from tests.factories import RoomFactory, days_ahead

MANY = 1000
S = BookingStatus


def booked(house: House, number: int) -> list[Booking]:
    """Confirmed bookings with a payment, a refund, a lost dispute and an open operation each."""
    rooms = [RoomFactory(room_type=house.rooms[0].room_type) for _ in range(min(number, 40))]
    made = [Booking(**stay(house, rooms, each)) for each in range(number)]
    Booking.objects.bulk_create(made)
    now = timezone.now()
    money = {"currency": "EUR", "amount": 100, "amount_authorized": 100, "amount_captured": 100}
    paid = [
        Payment(booking=each, status="SUCCEEDED", dispute_closed_at=now, disputed_at=now, **money) for each in made
    ]
    Payment.objects.bulk_create(paid)
    Refund.objects.bulk_create(Refund(payment=each, amount=10, currency="EUR", status="succeeded") for each in paid)
    said = {"status": "lost", "amount": 90, "currency": "EUR", "opened_at": now, "seen_at": now, "is_withdrawn": True}
    Dispute.objects.bulk_create(Dispute(payment=each, stripe_dispute_id=f"dp_{each.pk}", **said) for each in paid)
    PaymentOperation.objects.bulk_create(
        PaymentOperation(booking=each.booking, payment=each, kind="refund", idempotency_key=f"k{each.pk}")
        for each in paid
    )
    return made


def stay(house: House, rooms: list[object], number: int) -> dict[str, object]:
    """Nights that no other of these bookings has."""
    start = days_ahead(2 * (number // len(rooms)))
    own = {"hotel": house.hotel, "room": rooms[number % len(rooms)], "room_type": house.rooms[0].room_type}
    guest = {"guest_name": "Ada", "guest_phone": "+353 86 555 0123", "total_amount": 34000, "currency": "EUR"}
    return {**own, **guest, "check_in": start, "check_out": start + timedelta(days=2), "status": S.CONFIRMED}


def asked(client: Client, address: str) -> int:
    """How many queries a page takes once everything that is cached is known."""
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


PAGES: dict[str, tuple[Callable[[Booking], str], int]] = {
    "list": (lambda booking: listing(Booking), 15),
    "search": (lambda booking: listing(Booking, "?q=086 555"), 15),
    "booking": (page, 30),
    "timeline": (lambda booking: f"{page(booking)}?tab=timeline", 30),
    "calendar": (lambda booking: reverse("admin:bookings_booking_calendar"), 15),
    "history": (lambda booking: page(booking, "history"), 15),
}


def test_pages_ask_as_often_at_a_thousand_bookings_as_at_one(own: House, manager: Client) -> None:
    (first,) = booked(own, 1)
    alone = {name: asked(manager, address(first)) for name, (address, _) in PAGES.items()}
    booked(own, MANY)
    assert Booking.objects.count() == MANY + 1
    assert {name: asked(manager, address(first)) for name, (address, _) in PAGES.items()} == alone
    assert {name: count for name, count in alone.items() if count > PAGES[name][1]} == {}
