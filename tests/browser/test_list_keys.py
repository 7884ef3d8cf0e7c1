"""Rows are chosen by keys alone, and no key is taken from somebody who types."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.desk import make_roles, sign_in
from tests.factories import BookingFactory, RoomFactory, UserFactory, days_ahead
from tests.stays import submitted

ROWS = 6


@pytest.fixture
def bookings_list(page: Page, live_server: LiveServer) -> Page:
    """A list of six bookings, read by keys."""
    make_roles()
    room = RoomFactory.create()
    for number in range(ROWS):
        nights = {"check_in": days_ahead(20 + 2 * number), "check_out": days_ahead(22 + 2 * number)}
        submitted(BookingFactory(room=room, payment_method="ARRIVAL", **nights))
    sign_in(page, live_server.url, UserFactory(role="Manager", hotels=[room.room_type.hotel]).username)
    page.goto(f"{live_server.url}/admin/bookings/booking/")
    return page


def box(page: Page, number: int) -> Locator:
    """The box of a row, counted from 0."""
    return page.locator("input.action-select").nth(number)


def chosen(page: Page) -> list[bool]:
    """Which rows are chosen."""
    found: list[bool] = page.locator("input.action-select").evaluate_all("all => all.map(each => each.checked)")
    return found


def press(page: Page, *keys: str) -> None:
    """Press one key after the other."""
    for key in keys:
        page.keyboard.press(key)


def test_arrows_go_from_row_to_row_and_with_shift_choose(bookings_list: Page) -> None:
    page = bookings_list
    page.locator("#action-toggle").focus()
    press(page, "ArrowDown", "ArrowDown")
    expect(box(page, 1)).to_be_focused()
    assert chosen(page) == [False] * ROWS
    press(page, "Shift+ArrowDown", "Shift+ArrowDown")
    expect(box(page, 3)).to_be_focused()
    assert chosen(page) == [False, True, True, True, False, False]
    expect(page.locator("#desk-live-says")).to_have_text("3 chosen. Enter leads to what can be done with them.")
    press(page, "Enter")
    expect(page.locator("select[name=action]")).to_be_focused()


def test_space_with_shift_chooses_all_between(bookings_list: Page) -> None:
    page = bookings_list
    box(page, 0).focus()
    press(page, "Space", "ArrowDown", "ArrowDown", "ArrowDown", "Shift+Space")
    assert chosen(page) == [True, True, True, True, False, False]


def test_enter_with_nothing_chosen_stays_and_says_so(bookings_list: Page) -> None:
    page = bookings_list
    box(page, 2).focus()
    press(page, "Enter")
    expect(page.locator("#desk-live-says")).to_have_text("Nothing is chosen. Space chooses a row.")
    expect(box(page, 2)).to_be_focused()


def test_all_are_chosen_on_a_box_and_not_in_a_field(bookings_list: Page) -> None:
    page = bookings_list
    page.locator("#searchbar").focus()
    page.keyboard.type("Ada? ")
    press(page, "Control+a")
    assert (chosen(page), page.locator("#searchbar").input_value()) == ([False] * ROWS, "Ada? ")
    expect(page.get_by_role("dialog")).to_have_count(0)
    box(page, 4).focus()
    press(page, "Control+a")
    assert chosen(page) == [True] * ROWS


def test_question_mark_shows_the_keys_and_escape_gives_the_place_back(bookings_list: Page) -> None:
    page = bookings_list
    box(page, 4).focus()
    press(page, "Shift+?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_contain_text("Choose all on this page")
    expect(keys.get_by_role("button", name="Close")).to_be_focused()
    press(page, "Escape")
    expect(keys).to_be_hidden()
    expect(box(page, 4)).to_be_focused()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
@pytest.mark.parametrize("key", ["Shift+?", "?"])  # a keyboard on a screen sends it without Shift
def test_question_mark_needs_no_shift_and_no_width(bookings_list: Page, key: str, scheme: Any, width: int) -> None:
    page = bookings_list
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 844})
    page.reload()
    keys = page.get_by_role("dialog", name="Keys")
    for place in ("body", "#action-toggle"):
        page.evaluate("place => document.querySelector(place).focus()", place)
        press(page, key)
        expect(keys).to_be_visible()
        assert not page.evaluate("document.documentElement.scrollWidth > window.innerWidth")
        press(page, key)
        expect(keys).to_be_hidden()


def test_question_mark_leaves_an_open_dialog_alone(bookings_list: Page) -> None:
    page = bookings_list
    page.locator("#result_list tbody a").first.click()
    page.get_by_role("link", name="Cancel booking", exact=True).click()
    expect(page.get_by_role("dialog").get_by_role("heading").first).to_be_focused()
    press(page, "Shift+?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.get_by_label("Note for the history").fill("Why")
    press(page, "Shift+?")
    expect(page.get_by_label("Note for the history")).to_have_value("Why?")


def test_list_is_two_links_away(bookings_list: Page) -> None:
    page = bookings_list
    press(page, "Tab", "Tab")
    expect(page.get_by_role("link", name="Skip to the list")).to_be_focused()
    press(page, "Enter", "Tab")
    expect(page.locator("#action-toggle")).to_be_focused()
