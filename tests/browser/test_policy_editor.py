"""The examples of a policy follow what is typed; by keyboard alone, too."""

from typing import Any

from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from cancellations.models import CancellationTier
from tests.browser.desk import make_roles, sign_in
from tests.factories import RoomFactory, UserFactory


def test_examples_follow_what_is_typed_and_nothing_is_stored_before_saving(page: Page, live_server: LiveServer):
    hotel: Any = RoomFactory().hotel
    policy = hotel.policies.get()
    sign_in(page, live_server.url, UserFactory(role="owner").username)
    page.goto(f"{live_server.url}/admin/cancellations/cancellationpolicy/{policy.pk}/change/")
    examples = page.get_by_role("region", name="What cancelling costs, for example")
    expect(examples.get_by_role("row").nth(2)).to_contain_text("€170.00")

    page.get_by_label("Fee", exact=True).nth(1).fill("30")
    expect(examples.get_by_role("row").nth(2)).to_contain_text("€102.00")
    page.get_by_label("Fee", exact=True).nth(1).fill("300")
    expect(examples).to_contain_text("Tier 2, fee: A fee cannot be more than 100 percent.")
    page.get_by_label("Remove this tier").nth(1).focus()
    page.keyboard.press("Space")
    expect(examples.get_by_role("row")).to_have_count(3)
    assert CancellationTier.objects.filter(policy=policy).count() == 3

    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("was changed successfully")).to_be_visible()
    assert list(CancellationTier.objects.filter(policy=policy).values_list("at_least", flat=True)) == [14, 0]


def test_a_preset_keeps_the_hotel_and_is_worked_out_at_its_prices(page: Page, live_server: LiveServer):
    RoomFactory()
    hotel: Any = RoomFactory(room_type__nightly_rate=9000).hotel
    sign_in(page, live_server.url, UserFactory(role="owner").username)
    page.goto(f"{live_server.url}/admin/cancellations/cancellationpolicy/add/")
    examples = page.get_by_role("region", name="What cancelling costs, for example")
    expect(examples).to_contain_text("Choose the hotel")
    page.get_by_label("Hotel").select_option(str(hotel.pk))
    page.get_by_role("link", name="Flexible").click()
    expect(page.get_by_label("Name", exact=False).first).to_have_value("Flexible")
    expect(page.get_by_label("Hotel")).to_have_value(str(hotel.pk))
    expect(examples.get_by_role("row").nth(2)).to_contain_text("€90.00")


def test_wide_tiers_that_are_only_read_are_reached_by_key_as_long_as_they_scroll(page: Page, live_server: LiveServer):
    make_roles()
    hotel: Any = RoomFactory().hotel
    policy = hotel.policies.get()
    sign_in(page, live_server.url, UserFactory(role="Auditor", hotels=[hotel]).username)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/admin/cancellations/cancellationpolicy/{policy.pk}/change/")
    frame = page.locator(".formset-wrapper")
    said = "frame => ['tabindex', 'role', 'aria-label'].map(each => frame.getAttribute(each))"
    # Tiers fit a phone; the words of another language may not.
    for least, expected in (("60rem", ["0", "region", "Cancellation tiers"]), ("0", [None, None, None])):
        frame.evaluate("(frame, least) => { for (const each of frame.children) each.style.minWidth = least }", least)
        page.evaluate("window.dispatchEvent(new Event('resize'))")
        assert frame.evaluate(said) == expected
