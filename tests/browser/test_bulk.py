"""Twelve bookings are cancelled at once, with the mouse and by the keyboard alone."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from bookings.models import Booking
from cancellations.wording import CANCEL_REASONS
from tests.browser.desk import sign_in, worker
from tests.conftest import SmtpServer
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory, days_ahead
from tests.simulator_process import StripeSimulator
from tests.stays import at_stripe, confirmed, submitted

NUMBER = 12


@pytest.fixture
def bookings(live_server: LiveServer, stripe_simulator: StripeSimulator) -> list[Booking]:
    """Two paid stays, of which half would be kept, and ten to be paid on arrival."""
    room_type = RoomTypeFactory(hotel=HotelFactory())
    drafts: Any = [
        BookingFactory(
            room=RoomFactory(room_type=room_type),
            check_in=days_ahead(10),
            payment_method="ONLINE" if number < 2 else "ARRIVAL",
        )
        for number in range(NUMBER)
    ]
    return [
        confirmed(stripe_simulator, draft) if draft.payment_method == "ONLINE" else submitted(draft)
        for draft in drafts
    ]


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus, as somebody without a mouse does."""
    for _ in range(90):
        if wanted.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {wanted}")


def choose_by_mouse(page: Page) -> None:
    """Tick all, choose the action, press the button."""
    page.locator("#action-toggle").check()
    page.locator("select[name=action]").select_option("cancel")
    page.get_by_role("button", name="Run").click()
    page.get_by_label("Reason").select_option("Hotel closed")
    page.get_by_role("button", name="Cancel 12 bookings, refund €340.00").click()


def choose_by_keyboard(page: Page) -> None:
    """Do the same without a mouse."""
    tab_to(page, page.locator("#action-toggle"))
    page.keyboard.press("Space")
    tab_to(page, page.locator("select[name=action]"))
    page.keyboard.type("Cancel")  # "c" alone is Unfold's shortcut to another page
    tab_to(page, page.get_by_role("button", name="Run"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Nothing has happened yet")).to_be_visible()
    tab_to(page, page.get_by_label("Reason"))
    for _ in CANCEL_REASONS:
        page.keyboard.press("ArrowDown")
    tab_to(page, page.get_by_role("button", name="Cancel 12 bookings, refund €340.00"))
    page.keyboard.press("Enter")


@pytest.mark.parametrize("choose", [choose_by_mouse, choose_by_keyboard])
def test_many_are_cancelled_while_somebody_watches(
    page: Page,
    live_server: LiveServer,
    stripe_simulator: StripeSimulator,
    smtp_server: SmtpServer,
    bookings: list[Booking],
    database_url: str,
    tmp_path: Path,
    choose,
) -> None:
    sign_in(page, live_server.url, UserFactory(role="owner").username)
    page.goto(f"{live_server.url}/admin/bookings/booking/")
    choose(page)
    bar = page.get_by_role("progressbar", name="Cancel 12 bookings")
    expect(bar).to_have_attribute("aria-valuetext", "0 of 12 through")
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    around = {"site_url": live_server.url, "database_url": database_url, "smtp": smtp_server.port}
    with worker(tmp_path, stripe=stripe_simulator.url, **around):
        expect(page.locator("#bulk-run[data-over]")).to_be_attached(timeout=45_000)
    expect(bar).to_have_attribute("aria-valuenow", "12")
    expect(page.get_by_role("cell", name="Done", exact=True)).to_have_count(12)
    expect(page.get_by_text("€340.00 of €340.00")).to_be_visible()
    assert [at_stripe(stripe_simulator, each).refunded for each in bookings[:2]] == [17000, 17000]
    assert set(Booking.objects.values_list("status", flat=True)) == {"CANCELLED"}
