"""A page that was just opened fetches nothing that it shows already, and misses nothing that was committed late."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bookings.models import BookingEvent
from tests.admin.conftest import House
from tests.browser.test_live import SOON, asked, desk, hotel, opened

__all__ = ["desk", "hotel"]


@pytest.fixture
def fetched(desk: Page) -> list[str]:
    """The parts of the list that its script has fetched."""
    found: list[str] = []

    def note(url: str) -> None:
        if url.endswith("/admin/bookings/booking/"):
            found.append(url)

    desk.on("request", lambda each: note(each.url) if "x-innkeep-part" in each.headers else None)
    return found


def test_what_happened_just_before_is_not_fetched_again(
    desk: Page, live_server: LiveServer, hotel: House, fetched: list[str]
) -> None:
    asked(hotel)
    BookingEvent.objects.update(updated_at=timezone.now())
    opened(desk, live_server, "bookings/booking/")
    with desk.expect_response(re.compile("/admin/live/")):
        pass
    assert fetched == []
    expect(desk.locator("tbody .data-row")).to_have_count(1)


def test_what_is_committed_late_is_shown(
    desk: Page, live_server: LiveServer, hotel: House, fetched: list[str]
) -> None:
    opened(desk, live_server, "bookings/booking/")
    asked(hotel)
    BookingEvent.objects.update(updated_at=timezone.now() - timedelta(seconds=8))
    expect(desk.locator("tbody .data-row")).to_have_count(1, timeout=SOON)
    assert len(fetched) == 1
