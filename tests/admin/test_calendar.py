"""The calendar: every stay that keeps a room, where and when it does, of the person's own hotels."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import Booking
from bookings.stay import Stay
from payments import decisions
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import page, text
from tests.factories import BookingFactory, RoomFactory

MONDAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def wednesday() -> Any:
    """It is Wednesday noon, so the calendar begins on Monday."""
    with stays.clock_at(NOON):
        yield


def shown(client: Client, query: str = "") -> Any:
    """The answer's context."""
    response = client.get(reverse("admin:bookings_booking_calendar") + query)
    assert response.status_code == 200
    return response.context


def stay(house: House, number: int | None, start: int, nights: int, **fields: Any) -> Booking:
    """A submitted booking that begins some days after that Monday, in a room or waiting for one."""
    begin = MONDAY + timedelta(days=start)
    draft = house.booking(number or 0, check_in=begin, check_out=begin + timedelta(days=nights), **fields)
    if number is None:
        draft.room = None
        draft.save()
    with stays.clock_at(datetime(2026, 11, 1, 12, tzinfo=UTC)):
        return stays.submitted(draft)


def spans(line: Any) -> list[tuple[int, str]]:
    """A row as its stays: how many nights each cell covers, and whose; free nights apart."""
    return [(cell.span, str(cell.booking)) for cell in line.cells if cell.booking]


def test_begins_the_day_before_yesterday_and_marks_today(own: House, manager: Client) -> None:
    nights = shown(manager)["nights"]
    assert (nights[0].day, nights[-1].day, len(nights)) == (MONDAY, date(2026, 12, 6), 14)
    assert [night.day for night in nights if night.is_today] == [date(2026, 11, 25)]
    assert [night.day.day for night in nights if night.is_weekend] == [28, 29, 5, 6]


def test_draws_each_stay_over_its_nights_and_leaves_the_check_out_day(own: House, manager: Client) -> None:
    first = stay(own, 0, 1, 2)
    next_guest = stay(own, 0, 3, 1)
    (section,) = shown(manager)["sections"]
    line = section.lines[0]
    assert [cell.span for cell in line.cells] == [1, 2, 1, *[1] * 10]
    assert spans(line) == [(2, str(first)), (1, str(next_guest))]
    assert [left for _night, left in section.left] == [4, 3, 3, 3, *[4] * 10]


def test_says_that_a_stay_goes_on_beyond_the_edges(own: House, manager: Client) -> None:
    stay(own, 0, -3, 30)
    (cell,) = [cell for cell in shown(manager)["sections"][0].lines[0].cells if cell.booking]
    assert (cell.span, cell.begins_before, cell.ends_after) == (14, True, True)


def test_a_stay_that_ends_on_the_last_day_does_not_go_on(own: House, manager: Client) -> None:
    stay(own, 0, 0, 14)
    (cell,) = shown(manager)["sections"][0].lines[0].cells
    assert (cell.span, cell.begins_before, cell.ends_after) == (14, False, False)


def test_stays_without_a_room_stand_below_each_other(own: House, manager: Client) -> None:
    two = [stay(own, None, 1, 2, guest_name=f"Guest {number}") for number in range(2)]
    lines = shown(manager)["sections"][0].lines
    assert [(line.name, spans(line)) for line in lines[4:]] == [
        ("No room yet", [(2, str(two[0]))]),
        ("No room yet", [(2, str(two[1]))]),
    ]


def test_ended_and_deleted_bookings_keep_no_room(own: House, manager: Client) -> None:
    gone = stay(own, 0, 1, 2, payment_method="ARRIVAL")
    with stays.by_staff():
        decisions.decline(gone, reason="No room available")
    assert spans(shown(manager)["sections"][0].lines[0]) == []


def test_unapproved_stays_are_dashed_and_say_so(own: House, manager: Client) -> None:
    stay(own, 0, 1, 2, payment_method="ARRIVAL", guest_name="Robin")
    shows = text(manager.get(reverse("admin:bookings_booking_calendar")))
    assert "desk-cal-asked" in shows
    assert '<span aria-hidden="true">?</span> Robin<span class="desk-hidden">, needs approval</span>' in shows


