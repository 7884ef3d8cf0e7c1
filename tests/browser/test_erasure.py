"""What cannot be undone asks for the reference, by keyboard alone and on a phone, and the file arrives."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bookings.models import Booking
from payments import decisions
from tests.browser.desk import sign_in
from tests.factories import UserFactory
from tests.payments.two_people import draft
from tests.stays import by_staff, fresh, submitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def booking() -> Booking:
    """A booking that was declined."""
    waiting = submitted(draft(payment_method="ARRIVAL"))
    with by_staff():
        return decisions.decline(waiting, reason="Full").booking


def at_booking(page: Page, live_server: LiveServer, booking: Booking) -> None:
    """Look at the booking as an owner."""
    sign_in(page, live_server.url, UserFactory(role="owner").username)
    page.goto(f"{live_server.url}/admin/bookings/booking/{booking.pk}/change/")


def test_erasing_by_keyboard_on_a_phone(page: Page, live_server: LiveServer, booking: Booking) -> None:
    at_booking(page, live_server, booking)
    page.set_viewport_size({"width": 390, "height": 844})
    opener = page.get_by_role("link", name="Erase guest's data").locator("visible=true").first
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_be_focused()
    dialog.get_by_label("Type the booking's reference").press_sequentially("ABC")
    page.keyboard.press("Tab")
    page.keyboard.type("Asked for by phone")
    dialog.get_by_role("button", name="Erase the guest's data").press("Enter")
    expect(dialog.get_by_text(f"Type the reference {booking.booking_id} to confirm.")).to_be_visible()
    # It takes the focus a moment later, and with it the next key.
    expect(dialog.get_by_role("alert")).to_be_focused()
    expect(dialog.get_by_label("Reason, for the history")).to_have_value("Asked for by phone")
    assert not fresh(booking).is_erased
    dialog.get_by_label("Type the booking's reference").fill(booking.booking_id)
    dialog.get_by_role("button", name="Erase the guest's data").press("Enter")
    expect(page.get_by_text("Money, dates and references are kept.")).to_be_visible()
    assert fresh(booking).is_erased


def test_download_arrives(page: Page, live_server: LiveServer, booking: Booking) -> None:
    at_booking(page, live_server, booking)
    page.get_by_role("tab", name="Guest").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Download guest’s data").click()
    assert started.value.suggested_filename == f"guest-data-{booking.booking_id}.json"
    told = json.loads(Path(started.value.path()).read_text(encoding="utf-8"))
    assert told["bookings"][0]["guest"]["name"] == "Ada Guest"
