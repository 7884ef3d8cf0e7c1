"""The example of a hotel's own page (`docs/examples/pay`), on another origin, with the API and the payment page."""

import functools
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from bookings.models import Booking, BookingStatus
from tests.api.calls import key_of
from tests.simulator_process import StripeSimulator
from tests.stays import AtStripe, at_stripe, fresh, submitted

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "pay"


class Website(SimpleHTTPRequestHandler):
    """The hotel's own website, with nothing but the example on it; only `config.js` is its own."""

    config = ""

    def do_GET(self) -> None:
        """Serve a file."""
        if self.path != "/config.js":
            return super().do_GET()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript")
        self.end_headers()
        self.wfile.write(Website.config.encode())
        return None

    def log_message(self, *_: Any) -> None:
        """Nobody reads it."""


@pytest.fixture
def website(live_server: LiveServer) -> Iterator[str]:
    """The address of a website whose pages call this server."""
    site = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Website, directory=str(EXAMPLE)))
    thread = threading.Thread(target=site.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{site.server_port}"
    site.shutdown()
    site.server_close()
    thread.join()


def opened(page: Page, website: str, api: str, booking: Booking) -> None:
    """Open the page and send its form. Routes of Playwright's would answer in the place of the API."""
    Website.config = f'window.INNKEEP = {{ api: "{api}", hotel: "{booking.hotel.slug}" }};'
    page.goto(f"{website}/")
    page.get_by_label("Booking reference").fill(booking.booking_id.lower())
    page.get_by_label("The link from your mail").fill(f"https://desk.example.com/booking/manage/{key_of(booking)}/")
    page.get_by_role("button", name="Pay").click()


@pytest.mark.django_db(transaction=True)
def test_a_guest_pays_through_the_hotel_s_own_page(
    page: Page, live_server: LiveServer, stripe_simulator: StripeSimulator, website: str, settings: Settings
):
    settings.FRONTEND_ORIGINS = [website]
    settings.FRONTEND_PAYMENT_SUCCESS_URL = f"{website}/"
    settings.FRONTEND_PAYMENT_CANCEL_URL = f"{website}/"
    booking = submitted()
    opened(page, website, live_server.url, booking)
    page.wait_for_url(f"{stripe_simulator.url}/pay/**")
    session = booking.payments.get().stripe_checkout_session_id
    assert page.url == f"{stripe_simulator.url}/pay/{session}"
    page.get_by_role("button", name="Pay").first.click()
    expect(page.get_by_role("status")).to_have_text(
        "Thank you: 340.00 EUR. The hotel will confirm your booking; until then the amount is only held."
    )
    assert page.url == f"{website}/?session_id={session}"
    assert (fresh(booking).status, at_stripe(stripe_simulator, booking)) == (
        BookingStatus.PENDING_APPROVAL,
        AtStripe(),
    )


@pytest.mark.django_db(transaction=True)
def test_a_page_that_nobody_has_named_learns_nothing(
    page: Page,
    live_server: LiveServer,
    stripe_simulator: StripeSimulator,
    website: str,
    console_errors: list[str],
):
    booking = submitted()
    opened(page, website, live_server.url, booking)
    expect(page.get_by_role("status")).to_have_text("We cannot be reached just now. Please try again.")
    assert any("CORS" in each for each in console_errors)
    console_errors.clear()
    # The browser asked first and was refused, so the request itself was never sent.
    assert stripe_simulator.look("requests") == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/api/staff/hotel/x/room-bookings/", "/api/booking/manage/", "/api/openapi.json"])
def test_the_desk_is_closed_to_every_page(settings: Settings, path: str):
    settings.FRONTEND_ORIGINS = ["https://www.example.com"]
    headers = {"Origin": "https://www.example.com", "Access-Control-Request-Method": "GET"}
    for answer in (Client().get(path, headers=headers), Client().options(path, headers=headers)):
        assert not any(name.startswith("Access-Control-") for name in answer.headers)
