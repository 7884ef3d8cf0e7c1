"""Lists count up to a limit, say so beyond it, and read a later page by its keys."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings.admin import paging
from bookings.models import Booking
from tests.admin.conftest import House
from tests.admin.pages import listing, text

MORE = "the first 2 of more bookings: search or filter to find the others"


@pytest.fixture
def four(own: House, monkeypatch: pytest.MonkeyPatch) -> list[Booking]:
    """Four bookings, the newest first, one on a page."""
    monkeypatch.setattr("bookings.admin.booking_list.BookingListAdmin.list_per_page", 1)
    monkeypatch.setattr("bookings.admin.booking.BookingAdmin.list_max_show_all", 0)
    return [own.booking(number) for number in range(4)][::-1]


def test_beyond_the_limit_the_list_says_so(four: list[Booking], manager: Client, monkeypatch) -> None:
    monkeypatch.setattr(paging, "MOST_COUNTED", 2)
    answer = manager.get(listing(Booking))
    found = answer.context["cl"]
    assert (found.result_count, found.paginator.num_pages, list(found.result_list)) == (2, 2, four[:1])
    assert MORE in text(answer)
    assert "Export all rows that were found" in text(answer)


@pytest.mark.parametrize("most", [4, 5])
def test_up_to_the_limit_it_counts(four: list[Booking], manager: Client, monkeypatch, most: int) -> None:
    monkeypatch.setattr(paging, "MOST_COUNTED", most)
    answer = manager.get(listing(Booking))
    assert answer.context["cl"].result_count == 4
    assert "of more bookings" not in text(answer)
    assert "Export these 4 rows" in text(answer)


def test_export_has_what_was_not_counted(four: list[Booking], manager: Client, monkeypatch) -> None:
    monkeypatch.setattr(paging, "MOST_COUNTED", 2)
    answer: Any = manager.post("/admin/bookings/booking/export/", {"format": "csv"})
    lines = b"".join(answer.streaming_content).decode()
    assert all(each.booking_id in lines for each in four)


def test_later_page_skips_by_key_alone(four: list[Booking], manager: Client) -> None:
    manager.get(listing(Booking))
    with CaptureQueriesContext(connection) as queries:
        answer = manager.get(listing(Booking, "?p=3"))
    assert list(answer.context["cl"].result_list) == [four[2]]
    (reading,) = (each["sql"] for each in queries if "OFFSET 2" in each["sql"])
    _, _, skipping = reading.partition('"bookings_booking"."id" IN (SELECT ')
    assert re.fullmatch(r'"?\w+"?\."id" AS "pk"', skipping.split(" FROM ")[0])


def test_page_beyond_the_last_leads_back(four: list[Booking], manager: Client) -> None:
    assert manager.get(listing(Booking, "?p=9")).headers["Location"].endswith("?e=1")
