"""What people at the desk do all day, each job by mouse and by keyboard alone."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from bookings.models import Booking, ExportRecord
from tests.browser import desk
from tests.browser.jobs.conftest import Desk
from tests.browser.jobs.hands import Hand, Keys
from tests.conftest import SmtpServer
from tests.factories import days_ahead
from tests.stays import AtStripe, at_stripe, confirmed, fresh, paid, submitted

pytestmark = pytest.mark.django_db(transaction=True)

type Begin = Callable[..., Hand]

MANY = 50
# By keys it was 142 while every row had to be passed on the way to the actions.
SHORT = 20


def action(page: Page, name: str) -> Locator:
    """The button of a staff action."""
    return page.get_by_role("link", name=name, exact=True).first


def dialog(page: Page) -> Locator:
    """The open dialog, once it has taken the focus."""
    found = page.get_by_role("dialog")
    expect(found.get_by_role("heading").first).to_be_focused()
    return found


def test_approve_the_oldest(page: Page, house: Desk, begin: Begin) -> None:
    oldest, newer = (paid(house.stripe, house.draft(number)) for number in range(2))
    hand = begin("", role="Front desk")
    hand.press(page.get_by_role("table").get_by_role("link").first)
    hand.press(action(page, "Approve"))
    hand.press(dialog(page).get_by_role("button", name="Capture €340.00"))
    expect(page.get_by_text("The booking is confirmed and €340.00 is captured.")).to_be_visible()
    assert (fresh(oldest).status, fresh(newer).status) == ("CONFIRMED", "PENDING_APPROVAL")


def test_refund_part(page: Page, house: Desk, begin: Begin) -> None:
    booking = confirmed(house.stripe, house.draft())
    hand = begin(f"bookings/booking/{booking.pk}/change/")
    hand.press(action(page, "Refund"))
    opened = dialog(page)
    hand.write(opened.get_by_label("Amount in EUR"), "100.00")
    hand.write(opened.get_by_label("Reason for the history"), "Broken shower")
    hand.press(opened.get_by_role("button", name="Refund €100.00"))
    expect(page.get_by_text("The refund of €100.00 is on its way.")).to_be_visible()
    assert at_stripe(house.stripe, booking) == AtStripe(captured=34000, refunded=10000, captures=1, refunds=1)


def test_find_by_payment(page: Page, house: Desk, begin: Begin) -> None:
    wanted = confirmed(house.stripe, house.draft(0, guest_name="Grace Wanted"))
    confirmed(house.stripe, house.draft(1))
    intent = wanted.payments.get().stripe_payment_intent_id
    hand = begin("bookings/booking/", role="Front desk")
    hand.write(page.locator("#searchbar"), intent)
    hand.enter()
    hand.press(page.locator("#result_list").get_by_role("link", name=re.compile(wanted.booking_id)))
    page.wait_for_url(f"**/{wanted.pk}/change/**")
    expect(page.get_by_text("Grace Wanted").first).to_be_visible()


def test_move_to_another_room(page: Page, house: Desk, begin: Begin) -> None:
    booking = submitted(house.draft(payment_method="ARRIVAL", check_in=days_ahead(3)))
    hand = begin("bookings/booking/calendar/", role="Front desk")
    hand.press(page.get_by_role("link", name=re.compile("Ada Guest")).first)
    hand.press(action(page, "Assign room"))
    opened = dialog(page)
    hand.choose(opened.get_by_label("Room"), house.rooms[2].number)
    hand.choose(opened.get_by_label("Reason"), "Better fit")
    hand.press(opened.get_by_role("button", name="Move to this room"))
    expect(page.get_by_text(f"The guest has room {house.rooms[2]} now.")).to_be_visible()
    assert fresh(booking).room == house.rooms[2]


def test_take_a_booking_on_the_phone(page: Page, house: Desk, begin: Begin) -> None:
    first = house.rooms[0].hotel.today(timezone.now()) + timedelta(days=4)
    hand = begin("bookings/booking/calendar/", role="Front desk")
    go_to_night(hand, page, house, page.get_by_role("link", name=re.compile(rf"{house.rooms[1]}, {first.day} ")))
    expect(page.locator("[data-part=summary]")).to_contain_text("€170.00")
    hand.write(page.get_by_label("Guest email"), "grace@guest.example")
    hand.write(page.get_by_label("Guest name"), "Grace Guest")
    hand.press(page.get_by_role("button", name="Book and mail the pay link"))
    expect(page.get_by_text("The guest gets a mail with a link to pay.").first).to_be_visible()
    booking = desk.wait_until(lambda: Booking.objects.select_related("room").first(), "the booking")
    assert (booking.status, booking.room, booking.check_in) == ("PENDING_PAYMENT", house.rooms[1], first)


def test_cancel_fifty_and_watch(
    page: Page, house: Desk, begin: Begin, smtp_server: SmtpServer, database_url: str, tmp_path: Path
) -> None:
    for number in range(MANY):
        nights = {"check_in": days_ahead(20 + 2 * number), "check_out": days_ahead(22 + 2 * number)}
        submitted(house.draft(payment_method="ARRIVAL", **nights))
    hand = begin("bookings/booking/")
    hand.tick(page.locator("#action-toggle"))
    if isinstance(hand, Keys):
        expect(page.locator("#desk-live-says")).to_have_text(
            f"{MANY} chosen. Enter leads to what can be done with them."
        )
        hand.enter()
    hand.choose(page.locator("select[name=action]"), "Cancel")
    hand.press(page.get_by_role("button", name="Run"))
    hand.choose(page.get_by_label("Reason"), "Hotel closed")
    hand.press(page.get_by_role("button", name=f"Cancel {MANY} bookings"))
    bar = page.get_by_role("progressbar", name=f"Cancel {MANY} bookings")
    expect(bar).to_have_attribute("aria-valuetext", f"0 of {MANY} through")
    around = {"site_url": house.url, "database_url": database_url, "stripe": house.stripe.url}
    with desk.worker(tmp_path, smtp=smtp_server.port, **around):
        expect(page.locator("#bulk-run[data-over]")).to_be_attached(timeout=90_000)
    expect(bar).to_have_attribute("aria-valuenow", str(MANY))
    expect(page.get_by_role("cell", name="Done", exact=True)).to_have_count(MANY)
    assert set(Booking.objects.values_list("status", flat=True)) == {"CANCELLED"}
    assert hand.steps <= SHORT


def test_export_a_report(page: Page, house: Desk, begin: Begin) -> None:
    confirmed(house.stripe, house.draft())
    hand = begin("")
    hand.press(page.get_by_role("link", name="Taken and returned"))
    with page.expect_download() as arrived:
        hand.press(page.get_by_role("button", name="Excel"))
    assert Path(arrived.value.path()).read_bytes().startswith(b"PK")
    assert ExportRecord.objects.get().format == "xlsx"


def go_to_night(hand: Hand, page: Page, house: Desk, night: Locator) -> None:
    """Open a free night of the calendar: by mouse with a click, by keys with Tab to the room and the arrows."""
    if isinstance(hand, Keys):
        row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=str(house.rooms[1]), exact=True))
        hand.reach(row.get_by_role("link").first)
        while not night.evaluate("link => link === document.activeElement"):
            hand.key("ArrowRight")
        hand.enter()
    else:
        hand.press(night)
