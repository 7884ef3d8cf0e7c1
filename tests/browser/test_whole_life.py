"""One booking's whole life in a real browser: taken, paid, approved, cancelled by its guest and refunded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from bookings.models import Booking, Hotel, Room, User
from tests.browser import desk
from tests.conftest import SmtpServer
from tests.factories import RoomFactory, UserFactory, days_ahead
from tests.simulator_process import StripeSimulator
from tests.stays import AtStripe, at_stripe, transitions

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass
class House:
    """A hotel with a room and a person at the desk, all its processes running."""

    url: str
    room: Room
    person: User
    stripe: StripeSimulator
    mail: SmtpServer

    @property
    def hotel(self) -> Hotel:
        """The hotel."""
        return self.room.hotel


@pytest.fixture
def house(
    live_server: LiveServer,
    settings: Settings,
    stripe_simulator: StripeSimulator,
    smtp_server: SmtpServer,
    database_url: str,
    tmp_path: Path,
) -> Iterator[House]:
    """Everything but the browser."""
    settings.SITE_URL = live_server.url
    desk.make_roles()
    desk.point_webhooks_at(stripe_simulator, live_server.url)
    room = RoomFactory()
    person = UserFactory(role="Front desk", hotels=[room.hotel])
    with desk.worker(
        tmp_path,
        site_url=live_server.url,
        database_url=database_url,
        stripe=stripe_simulator.url,
        smtp=smtp_server.port,
    ):
        yield House(live_server.url, room, person, stripe_simulator, smtp_server)


@pytest.fixture
def phone(chromium_browser: Browser) -> Iterator[Page]:
    """The guest's browser, a phone that shares nothing with the desk's."""
    context = chromium_browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def take_booking(page: Page, house: House) -> Booking:
    """Enter a booking by phone and mail the pay link."""
    page.goto(f"{house.url}/admin/bookings/booking/add/")
    page.locator("[name=check_in]").fill(days_ahead(30).isoformat())
    page.locator("[name=check_out]").fill((days_ahead(30) + timedelta(days=2)).isoformat())
    page.get_by_text("1 free · €170.00 a night · €340.00 in all").click()
    expect(page.get_by_label("Room", exact=True)).to_have_value(str(house.room.pk))
    page.locator("[name=guest_name]").fill("Ada Guest")
    page.locator("[name=guest_email]").fill("ada@guest.example")
    page.get_by_role("button", name="Book and mail the pay link").click()
    expect(page.get_by_text("Waiting for payment").first).to_be_visible()
    return Booking.objects.order_by("-pk")[0]


def act(page: Page, action: str, button: str, reason: str = "") -> None:
    """Open an action's dialog, give a reason where it asks, and press its button."""
    # Unfold's icons are text to a screen reader, so the name ends with the label.
    page.get_by_role("link", name=re.compile(rf"\b{action}$")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    if reason:
        dialog.locator("[name=reason]").select_option(reason)
    dialog.get_by_role("button", name=button).click()
    expect(dialog).not_to_be_visible()


def pay(phone: Page, house: House, booking: Booking) -> None:
    """Follow the link of the mail and pay on Stripe's page."""
    mail = desk.mail_with(house.mail, f"Please pay for your booking ({booking.booking_id})")
    phone.goto(desk.link_in(mail))
    phone.get_by_role("button", name="Pay €340.00").click()
    phone.get_by_role("button", name="Pay").first.click()
    phone.wait_for_url("**/booking/pay/return/**")
    desk.wait_for_status(booking, "PENDING_APPROVAL")


def test_taken_paid_approved_cancelled_and_refunded(page: Page, phone: Page, house: House):
    desk.sign_in(page, house.url, house.person.username)
    booking = take_booking(page, house)
    pay(phone, house, booking)
    desk.mail_with(house.mail, "Payment authorized — awaiting hotel confirmation")

    page.goto(f"{house.url}/admin/bookings/booking/{booking.pk}/change/")
    act(page, "Approve", "Capture €340.00")
    expect(page.get_by_text("Confirmed").first).to_be_visible()
    assert at_stripe(house.stripe, booking) == AtStripe(captured=34000, captures=1)

    mail = desk.mail_with(house.mail, f"Booking Confirmed - {booking.booking_id}")
    phone.goto(desk.link_in(mail))
    phone.get_by_role("link", name="Cancel booking").click()
    expect(phone.get_by_text("You get back")).to_be_visible()
    expect(phone.get_by_role("cell", name="€340.00").last).to_be_visible()
    phone.get_by_role("button", name="Cancel booking").click()
    expect(phone.get_by_role("heading", name="Your booking is cancelled")).to_be_visible()
    phone.reload()
    expect(phone.get_by_role("heading", name="Your booking is cancelled")).to_be_visible()

    booking.refresh_from_db()
    assert (booking.status, booking.cancelled_by_client) == ("CANCELLED", True)
    assert (booking.cancellation_fee, booking.refund_amount) == (0, 34000)
    assert at_stripe(house.stripe, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=1)
    assert transitions(booking) == ["submit", "authorize", "approve", "cancel"]
    desk.mail_with(house.mail, f"Booking Cancelled - {booking.booking_id}")


def test_declined_and_the_hold_released(page: Page, phone: Page, house: House):
    desk.sign_in(page, house.url, house.person.username)
    booking = take_booking(page, house)
    pay(phone, house, booking)
    page.goto(f"{house.url}/admin/bookings/booking/{booking.pk}/change/")
    act(page, "Decline", "Decline the booking", reason="No room available")
    expect(page.get_by_text("Declined").first).to_be_visible()
    assert at_stripe(house.stripe, booking) == AtStripe(voids=1)
    assert transitions(booking) == ["submit", "authorize", "decline"]
    mail = desk.mail_with(house.mail, f"Booking Update - {booking.booking_id}")
    phone.goto(desk.link_in(mail))
    expect(phone.get_by_text("€340.00").first).to_be_visible()
    assert Booking.objects.get().status == "DECLINED"
