"""A guest chooses a language on a phone without JavaScript; the longer words fit."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from bookings.models import Booking, User
from tests.browser.desk import make_roles, sign_in
from tests.factories import BookingFactory, UserFactory, days_ahead
from tests.guest.browser import link_of
from tests.simulator_process import StripeSimulator
from tests.stays import confirmed, fresh

PHONE = {"width": 390, "height": 844}
WIDER = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture
def booking(live_server: LiveServer, stripe_simulator: StripeSimulator) -> Booking:
    """A booking whose cancellation keeps half."""
    return confirmed(stripe_simulator, BookingFactory(check_in=days_ahead(10)))


def assert_fits(page: Page, language: str) -> None:
    """Assert the page's language, and that nobody has to scroll sideways to read it."""
    assert page.locator("html").get_attribute("lang") == language
    assert not page.evaluate(WIDER)


def test_guest_switches_to_german_and_back(chromium_browser: Browser, live_server: LiveServer, booking: Booking):
    context = chromium_browser.new_context(viewport=PHONE, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(live_server.url + link_of(booking))
    assert_fits(page, "en")
    page.get_by_role("button", name="Deutsch").click()
    expect(page.get_by_role("heading", name="Bestätigt")).to_be_visible()
    assert_fits(page, "de")
    page.get_by_role("link", name="Buchung stornieren").click()
    expect(page.get_by_role("heading", name="Ihre Buchung stornieren?")).to_be_visible()
    assert_fits(page, "de")
    assert fresh(booking).guest_language == "de"
    page.goto(f"{live_server.url}/booking/")
    assert_fits(page, "de")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Find your booking")).to_be_visible()
    assert_fits(page, "en")
    assert fresh(booking).guest_language == "en"
    context.close()


def test_stranger_is_met_in_the_browsers_language(chromium_browser: Browser, live_server: LiveServer):
    context = chromium_browser.new_context(viewport=PHONE, java_script_enabled=False, locale="de-AT")
    page = context.new_page()
    page.goto(f"{live_server.url}/booking/")
    assert_fits(page, "de")
    page.get_by_role("button", name="English").click()
    assert_fits(page, "en")
    context.close()


def test_a_date_is_chosen_in_german(page: Page, live_server: LiveServer):
    make_roles()
    sign_in(page, live_server.url, UserFactory(role="owner").username)
    User.objects.update(language="de")
    page.goto(f"{live_server.url}/admin/payments/exchangerate/add/")
    page.get_by_role("button", name="Datum wählen").click()
    calendar = page.get_by_role("dialog")
    labels = calendar.locator("[aria-label]").evaluate_all("all => all.map(each => each.ariaLabel)")
    heads = [each.split(" (")[0] for each in labels if "(" in each and not each[0].isdigit()]
    assert heads == ["Voriger Monat", "Nächster Monat", "Gestern", "Heute", "Morgen"]
    months = "Januar|Februar|März|April|Mai|Juni|Juli|August|September|Oktober|November|Dezember"
    days = [each for each in labels if each[0].isdigit()]
    assert len(days) >= 28
    assert [each for each in days if not re.fullmatch(rf"\d{{1,2}}\. ({months}) \d{{4}}( \(.*\))?", each)] == []
    assert [each for each in days if "heute" in each]
