"""The first page that staff see."""

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.desk import sign_in
from tests.factories import UserFactory


@pytest.mark.django_db(transaction=True)
def test_sign_in_page_works_under_its_security_policy(page: Page, live_server: LiveServer):
    page.goto(f"{live_server.url}/admin/")
    assert page.title() == "Log in | Innkeep"
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Please enter the correct username and password").wait_for()


def test_light_and_dark_are_chosen_by_key_before_the_sign_in(page: Page, live_server: LiveServer):
    page.goto(f"{live_server.url}/admin/login/")
    switch = page.get_by_role("button", name="Light or dark")
    expect(switch).to_have_attribute("aria-expanded", "false")
    switch.press("Enter")
    page.get_by_role("button", name="Dark", exact=True).press("Enter")
    expect(page.locator("html")).to_have_class("dark")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Dark", exact=True)).to_be_hidden()


def test_the_own_menu_with_light_and_dark_and_the_way_out_opens_by_key(page: Page, live_server: LiveServer):
    sign_in(page, live_server.url, UserFactory(role="owner").username)
    menu = page.locator("#nav-sidebar [role=button][aria-expanded]").last
    menu.press("Enter")
    expect(page.get_by_role("button", name="Light", exact=True)).to_be_focused()
    for key in ("Tab", "Enter"):
        page.keyboard.press(key)
    expect(page.locator("html")).to_have_class("dark")
    page.keyboard.press("Escape")
    expect(menu).to_be_focused()
    expect(menu).to_have_attribute("aria-expanded", "false")
    menu.press("Enter")
    page.get_by_role("button", name="Log out").press("Enter")
    expect(page.get_by_role("heading", name="Today")).to_be_hidden()
