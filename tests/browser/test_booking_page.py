"""A booking's page by keyboard: tabs, reasons, dialogs; on a phone, and under axe-core."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bookings.admin.booking_page import TABS
from bookings.models import Booking
from tests.browser.desk import sign_in
from tests.factories import UserFactory
from tests.payments.two_people import draft
from tests.simulator_process import StripeSimulator
from tests.stays import confirmed, fresh

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def booking(live_server: LiveServer, stripe_simulator: StripeSimulator) -> Booking:
    """A paid booking."""
    return confirmed(stripe_simulator, draft())


def address(live_server: LiveServer, booking: Booking, query: str = "") -> str:
    """The booking's page."""
    return f"{live_server.url}/admin/bookings/booking/{booking.pk}/change/{query}"


def opened(page: Page, live_server: LiveServer, booking: Booking, query: str = "") -> None:
    """Look at the booking as an owner."""
    sign_in(page, live_server.url, UserFactory(role="owner").username)
    page.goto(address(live_server, booking, query))


def faults(page: Page) -> list[str]:
    """What axe-core calls serious or critical, and where, in what is ours."""
    found = Axe().run(page, context="#content-main").response["violations"]
    bad = [each for each in found if each["impact"] in ("serious", "critical")]
    return [f"{each['id']}: {node['html'][:200]}" for each in bad for node in each["nodes"]]


def test_tabs_by_keyboard_survive_reload_back_and_typing(
    page: Page, live_server: LiveServer, booking: Booking
) -> None:
    opened(page, live_server, booking)
    tab = page.get_by_role("tab", name="Stay")
    expect(tab).to_have_attribute("aria-selected", "true")
    tab.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", name="Guest")).to_be_focused()
    page.get_by_label("Guest name").fill("Grace Hopper")
    page.get_by_role("tab", name="Guest").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("tabpanel", name="Timeline").get_by_text("Approved")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?tab=timeline$"))
    expect(page.get_by_role("tabpanel")).to_have_count(1)
    page.reload()
    expect(page.get_by_role("tabpanel", name="Timeline").get_by_text("Approved")).to_be_visible()
    page.keyboard.press("Home")
    page.get_by_role("tab", name="Payments").click()
    page.go_back()
    expect(page.get_by_role("tab", name="Timeline")).to_have_attribute("aria-selected", "true")


def test_what_was_typed_stays_while_looking_at_another_tab(
    page: Page, live_server: LiveServer, booking: Booking
) -> None:
    opened(page, live_server, booking, "?tab=guest")
    page.get_by_label("Guest name").fill("Grace Hopper")
    page.get_by_role("tab", name="Payments").click()
    expect(page.get_by_role("link", name="No. 1")).to_be_visible()
    page.get_by_role("tab", name="Guest").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_role("tab", name="Guest")).to_have_attribute("aria-selected", "true")
    assert fresh(booking).guest_name == "Grace Hopper"


def test_timeline_threads_open_and_lead_to_one_request(page: Page, live_server: LiveServer, booking: Booking) -> None:
    opened(page, live_server, booking, "?tab=timeline")
    thread = page.get_by_role("listitem").filter(has_text="Approved").first
    thread.get_by_text("more in the same request").click()
    expect(thread.get_by_text("Payment no. 1: money captured")).to_be_visible()
    thread.get_by_role("link", name="request-of-staff").click()
    expect(page.get_by_text("Only request request-of-staff.")).to_be_visible()
    expect(page.get_by_text("Submitted", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Show everything").click()
    page.get_by_role("navigation", name="Show").get_by_role("link", name="Mails", exact=True).click()
    expect(page.get_by_text("Approved", exact=True)).to_have_count(0)
    expect(page.get_by_text("Mail written: Booking Confirmed")).to_be_visible()


def test_reason_of_an_impossible_button_is_read_by_keyboard(
    page: Page, live_server: LiveServer, booking: Booking
) -> None:
    opened(page, live_server, booking)
    approve = page.get_by_role("button", name="Approve")
    expect(approve).to_have_attribute("aria-disabled", "true")
    why = page.locator("#why-approve")
    expect(why).to_be_hidden()
    approve.focus()
    expect(why).to_be_visible()
    expect(approve).to_have_accessible_description(re.compile(r"^This booking was confirmed on .* \(Dublin\)"))
    page.keyboard.press("Escape")
    expect(why).to_be_hidden()
    approve.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_text(re.compile(r"^More \(")).press("Enter")
    expect(page.get_by_text("This booking is not deleted.")).to_be_visible()


def test_dialog_keeps_the_focus_tells_errors_and_gives_it_back(
    page: Page, live_server: LiveServer, booking: Booking
) -> None:
    opened(page, live_server, booking, "?tab=payments")
    opener = page.get_by_role("link", name="Refund", exact=True)
    opener.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_be_focused()
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("!!document.activeElement.closest('#dialog')")
    dialog.get_by_label("Amount in EUR").fill("999")
    dialog.get_by_role("button", name="Refund", exact=True).press("Enter")
    alert = dialog.get_by_role("alert")
    expect(alert).to_be_focused()
    expect(alert).to_contain_text("Reason for the history: This field is required.")
    expect(dialog.get_by_label("Reason for the history")).to_have_accessible_description(
        re.compile("This field is required.")
    )
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    assert booking.operations.filter(kind="refund").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_tab_and_a_dialog_are_accessible(
    page: Page, live_server: LiveServer, booking: Booking, scheme: str
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    opened(page, live_server, booking)
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        for tab in TABS:
            page.goto(address(live_server, booking, f"?tab={tab}"))
            expect(page.get_by_role("tabpanel")).to_be_visible()
            assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
            assert faults(page) == []
    page.get_by_role("button", name="Approve").focus()
    assert faults(page) == []
