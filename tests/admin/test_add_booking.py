"""Taking a booking on the phone: what is free, what it costs, what is agreed; and one booking for two presses."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Booking
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import page, said, text
from tests.admin.test_booking_form import ADD, errors, typed
from tests.factories import BookingFactory, RoomFactory, RoomTypeFactory, UserFactory

OFFERS = "admin:bookings_booking_offers"
NOON = datetime(2031, 2, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def february() -> Any:
    """It is a month before the stays of these tests."""
    with stays.clock_at(NOON):
        yield


def offer(client: Client, house: House, **fields: Any) -> Any:
    """What the page shows for what is typed."""
    data = {name: value for name, value in typed(house, **fields).items() if value is not None}
    return client.post(reverse(OFFERS), data).context["offer"]


def taken(house: House, number: int, **fields: Any) -> Booking:
    """A submitted booking for the nights of these tests."""
    dates = {"check_in": date(2031, 3, 3), "check_out": date(2031, 3, 5), **fields}
    return stays.submitted(house.booking(number, **dates))


def key(client: Client) -> str:
    """The key of a freshly opened page."""
    return str(client.get(reverse(ADD)).context["key"])


def test_offer_says_how_many_are_free_at_which_price(own: House, manager: Client) -> None:
    taken(own, 0)
    (line,) = offer(manager, own, room=None).types
    assert line.words == "3 free · €170.00 a night · €340.00 in all"
    assert (line.is_free, line.is_chosen) == (True, True)


def test_offer_names_who_has_a_room_and_proposes_a_free_one(own: House, manager: Client) -> None:
    other = taken(own, 0)
    lines = offer(manager, own, room=None).rooms
    assert lines[0].words == f"{own.rooms[0]}: taken by {other.booking_id}, Ada Guest, 3 – 5 Mar 2031"
    assert [(each.is_free, each.is_chosen) for each in lines] == [
        (False, False),
        (True, True),
        (True, False),
        (True, False),
    ]


def test_offer_proposes_the_room_whose_gap_the_stay_fills(own: House, manager: Client) -> None:
    taken(own, 2, check_in=date(2031, 2, 27), check_out=date(2031, 3, 3))
    chosen = [each for each in offer(manager, own, room=None).rooms if each.is_chosen]
    assert [(each.pk, each.words) for each in chosen] == [
        (own.rooms[2].pk, f"{own.rooms[2]}, fits best between other stays")
    ]


def test_offer_leaves_the_room_open_when_that_was_chosen(own: House, manager: Client) -> None:
    assert not any(each.is_chosen for each in offer(manager, own, room="").rooms)


def test_offer_says_total_hold_and_terms(own: House, manager: Client) -> None:
    shown = offer(manager, own)
    room = own.rooms[0]
    assert shown.lines == [
        ("Stay", f"3 – 5 Mar 2031, 2 nights, Room {room}, {room.room_type}"),
        ("Total", "€340.00"),
        (
            "What happens",
            "The guest gets a mail with a link to pay. The room is held until Sun 2 Feb, 12:00 (Dublin).",
        ),
    ]
    assert shown.terms == [
        ("Cancelled until Mon 17 Feb, 23:59 (Dublin)", "€0.00 kept"),
        ("Cancelled until Mon 24 Feb, 23:59 (Dublin)", "€170.00 kept"),
        ("Later, or not arriving", "€340.00 kept"),
    ]


def test_offer_leaves_out_deadlines_that_are_over(own: House, staff: Callable[[str], Client]) -> None:
    with stays.clock_at(NOON.replace(day=28)):
        assert offer(staff("Front desk"), own).terms == [("From now on, or not arriving", "€340.00 kept")]


def test_offer_counts_a_price_of_ones_own_for_managers_alone(own: House, staff: Callable[[str], Client]) -> None:
    assert dict(offer(staff("Manager"), own, total="300.50").lines)["Total"] == "€300.50"
    assert dict(offer(staff("Front desk"), own, total="300.50").lines)["Total"] == "€340.00"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"hotel": ""}, ""),
        ({"hotel": "", "room": "", "room_type": ""}, "Choose the hotel to see what is free."),
        ({"check_in": "2031-"}, "Choose check-in and check-out to see what is free."),
        ({"check_out": "2031-03-03"}, "Check-out must be after check-in."),
    ],
)
def test_offer_says_what_is_missing(own: House, manager: Client, fields: dict[str, str], problem: str) -> None:
    assert offer(manager, own, **fields).problem == problem


def test_offer_stores_nothing_and_reads_as_often_for_many_rooms(own: House, manager: Client) -> None:
    def reads() -> int:
        with CaptureQueriesContext(connection) as seen:
            offer(manager, own, room=None)
        return len(seen)

    taken(own, 0)
    few, before = reads(), Booking.objects.count()
    for number in range(10):
        room = RoomFactory(room_type=own.rooms[0].room_type, number=f"9{number}")
        stays.submitted(BookingFactory(room=room, check_in=date(2031, 3, 3), check_out=date(2031, 3, 5)))
    assert (reads(), Booking.objects.count()) == (few, before + 10)


def test_offers_are_of_the_own_hotels(own: House, foreign: House, manager: Client) -> None:
    assert manager.post(reverse(OFFERS), typed(foreign)).status_code == 404
    shown = manager.post(
        reverse(OFFERS), typed(own, room_type=foreign.rooms[0].room_type_id, room=foreign.rooms[0].pk)
    )
    assert "Sakura" not in text(shown)
    assert [each.pk for each in shown.context["offer"].types] == [own.rooms[0].room_type_id]


def test_offers_are_posted_by_whoever_may_add(own: House, staff: Callable[[str], Client]) -> None:
    assert staff("Auditor").post(reverse(OFFERS), typed(own)).status_code == 403
    assert staff("Manager").get(reverse(OFFERS)).status_code == 405
    assert Client().post(reverse(OFFERS), typed(own)).status_code == 302


def test_book_submits_and_mails_in_the_same_press(own: House, staff: Callable[[str], Client]) -> None:
    answer = staff("Front desk").post(reverse(ADD), typed(own, _book="1"))
    booking = Booking.objects.get()
    assert (booking.status, stays.mails(booking)) == ("PENDING_PAYMENT", ["pay_link"])
    assert answer["Location"] == page(booking)
    words = f"Booking {booking} is taken. The guest gets a mail with a link to pay. The room is held for 24 hours."
    assert said(answer) == [("success", words)]


def test_book_on_arrival_waits_for_approval(own: House, manager: Client) -> None:
    manager.post(reverse(ADD), typed(own, _book="1", payment_method="ARRIVAL"))
    booking = Booking.objects.get()
    assert (booking.status, stays.mails(booking)) == ("PENDING_APPROVAL", [])


def test_refused_submit_keeps_what_was_typed_and_stores_nothing(own: House, manager: Client) -> None:
    own.hotel.policies.all().delete()
    answer = manager.post(reverse(ADD), typed(own, _book="1", guest_name="Grace"))
    form = answer.context["adminform"].form
    words = "Hotel Liffey has no default cancellation policy yet. A manager can set one."
    assert form.non_field_errors() == [words]
    assert (form["guest_name"].value(), Booking.objects.count()) == ("Grace", 0)


def test_second_press_finds_the_booking_of_the_first(own: House, manager: Client) -> None:
    data = typed(own, key=key(manager), _book="1")
    manager.post(reverse(ADD), data)
    again = manager.post(reverse(ADD), data)
    booking = Booking.objects.get()
    assert (again["Location"], stays.mails(booking)) == (page(booking), ["pay_link"])
    assert said(again)[-1] == ("info", "This booking was taken already, a moment ago.")


def test_another_booking_for_the_same_guest_and_nights_is_asked_about_once(own: House, manager: Client) -> None:
    manager.post(reverse(ADD), typed(own, key=key(manager), _book="1"))
    first = Booking.objects.get()
    # Back: the browser asks for a fresh page and fills in what was typed.
    data = typed(own, key=key(manager), _book="1", room=own.rooms[1].pk, guest_email=first.guest_email.upper())
    asked = manager.post(reverse(ADD), data)
    words = (
        f"{first.guest_name} has booking {first} for some of these nights already. If this is another one, press "
        "the button once more. Nothing was saved yet."
    )
    assert asked.context["adminform"].form.non_field_errors() == [words]
    assert f'<input type="hidden" name="twin" value="{first}">' in asked.content.decode()
    assert (Booking.objects.count(), stays.mails(first)) == (1, ["pay_link"])
    assert manager.post(reverse(ADD), {**data, "twin": str(first)}).status_code == 302
    assert Booking.objects.count() == 2


@pytest.mark.parametrize(
    "fields", [{"guest_email": "another@example.com"}, {"check_in": "2031-03-05", "check_out": "2031-03-07"}]
)
def test_other_guests_and_other_nights_are_not_asked_about(own: House, manager: Client, fields: Any) -> None:
    manager.post(reverse(ADD), typed(own, _book="1"))
    manager.post(reverse(ADD), typed(own, _book="1", room=own.rooms[1].pk, **fields))
    assert Booking.objects.count() == 2


def test_a_key_is_of_one_person_and_cannot_be_made_up(own: House, manager: Client, staff: Any) -> None:
    data = typed(own, key=key(manager))
    manager.post(reverse(ADD), data)
    room = own.rooms[1].pk
    staff("Manager").post(reverse(ADD), {**data, "room": room, "guest_email": "second@example.com"})
    third = {"room": own.rooms[2].pk, "guest_email": "third@example.com"}
    manager.post(reverse(ADD), typed(own, key="AAAAAAAAAA", **third))
    assert Booking.objects.count() == 3
    assert not Booking.objects.filter(booking_id="AAAAAAAAAA").exists()


def test_address_proposes_room_and_nights(own: House, manager: Client) -> None:
    room = own.rooms[1]
    shown = manager.get(f"{reverse(ADD)}?room={room.pk}&check_in=2031-03-03").context
    form = shown["adminform"].form
    proposed = {name: form[name].value() for name in ("hotel", "room_type", "room", "check_in", "check_out")}
    assert proposed == {
        "hotel": own.hotel.pk,
        "room_type": room.room_type_id,
        "room": room.pk,
        "check_in": date(2031, 3, 3),
        "check_out": date(2031, 3, 4),
    }
    assert [each.pk for each in shown["offer"].rooms if each.is_chosen] == [room.pk]


@pytest.mark.parametrize("query", ["?hotel={0}", "?room={1}", "?room_type={2}", "?hotel=x&room=-1&check_in=%7F"])
def test_address_proposes_nothing_of_others(own: House, foreign: House, manager: Client, query: str) -> None:
    room = foreign.rooms[0]
    shown = manager.get(reverse(ADD) + query.format(foreign.hotel.pk, room.pk, room.room_type_id))
    assert shown.context["adminform"].form["hotel"].value() == own.hotel.pk
    assert "Sakura" not in text(shown)


def test_show_what_is_free_works_without_script(own: House, manager: Client) -> None:
    shown = manager.post(reverse(ADD), typed(own, _show="1", guest_name="", notes="Late arrival"))
    form = shown.context["adminform"].form
    assert (shown.status_code, form.is_bound, form["notes"].value()) == (200, False, "Late arrival")
    assert "4 free · €170.00 a night · €340.00 in all" in text(shown)
    assert not Booking.objects.exists()


@pytest.mark.parametrize("contact", [{"guest_email": "ADA@guest.example"}, {"guest_phone": "086 555 01 23"}])
def test_known_guest_is_suggested_and_filled_in(own: House, manager: Client, contact: dict[str, str]) -> None:
    before = taken(own, 0, guest_language="de")
    data = typed(own, **{"guest_name": "", "guest_email": "", "room": own.rooms[1].pk, **contact})
    shown = manager.post(reverse(OFFERS), data)
    assert shown.context["known"] == before
    assert "Known guest: Ada Guest, 3 – 5 Mar 2031 in Hotel Liffey." in text(shown)
    form = manager.post(reverse(ADD), {**data, "_use": before.pk}).context["adminform"].form
    filled = [form[f"guest_{name}"].value() for name in ("name", "email", "phone", "language")]
    assert filled == ["Ada Guest", "ada@guest.example", "+353 86 555 0123", "de"]


def test_guests_of_other_hotels_are_not_known(own: House, foreign: House, manager: Client) -> None:
    other = taken(foreign, 0)
    assert manager.post(reverse(OFFERS), typed(own)).context["known"] is None
    form = manager.post(reverse(ADD), typed(own, _use=other.pk, guest_name="")).context["adminform"].form
    assert form["guest_name"].value() == ""


def test_full_type_is_shown_and_cannot_be_chosen(own: House, manager: Client) -> None:
    for number in range(4):
        taken(own, number)
    suite = RoomFactory.create(room_type=RoomTypeFactory(hotel=own.hotel, name="Suite", nightly_rate=26000))
    full, free = offer(manager, own, room_type=suite.room_type_id, room=None).types
    assert (full.words, full.is_free) == ("none free · €170.00 a night · €340.00 in all", False)
    assert (free.words, free.is_chosen) == ("1 free · €260.00 a night · €520.00 in all", True)


def test_race_for_the_last_room_says_who_has_it(own: House, manager: Client) -> None:
    data = typed(own, _book="1")
    other = taken(own, 0)
    (words,) = errors(manager.post(reverse(ADD), data))["room"]
    assert words.startswith(f"Room {own.rooms[0]} is already taken by booking {other.booking_id}")


def test_owner_of_several_hotels_chooses(own: House, foreign: House) -> None:
    owner = signed_in(UserFactory(role="owner"))
    shown = owner.get(reverse(ADD)).context
    assert shown["offer"].problem == "Choose the hotel to see what is free."
    assert shown["offer"].types == ()
