"""The start page: what waits, who comes and goes, how full the house is; of the person's own hotels."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from bookings.models import Booking
from payments import decisions
from tests import stays
from tests.admin.conftest import House, house, signed_in
from tests.admin.pages import text
from tests.admin.test_scoping import rows_of
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory
from tests.simulator_process import StripeSimulator

TODAY = "/admin/"
WEDNESDAY = date(2026, 11, 25)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture
def wednesday() -> Any:
    """It is Wednesday noon, already when people sign in."""
    with stays.clock_at(NOON):
        yield


def shown(client: Client, query: str = "") -> Any:
    """What the page's template is given."""
    answer = client.get(TODAY + query)
    assert answer.status_code == 200
    return answer.context


def agreed(house: House, number: int, start: int, nights: int, **fields: Any) -> Booking:
    """A confirmed booking to be paid on arrival, that begins some days after that Wednesday."""
    begin = WEDNESDAY + timedelta(days=start)
    dates = {"check_in": begin, "check_out": begin + timedelta(days=nights)}
    with stays.clock_at(NOON - timedelta(days=20)):
        waiting = stays.submitted(house.booking(number, payment_method="ARRIVAL", **dates, **fields))
        return decisions.approve(waiting).booking


def test_today_lists_own_approvals(own: House, foreign: House, manager: Client) -> None:
    mine = stays.submitted(own.booking(payment_method="ARRIVAL"))
    theirs = stays.submitted(foreign.booking(payment_method="ARRIVAL"))
    page = text(manager.get(TODAY))
    assert (mine.booking_id in page, theirs.booking_id in page) == (True, False)
    assert "Site administration" not in page


@pytest.mark.parametrize("query", ["", "?hotel={hotel}"])
def test_every_number_leads_to_a_list_with_as_many_rows(
    own: House, staff: Callable[[str], Client], query: str
) -> None:
    rows_of(own)
    for role in ("Front desk", "Manager", "Auditor", "owner"):
        client = staff(role)
        context = shown(client, query.format(hotel=own.hotel.pk))
        numbers = [context["approvals_line"], *context["numbers"]]
        lists = [client.get(number["link"]) for number in numbers]
        assert [answer.context["cl"].result_count for answer in lists] == [number["count"] for number in numbers]


def test_every_day_and_chart_leads_to_a_page_that_opens(own: House, manager: Client) -> None:
    context = shown(manager)
    links = [night.link for strip in context["strips"] for night in strip.nights]
    links += [chart.link for chart in context["charts"]]
    assert (len(links), {manager.get(link).status_code for link in links}) == (16, {200})


def test_test_mode_is_shown_only_for_test_keys(own: House, manager: Client, settings: Settings) -> None:
    assert "TEST MODE" in text(manager.get(TODAY))
    settings.STRIPE_SECRET_KEY = "sk_live_x"
    assert "TEST MODE" not in text(manager.get(TODAY))


