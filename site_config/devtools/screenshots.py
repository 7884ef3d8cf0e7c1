"""Take the README's pictures from a running demo.

    python -m site_config.devtools.screenshots http://127.0.0.1:8000

Nothing is changed: the pictures are of pages that ask before anything moves. The guest's link comes from the
demo's mailbox.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from site_config.demo.accounts import PASSWORD
from site_config.demo.surroundings import CHECKOUT
from site_config.devtools import chromium

FOLDER = CHECKOUT / "docs" / "screenshots"
DESK: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
LARGEST = 300_000
# What Debian's Chromium needs to run as root, without a GPU, and without asking anything of the internet.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
MAIL = re.compile(r"Booking Confirmed")
LINK = re.compile(r"https?://[^\s\"<>]+/booking/manage/[\w-]+/")


def main() -> int:
    """0 when all pictures are there, 1 when one is too large for a repository."""
    parser = argparse.ArgumentParser(description="Take the README's pictures from a running demo.")
    parser.add_argument("site", help="the demo's address, such as http://127.0.0.1:8000")
    parser.add_argument("--mailbox", default="http://127.0.0.1:8025", help="the address under “Mail sent”")
    given = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)
        of_the_desk(browser, given.site)
        of_the_dark_desk(browser, given.site)
        of_the_guest(browser, given.mailbox)
        browser.close()
    return report(sorted(FOLDER.glob("*.png")))


def of_the_desk(browser: Browser, site: str) -> None:
    """Today, a request that waits for an approval, and the dialog that asks for it."""
    with signed_in(browser, site) as page:
        picture(page, "today")
        page.locator(".desk-table tbody th a").first.click()
        page.wait_for_url("**/change/")
        picture(page, "booking")
        page.get_by_role("link", name="Approve", exact=True).first.click()
        page.locator("#dialog").wait_for()
        picture(page, "approve")


def of_the_dark_desk(browser: Browser, site: str) -> None:
    """The list of all bookings."""
    with signed_in(browser, site, scheme="dark") as page:
        page.goto(f"{site}/admin/bookings/booking/")
        picture(page, "bookings")


def of_the_guest(browser: Browser, mailbox: str) -> None:
    """The page that says what cancelling returns, on a phone."""
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True, color_scheme="light")
    page = context.new_page()
    for address in confirmations(page, mailbox):
        page.goto(address)
        if is_telling(page):
            page.get_by_role("link", name="Cancel booking").click()
            page.get_by_role("heading", name="Cancel your booking?").wait_for()
            picture(page, "guest-phone")
            break
    context.close()


def is_telling(page: Page) -> bool:
    """Whether the booking can be cancelled, for a fee that leaves something to get back: that shows the most."""
    amounts = page.locator(".quote td").all_inner_texts()
    can_cancel = page.get_by_role("link", name="Cancel booking").count() > 0
    return can_cancel and all(re.search(r"[1-9]", amount) for amount in amounts)


def confirmations(page: Page, mailbox: str) -> Iterator[str]:
    """The guests' links in the mails that confirm a booking, the newest first."""
    page.goto(mailbox)
    mails = page.get_by_role("link", name=MAIL).evaluate_all("links => links.map(link => link.href)")
    for mail in mails:
        page.goto(mail)
        found = LINK.search(page.content())
        if found:
            yield found[0]


@contextmanager
def signed_in(browser: Browser, site: str, scheme: str = "light") -> Iterator[Page]:
    """A manager's page that shows Today."""
    context = browser.new_context(viewport=DESK, color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    page.goto(f"{site}/admin/")
    page.get_by_label("Username").fill("manager")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Today").wait_for()
    yield page
    context.close()


def picture(page: Page, name: str) -> None:
    """Store what is in view, once its fonts are there and nothing moves any more."""
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(500)
    page.screenshot(path=FOLDER / f"{name}.png", animations="disabled")


def report(pictures: list[Path]) -> int:
    """Say how large the pictures are."""
    for path in pictures:
        print(f"{path.relative_to(CHECKOUT)}  {path.stat().st_size // 1000} kB")
    return int(any(path.stat().st_size > LARGEST for path in pictures))


if __name__ == "__main__":
    sys.exit(main())
