"""The command palette finds references of one's own hotels, and says nothing about guests."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from bookings.models import Booking
from payments.models import Payment
from tests.admin.conftest import House, signed_in
from tests.admin.pages import page, text
from tests.factories import UserFactory


def found(client: Client, booking: Booking, term: str) -> bool:
    """Whether the palette leads to a booking."""
    return f'href="{page(booking)}"' in text(client.get(reverse("admin:search"), {"s": term}))


def test_palette_finds_a_reference_by_its_beginning(own: House, manager: Client) -> None:
    booking = own.booking(guest_name="Grace Canary", guest_email="canary@guest.example", guest_phone="+1 998877")
    for term in (booking.booking_id, booking.booking_id.lower(), f" {booking.booking_id[:4]}"):
        assert found(manager, booking, term)
    assert found(manager, booking, f"{booking.booking_id[:4].lower()} {booking.booking_id[4:8]}-")
    assert not any(found(manager, booking, term) for term in ("---", f"{booking.booking_id[:2]}- "))
    assert not found(manager, booking, booking.booking_id[:2])
    assert not found(manager, booking, booking.booking_id[3:])


def test_palette_neither_searches_nor_shows_people(own: House, manager: Client) -> None:
    booking = own.booking(guest_name="Grace Canary", guest_email="canary@guest.example", guest_phone="+1 998877")
    for term in ("grace", "canary", "canary@guest.example", "998877"):
        assert not found(manager, booking, term)
    shown = text(manager.get(reverse("admin:search"), {"s": booking.booking_id}))
    assert "Hotel Liffey" in shown
    assert "canary" not in shown.lower()


def test_palette_knows_no_other_hotel(own: House, foreign: House, staff: Callable[[str], Client]) -> None:
    booking = foreign.booking()
    for role in ("Front desk", "Manager", "Auditor"):
        assert not found(staff(role), booking, booking.booking_id)
    assert found(staff("owner"), booking, booking.booking_id)
    nobody = UserFactory.create(role="Manager", hotels=[foreign.hotel])
    nobody.groups.clear()
    assert not found(signed_in(nobody), booking, booking.booking_id)


def test_palette_finds_a_whole_id_of_a_payment_of_own_hotels(own: House, foreign: House, manager: Client) -> None:
    for house, number in ((own, "pi_3Own"), (foreign, "pi_3Foreign")):
        Payment.objects.create(booking=house.booking(), amount=1, currency="EUR", stripe_payment_intent_id=number)
    ours, theirs = Payment.objects.order_by("pk")
    assert found(manager, ours.booking, " pi_3Own")
    assert not found(manager, ours.booking, "pi_3Ow")
    assert not found(manager, theirs.booking, "pi_3Foreign")
