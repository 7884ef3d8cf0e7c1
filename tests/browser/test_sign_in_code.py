"""Setting up and giving the sign-in code with the keyboard alone."""

import time

import pytest
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from bookings.models import User
from tests.browser.desk import sign_in
from tests.factories import UserFactory

# More than there is to pass on the way to a field.
FARTHEST = 80


def next_code(person: User) -> str:
    """The code that the phone shows next: the one of now may have been used."""
    totp = TOTP(TOTPDevice.objects.get(user=person).bin_key)
    totp.time = time.time() + 30
    return f"{totp.token():06d}"


def type_and_enter(page: Page, label: str, text: str) -> None:
    """Type into the field that has the focus, and press Enter."""
    field = page.get_by_label(label)
    expect(field).to_be_visible()
    # A browser need not follow `autofocus`, as on a page it was sent on to; then Tab leads there.
    for _ in range(FARTHEST):
        if field.evaluate("each => document.activeElement === each"):
            break
        page.keyboard.press("Tab")
    else:
        pytest.fail(f"{label} is out of reach of the keyboard")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_code_is_set_up_and_asked_for_by_keyboard(page: Page, live_server: LiveServer) -> None:
    person = UserFactory(role="owner")
    sign_in(page, live_server.url, person.username)
    page.goto(f"{live_server.url}/admin/sign-in/security/")
    page.get_by_role("button", name="Set up an authenticator app").press("Enter")
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    now = TOTP(TOTPDevice.objects.get(user=person).bin_key)
    now.time = time.time()
    type_and_enter(page, "Code", f"{now.token():06d}")
    expect(page.get_by_role("heading", name="Your backup codes").last).to_be_visible()

    page.context.clear_cookies()
    page.goto(f"{live_server.url}/admin/")
    page.get_by_label("Username").fill(person.username)
    page.get_by_label("Password").fill("innkeep-test")
    page.keyboard.press("Enter")
    type_and_enter(page, "Code", next_code(person))
    expect(page.get_by_role("heading", name="Today")).to_be_visible()
