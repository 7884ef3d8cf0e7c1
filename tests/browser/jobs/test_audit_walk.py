"""From a guest's complaint to the click behind it, by mouse and by keyboard alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from payments import decisions
from tests import stays
from tests.browser.jobs.conftest import Desk
from tests.browser.jobs.hands import Hand
from tests.factories import UserFactory
from tests.trail.recorded import recorded

pytestmark = pytest.mark.django_db(transaction=True)


def test_explain_a_refund_that_is_too_small(page: Page, house: Desk, begin: Callable[..., Hand]) -> None:
    person = UserFactory.create(first_name="Ada", last_name="Desk", role="Manager", hotels=[house.rooms[0].hotel])
    booking, other = (stays.confirmed(house.stripe, house.draft(number)) for number in range(2))
    for each, amount in ((other, 34000), (booking, 2720)):
        with stays.by_staff(person):
            decisions.refund(stays.fresh(each), amount=amount, note="A typing error", seen_left=34000)
    recorded()

    hand = begin("", role="Auditor")
    hand.press(page.get_by_role("link", name="History", exact=True))
    hand.write(page.get_by_role("searchbox", name="Search"), booking.booking_id)
    hand.enter()
    line = page.get_by_role("listitem").filter(has_text=re.compile("Amount refunded"))
    expect(line).to_have_count(1)
    expect(line).to_contain_text("€27.20")
    expect(line).to_contain_text("Ada Desk")
    expect(line).to_contain_text("IP 192.0.2.1")
    expect(line).to_contain_text("Desk")
    expect(line.get_by_role("time")).to_contain_text(re.compile(r"\d{2}:\d{2}:\d{2} Dublin"))
    expect(page.get_by_text("“A typing error”").first).to_be_visible()
    hand.press(line.get_by_role("link", name=re.compile("^Entry ")))
    expect(page.get_by_role("heading", name="In the same request")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Amount refunded")).to_contain_text("€27.20")