def test_today_puts_what_expires_first_before_what_never_does(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    on_arrival = stays.submitted(own.booking(0, payment_method="ARRIVAL"))
    held = stays.paid(stripe_simulator, own.booking(1))
    rows = shown(manager)["approvals"]
    assert [row["booking"] for row in rows] == [held, on_arrival]
    assert rows[1]["left"] == "no hold, pays on arrival"


@pytest.mark.usefixtures("wednesday")
def test_arrivals_and_departures_have_room_guest_and_what_is_to_pay(own: House, manager: Client) -> None:
    comes, goes = agreed(own, 0, 0, 2, guest_name="Ada Comes"), agreed(own, 1, -2, 2, guest_name="Bo Goes")
    stays_on = agreed(own, 2, -1, 3, guest_name="Cy Stays")
    decisions.mark_paid(goes, method="cash")
    context, page = shown(manager), text(manager.get(TODAY))
    (_, _, arriving, arrivals, _), (_, _, leaving, departures, _) = context["comings"]
    assert [(row["booking"], row["room"], row["due"]) for row in arrivals] == [(comes, str(comes.room), "€340.00")]
    assert [(row["booking"], row["room"], row["due"]) for row in departures] == [(goes, str(goes.room), "")]
    assert (arriving["count"], leaving["count"]) == (1, 1)
    assert [number["count"] for number in context["stay_numbers"]] == [1, 2, 1]
    assert ("Ada Comes" in page, "Bo Goes" in page, stays_on.guest_name in page) == (True, True, False)


def test_online_payment_leaves_nothing_to_pay(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    now = datetime.now(UTC)
    today = own.hotel.today(now)
    booking = stays.confirmed(stripe_simulator, own.booking(check_in=today, check_out=today + timedelta(days=2)))
    (row,) = shown(manager)["comings"][0][3]
    assert (row["booking"], row["due"]) == (booking, "")


@pytest.mark.usefixtures("wednesday")
def test_today_is_each_hotels_own(own: House) -> None:
    tokyo = house("Sakura House")
    tokyo.hotel.time_zone = "Asia/Tokyo"
    tokyo.hotel.save()
    early, late = agreed(own, 0, 0, 2), agreed(tokyo, 0, 1, 2)
    person = signed_in(UserFactory(hotels=[own.hotel, tokyo.hotel]))
    with stays.clock_at(NOON + timedelta(hours=8)):  # in Tokyo it is Thursday morning
        arrivals = shown(person)["comings"][0][3]
    assert {row["booking"] for row in arrivals} == {early, late}


@pytest.mark.usefixtures("wednesday")
def test_occupancy_counts_rooms_sold_night_by_night(own: House, manager: Client) -> None:
    agreed(own, 0, -1, 2)
    agreed(own, 1, 0, 1)
    agreed(own, 2, 13, 5)
    with stays.clock_at(NOON - timedelta(days=20)):
        stays.submitted(own.booking(3, check_in=WEDNESDAY, check_out=WEDNESDAY + timedelta(days=3)))
    (strip,) = shown(manager)["strips"]
    assert [night.sold for night in strip.nights] == [3, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]
    assert {night.rooms for night in strip.nights} == {4}
    assert (strip.nights[0].day, strip.nights[0].percent, strip.average) == (WEDNESDAY, 75, 11)


@pytest.mark.usefixtures("wednesday")
def test_charts_count_the_last_thirty_days_on_the_hotels_clock(own: House, manager: Client) -> None:
    for number, days in enumerate((0, 0, 29, 30)):
        booking = stays.submitted(own.booking(number, payment_method="ARRIVAL"))
        Booking.objects.filter(pk=booking.pk).update(created_at=NOON - timedelta(days=days))
    BookingFactory(room=own.rooms[0])  # a draft is not taken yet
    gone = agreed(own, 3, 5, 2)
    Booking.objects.filter(pk=gone.pk).update(created_at=NOON - timedelta(days=40))
    with stays.clock_at(NOON - timedelta(days=1)):
        stays.guest_cancels(gone)
    taken, cancelled = shown(manager)["charts"]
    assert (taken.total, taken.bars[0].count, taken.bars[-1].count, taken.bars[-1].day) == (3, 1, 2, WEDNESDAY)
    assert (cancelled.total, cancelled.bars[-2].count) == (1, 1)


def test_one_of_several_hotels_can_be_chosen(own: House, foreign: House) -> None:
    second = house("Second Inn")
    person = signed_in(UserFactory(hotels=[own.hotel, second.hotel]))
    mine, other = (stays.submitted(each.booking(payment_method="ARRIVAL")) for each in (own, second))
    assert {row["booking"] for row in shown(person)["approvals"]} == {mine, other}
    chosen = shown(person, f"?hotel={second.hotel.pk}")
    assert [row["booking"] for row in chosen["approvals"]] == [other]
    assert (chosen["approvals_line"]["count"], [strip.hotel for strip in chosen["strips"]]) == (1, [second.hotel])
    assert f"hotel={second.hotel.pk}" in chosen["approvals_line"]["link"]
    for odd in (foreign.hotel.pk, 0, "x"):
        assert person.get(f"{TODAY}?hotel={odd}").status_code == 404


def test_nothing_of_other_hotels_is_counted(own: House, foreign: House, manager: Client) -> None:
    rows_of(foreign)
    stays.submitted(foreign.booking(1, payment_method="ARRIVAL"))
    context = shown(manager)
    assert {number["count"] for number in (*context["numbers"], context["approvals_line"])} == {0}
    assert [chart.total for chart in context["charts"]] == [0, 0]


def test_sidebar_shows_what_waits(own: House, manager: Client) -> None:
    stays.submitted(own.booking(1, payment_method="ARRIVAL"))
    rows_of(own)
    page = text(manager.get(reverse("admin:bookings_room_changelist")))
    hidden = {key: f'data-badge="{key}" hidden' in page for key in ("approvals", "drift", "payments", "webhooks")}
    assert hidden == {"approvals": False, "drift": False, "payments": True, "webhooks": True}


@pytest.mark.usefixtures("wednesday")
def test_queries_are_the_same_for_one_row_and_for_many(own: House, manager: Client) -> None:
    def reads() -> int:
        with CaptureQueriesContext(connection) as seen:
            shown(manager)
        return len(seen)

    agreed(own, 0, 0, 2)
    agreed(own, 1, -2, 2)
    stays.submitted(own.booking(2, payment_method="ARRIVAL"))
    few = reads()
    many(own)
    assert (reads(), few) == (few, few)
    assert few <= 26, few


def many(own: House) -> None:
    """A thousand more of everything that the page lists or counts."""
    room = RoomFactory(room_type=own.rooms[0].room_type)
    stay = {"hotel": own.hotel, "room_type": room.room_type, "currency": "EUR", "total_amount": 1, "guest_name": "X"}
    comes = {"check_in": WEDNESDAY, "check_out": WEDNESDAY + timedelta(days=2)}
    goes = {"check_in": WEDNESDAY - timedelta(days=2), "check_out": WEDNESDAY}
    kinds = (("CONFIRMED", comes), ("CONFIRMED", goes), ("PENDING_APPROVAL", comes), ("CANCELLED", comes))
    Booking.objects.bulk_create(
        Booking(status=status, cancelled_at=NOON if status == "CANCELLED" else None, **stay, **dates)
        for status, dates in kinds
        for _ in range(250)
    )


def test_owner_without_a_hotel_is_led_through_the_first_steps(db: None) -> None:
    context = shown(signed_in(UserFactory(role="owner")))
    steps = {step.key: (step.is_done, bool(step.link)) for step in context["steps"]}
    assert steps == {
        "hotel": (False, True),
        "types": (False, True),
        "rooms": (False, True),
        "policy": (False, True),
        "staff": (False, True),
        "keys": (True, False),
        "webhook": (False, True),
    }
    assert "numbers" not in context


def test_hotel_without_rooms_says_what_is_missing_and_who_can_do_it(db: None) -> None:
    hotel = HotelFactory()
    front, manager = (signed_in(UserFactory(role=role, hotels=[hotel])) for role in ("Front desk", "Manager"))
    done = {step.key: step.is_done for step in shown(manager)["steps"]}
    assert [key for key, is_done in done.items() if not is_done] == ["types", "rooms", "webhook"]
    assert [step.link for step in shown(front)["steps"] if step.link] == []
    RoomFactory(room_type=RoomTypeFactory(hotel=hotel))
    assert shown(manager)["steps"] == []


def test_people_without_role_or_hotel_are_told_whom_to_ask(own: House) -> None:
    nobody: Any = UserFactory(hotels=[own.hotel])
    nobody.groups.clear()
    assert "has no role yet" in text(signed_in(nobody).get(TODAY))
    assert "do not belong to a hotel yet" in text(signed_in(UserFactory()).get(TODAY))