def test_a_click_opens_the_booking(own: House, manager: Client) -> None:
    booking = stay(own, 0, 1, 2)
    assert f'href="{page(booking)}"' in text(manager.get(reverse("admin:bookings_booking_calendar")))


def test_a_guests_name_is_no_markup(own: House, manager: Client) -> None:
    stay(own, 0, 1, 2, guest_name="<script>x</script>")
    assert "<script>x" not in text(manager.get(reverse("admin:bookings_booking_calendar")))


def test_a_room_out_of_service_is_shown_only_while_somebody_has_it(own: House, manager: Client) -> None:
    stay(own, 0, 1, 2)
    for room in own.rooms[:2]:
        room.is_active = False
        room.save()
    section = shown(manager)["sections"][0]
    assert [line.name for line in section.lines] == [str(own.rooms[number]) for number in (0, 2, 3)]
    assert section.left[5][1] == 2


def test_other_hotels_are_not_there(
    own: House, foreign: House, manager: Client, staff: Callable[[str], Client]
) -> None:
    stay(foreign, 0, 1, 2, guest_name="Foreigner")
    address = reverse("admin:bookings_booking_calendar")
    assert "Foreigner" not in text(manager.get(address))
    assert manager.get(f"{address}?hotel={foreign.hotel.pk}").status_code == 404
    assert "Foreigner" in text(staff("owner").get(f"{address}?hotel={foreign.hotel.pk}"))


@pytest.mark.parametrize("query", ["?from=x", "?from=0001-01-01", "?from=9999-12-31", "?days=1000", "?days=-1"])
def test_odd_addresses_show_a_calendar_all_the_same(own: House, manager: Client, query: str) -> None:
    assert len(shown(manager, query)["nights"]) == 14


@pytest.mark.parametrize("hotel", ["x", "0", "-1", "9" * 30])
def test_an_unknown_hotel_is_not_found(own: House, manager: Client, hotel: str) -> None:
    assert manager.get(reverse("admin:bookings_booking_calendar") + f"?hotel={hotel}").status_code == 404


def test_strangers_and_people_without_a_role_do_not_see_it(own: House, staff: Callable[[str], Client]) -> None:
    address = reverse("admin:bookings_booking_calendar")
    assert Client().get(address).status_code == 302
    nobody = staff("Auditor")
    nobody_user = nobody.get(address).wsgi_request.user
    nobody_user.groups.clear()
    assert nobody.get(address).status_code == 403


def test_a_month_moves_by_months(own: House, manager: Client) -> None:
    context = shown(manager, "?days=31&from=2026-12-01")
    assert (len(context["nights"]), context["months"]) == (31, [("December 2026", 31)])
    assert context["later"].endswith("&from=2027-01-01&days=31")


def test_reads_as_often_for_many_rooms_and_stays_as_for_one(own: House, manager: Client) -> None:
    def reads() -> int:
        with CaptureQueriesContext(connection) as seen:
            shown(manager)
        return len(seen)

    stay(own, 0, 1, 1)
    few = reads()
    kind = own.rooms[0].room_type
    for number in range(20):
        room = RoomFactory(room_type=kind, number=f"9{number}")
        begin = MONDAY + timedelta(days=number % 9)
        draft = BookingFactory(room=room, check_in=begin, check_out=begin + timedelta(days=2))
        with stays.clock_at(datetime(2026, 11, 1, 12, tzinfo=UTC)):
            stays.submitted(draft)
    assert reads() == few


def test_what_a_moving_booking_keeps_is_taken_and_shown_as_kept(own: House, manager: Client) -> None:
    booking = stay(own, 0, 1, 2)
    begin = MONDAY + timedelta(days=2)
    other = Stay.of(booking)
    replace(other, check_in=begin, check_out=begin + timedelta(days=3)).kept_by(booking).save()
    (section,) = shown(manager)["sections"]
    assert [(cell.span, cell.is_kept) for cell in section.lines[0].cells if cell.booking] == [(2, False), (2, True)]
    assert [left for _night, left in section.left[:6]] == [4, 3, 3, 3, 3, 4]
