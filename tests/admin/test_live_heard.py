"""A page carries what it could see when it was opened, and nothing that was committed after that."""

import re
from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.models import BookingEvent
from tests.admin.conftest import House
from tests.admin.pages import listing
from tests.admin.test_live import request_in, told


def carried(client: Client, address: str = "/admin/", **headers: Any) -> tuple[float, list[int]]:
    """Since when a page has to be told, and which changes it knows."""
    page = client.get(address, **headers).content.decode()
    at, ids = re.findall(r'data-at="(\d+)" data-heard="([\d,]*)"', page)[0]
    return float(at), [int(pk) for pk in ids.split(",") if pk]


def newest() -> int:
    """The last change."""
    return BookingEvent.objects.latest("pk").pk


def test_page_knows_the_changes_of_just_before(own: House, foreign: House, manager: Client) -> None:
    booking = request_in(own)
    first = newest()
    BookingEvent.objects.filter(pk=first).update(updated_at=timezone.now() - timedelta(seconds=11))
    request_in(own, 1)
    second = newest()
    request_in(foreign)
    for address in ("/admin/", listing(booking), f"{listing(booking)}{booking.pk}/change/"):
        assert carried(manager, address)[1] == [second]


def test_change_that_is_committed_late_is_news(own: House, manager: Client) -> None:
    request_in(own)
    at, known = carried(manager)
    request_in(own, 1)
    late = newest()
    # Its transaction began before the page was opened, and ended after.
    BookingEvent.objects.filter(pk=late).update(updated_at=timezone.now() - timedelta(seconds=9))
    assert known == [late - 1]
    assert [each["id"] for each in told(manager, at)["events"] if each["id"] not in known] == [late]


def test_it_is_read_before_anything_that_the_page_shows(own: House, manager: Client) -> None:
    booking = request_in(own)
    with CaptureQueriesContext(connection) as found:
        manager.get(listing(booking))
    told_of = [each["sql"] for each in found]
    events = [number for number, sql in enumerate(told_of) if "bookings_bookingevent" in sql]
    shown = [number for number, sql in enumerate(told_of) if 'FROM "bookings_booking"' in sql]
    assert len(events) == 1
    assert events[0] < shown[0]


def test_parts_of_pages_scripts_and_strangers_cost_no_query(own: House, manager: Client) -> None:
    booking = request_in(own)
    parts: tuple[tuple[Client, str, dict[str, Any]], ...] = (
        (manager, listing(booking), {"headers": {"X-Innkeep-Part": "1"}}),
        (manager, f"{listing(booking)}{booking.pk}/approve/", {"headers": {"HX-Request": "true"}}),
        (manager, "/admin/jsi18n/", {"headers": {"Sec-Fetch-Dest": "script"}}),
        (Client(), listing(booking), {}),
    )
    with CaptureQueriesContext(connection) as found:
        for client, address, headers in parts:
            client.get(address, **headers)
    assert [each["sql"] for each in found if "bookings_bookingevent" in each["sql"]] == []


def test_people_who_see_no_bookings_carry_nothing(own: House, staff: Any) -> None:
    request_in(own)
    nobody = staff("Front desk")
    assert len(carried(nobody)[1]) == 1
    own.hotel.staff.clear()
    assert carried(nobody)[1] == []
