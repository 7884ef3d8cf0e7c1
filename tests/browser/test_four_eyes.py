"""The button of a dialog says, while somebody types, whether a second person will be asked."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bookings.models import Booking
from payments.models import RefundRequest
from tests.browser.desk import sign_in
from tests.factories import UserFactory
from tests.payments.two_people import asked, draft
from tests.simulator_process import StripeSimulator
from tests.stays import at_stripe, confirmed


@pytest.fixture
def booking(live_server: LiveServer, stripe_simulator: StripeSimulator) -> Booking:
    """A paid booking, of which one person may return 200.00."""
    return confirmed(stripe_simulator, draft())


def opened(page: Page, live_server: LiveServer, booking: Booking, action: str) -> None:
    """Open a dialog as an owner."""
    sign_in(page, live_server.url, UserFactory(role="owner").username)
    page.goto(f"{live_server.url}/admin/bookings/booking/{booking.pk}/change/")
    page.get_by_role("link", name=action, exact=True).first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


def test_refund_button_names_the_second_person_as_soon_as_one_is_needed(
    page: Page, live_server: LiveServer, booking: Booking
) -> None:
    opened(page, live_server, booking, "Refund")
    dialog = page.get_by_role("dialog")
    for typed, words in (("200.00", "Refund €200.00"), ("200.01", "Ask for a refund of €200.01"), ("2x", "Refund")):
        dialog.get_by_label("Amount in EUR").fill(typed)
        expect(dialog.get_by_role("button", name=words, exact=True)).to_be_visible()
    dialog.get_by_label("Amount in EUR").fill("300.00")
    dialog.get_by_label("Reason for the history").fill("Broken shower")
    dialog.get_by_role("button", name="Ask for a refund of €300.00").click()
    expect(page.get_by_text("It waits for a second person.")).to_be_visible()
    assert RefundRequest.objects.get().amount == 30000


def test_cancel_button_names_the_second_person_only_beyond_the_policy(
    page: Page, live_server: LiveServer, booking: Booking
) -> None:
    opened(page, live_server, booking, "Cancel booking")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("button", name="Cancel and return €170.00")).to_be_visible()
    dialog.get_by_label("Waive the fee").check()
    expect(dialog.get_by_role("button", name="Ask to cancel and return €340.00")).to_be_visible()


def test_second_person_approves_from_the_booking_page(
    page: Page, live_server: LiveServer, booking: Booking, stripe_simulator: StripeSimulator
) -> None:
    asked(UserFactory(role="owner"), booking)
    sign_in(page, live_server.url, UserFactory(role="owner").username)
    page.goto(f"{live_server.url}/admin/bookings/booking/{booking.pk}/change/")
    page.get_by_role("link", name="Refund request", exact=True).click()
    page.get_by_role("link", name="Approve", exact=True).first.click()
    page.get_by_role("dialog").get_by_role("button", name="Refund €300.00").click()
    expect(page.get_by_text("€300.00 is on its way back.")).to_be_visible()
    assert at_stripe(stripe_simulator, booking).refunded == 30000
