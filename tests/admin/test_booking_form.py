"""Taking a booking by phone, and what may be edited when."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.admin.words import day
from bookings.models import Booking, BookingStatus
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import page, said, text
from tests.factories import RoomFactory, RoomTypeFactory

ADD = "admin:bookings_booking_add"


def typed(house: House, **fields: Any) -> dict[str, Any]:
    """What the form for a new booking posts."""
    return {
        "hotel": house.hotel.pk,
        "room_type": house.rooms[0].room_type_id,
        "room": house.rooms[0].pk,
        "check_in": "2031-03-03",
        "check_out": "2031-03-05",
        "payment_method": "ONLINE",
        "guest_name": "Ada",
        "guest_email": "ada@guest.example",
        "guest_language": "en",
        "total": "",
        **fields,
    }


def errors(answer: Any) -> dict[str, Any]:
    """What the form objects to."""
    return dict(answer.context["adminform"].form.errors)


def test_add_saves_a_draft_with_the_price_of_its_nights(own: House, staff: Callable[[str], Client]) -> None:
    answer = staff("Front desk").post(reverse(ADD), typed(own))
    booking = Booking.objects.get()
    assert (booking.status, booking.total_amount, booking.currency) == (BookingStatus.DRAFT, 34000, "EUR")
    assert answer["Location"] == page(booking)
    assert said(answer)[0][1] == f"Draft {booking} is saved. Check it, then submit it to mail the guest."


def test_status_and_money_cannot_be_posted(own: House, manager: Client) -> None:
    data = typed(own, status="CONFIRMED", record_state="DELETED", currency="JPY", paid_at="2031-01-01")
    manager.post(reverse(ADD), data)
    booking = Booking.objects.get()
    assert (booking.status, booking.record_state, booking.currency) == ("DRAFT", "ACTIVE", "EUR")
    manager.post(page(booking), data)
    assert Booking.objects.get().status == "DRAFT"


def test_manager_sets_own_price_and_others_keep_it(own: House, staff: Callable[[str], Client]) -> None:
    staff("Manager").post(reverse(ADD), typed(own, total="300.50"))
    booking = Booking.objects.get()
    assert booking.total_amount == 30050
    data = typed(own, check_out="2031-03-06", total="1.00")
    staff("Front desk").post(page(booking), data)
    assert Booking.objects.get().total_amount == 30050


def test_price_follows_the_dates(own: House, staff: Callable[[str], Client]) -> None:
    desk = staff("Front desk")
    desk.post(reverse(ADD), typed(own))
    booking = Booking.objects.get()
    desk.post(page(booking), typed(own, check_out="2031-03-06"))
    assert Booking.objects.get().total_amount == 51000


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        ({"check_out": "2031-03-03"}, "check_out", "Check-out must be after check-in."),
        ({"total": "12,50"}, "total", "Write the amount in digits, such as 120.50."),
        ({"total": "12.505"}, "total", "EUR has two decimals at most. Write it like 120.50."),
        ({"check_in": "03/12/2031"}, "check_in", "Write the date like 2026-12-31 or 31 Dec 2026."),
    ],
)
def test_add_says_what_is_wrong(own: House, manager: Client, fields: dict[str, str], field: str, words: str) -> None:
    assert errors(manager.post(reverse(ADD), typed(own, **fields))) == {field: [words]}
    assert not Booking.objects.exists()


@pytest.mark.parametrize(("days_ago", "is_refused"), [(2, True), (1, False)])
def test_add_refuses_a_stay_that_began_before_yesterday(
    own: House, manager: Client, days_ago: int, is_refused: bool
) -> None:
    today = own.hotel.today(timezone.now())
    dates = {"check_in": today - timedelta(days=days_ago), "check_out": today + timedelta(days=2)}
    answer = manager.post(reverse(ADD), typed(own, **dates))
    assert (answer.status_code, Booking.objects.exists()) == ((200, False) if is_refused else (302, True))
    if is_refused:
        assert errors(answer) == {"check_in": [f"This day has passed: today is {day(today)} in Dublin."]}


def test_add_reads_dates_with_their_month_in_letters(own: House, manager: Client) -> None:
    manager.post(reverse(ADD), typed(own, check_in="3 Dec 2031", check_out="05.12.2031"))
    booking = Booking.objects.get()
    assert (booking.check_in, booking.check_out) == (date(2031, 12, 3), date(2031, 12, 5))


def test_add_refuses_room_of_another_type(own: House, manager: Client) -> None:
    other = RoomFactory.create(room_type=RoomTypeFactory(hotel=own.hotel, name="Suite"), number="900")
    found = errors(manager.post(reverse(ADD), typed(own, room=other.pk)))
    assert found == {"room": [f"Room 900 is not of the type {own.rooms[0].room_type}."]}


def test_add_refuses_taken_room(own: House, manager: Client) -> None:
    taken = stays.submitted(own.booking())
    data = typed(own, check_in=taken.check_in.isoformat(), check_out=taken.check_out.isoformat())
    (words,) = errors(manager.post(reverse(ADD), data))["room"]
    assert words.startswith(f"Room {taken.room} is already taken by booking {taken.booking_id}")


def test_after_submit_only_the_guest_can_be_edited(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    manager.post(page(booking), typed(own, guest_name="Grace", total="1.00", check_in="2031-01-01"))
    changed = stays.fresh(booking)
    assert (changed.guest_name, changed.total_amount, changed.check_in) == (
        "Grace",
        34000,
        booking.check_in,
    )
    assert changed.status == "PENDING_PAYMENT"


def test_after_submit_the_form_asks_for_the_guest_alone(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    guest = {"guest_name": "Grace", "guest_email": "grace@guest.example", "guest_language": "en"}
    assert manager.post(page(booking), guest).status_code == 302
    assert (stays.fresh(booking).guest_name, stays.fresh(booking).check_in) == ("Grace", booking.check_in)


def test_ended_booking_cannot_be_edited(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    manager.post(page(booking, "cancel"), {"reason": "Hotel closed", "seen": "0-0-0"})
    manager.post(page(booking), typed(own, guest_name="Grace"))
    assert stays.fresh(booking).guest_name == "Ada Guest"
    assert manager.get(page(booking)).context["show_save"] is False


@pytest.mark.parametrize("address", ["add", "change"])
def test_auditor_cannot_write(own: House, staff: Callable[[str], Client], address: str) -> None:
    booking = own.booking()
    url = reverse(ADD) if address == "add" else page(booking)
    assert staff("Auditor").post(url, typed(own)).status_code == 403
    assert list(Booking.objects.values_list("guest_name", flat=True)) == ["Ada Guest"]


def test_nobody_can_delete(own: House, staff: Callable[[str], Client]) -> None:
    booking = own.booking()
    assert staff("owner").post(page(booking, "delete"), {"post": "yes"}).status_code == 403
    assert Booking.objects.filter(pk=booking.pk).exists()


def test_page_shows_money_times_and_terms(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    shown = text(manager.get(page(booking)))
    for words in ("€340.00", "Dublin", "Waiting for payment", "14/7", "More ("):
        assert words in shown


@pytest.mark.parametrize(
    ("stored", "shown"), [("en", "en"), ("de", "de"), ("de-AT", "de"), ("fr", "en"), ("?", "en")]
)
def test_guest_language_is_one_of_those_that_there_are(own: House, manager: Client, stored: str, shown: str) -> None:
    booking = stays.submitted(own.booking(guest_language=stored))
    form = manager.get(page(booking)).context["adminform"].form
    assert form.fields["guest_language"].choices == [("en", "English"), ("de", "Deutsch")]
    assert form["guest_language"].value() == shown
    guest = {"guest_name": "Grace", "guest_email": "grace@guest.example"}
    answer = manager.post(page(booking), {**guest, "guest_language": "fr"})
    assert "guest_language" in errors(answer)
    assert (stays.fresh(booking).guest_language, stays.fresh(booking).guest_name) == (stored, "Ada Guest")
    assert manager.post(page(booking), {**guest, "guest_language": "de"}).status_code == 302
    assert stays.fresh(booking).guest_language == "de"
