"""The first page that staff see."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer


@pytest.mark.django_db(transaction=True)
def test_sign_in_page_works_under_its_security_policy(page: Page, live_server: LiveServer):
    page.goto(f"{live_server.url}/admin/")
    assert page.title() == "Log in | Innkeep"
    page.get_by_label("Username").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    page.get_by_text("Please enter the correct username and password").wait_for()
