"""What people at the desk do all day, each job by mouse and by keyboard alone."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect

from bookings.models import Booking
from tests.browser import desk
from tests.browser.jobs.conftest import Desk
from tests.browser.jobs.hands import Hand, Keys
from tests.factories import days_ahead
from tests.stays import AtStripe, at_stripe, confirmed, fresh, paid, submitted

pytestmark = pytest.mark.django_db(transaction=True)

type Begin = Callable[..., Hand]


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
