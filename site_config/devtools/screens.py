"""Take a picture of every kind of page that the demo's people see, and look for what keeps others from using it.

    python -m site_config.devtools.screens http://127.0.0.1:8000 [--roles auditor] [--looks light-390] [--only add]

Nothing is changed: pages and dialogs are opened, never sent. Pages that scroll sideways, answer with an error,
complain in the console, or hurt a rule of axe (serious or critical) are named at the end. The pictures are in a
folder.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from site_config.demo.accounts import ACCOUNTS, PASSWORD
from site_config.devtools import chromium
from site_config.devtools.screenshots import FLAGS

LOOKS = ("light-1280", "dark-1280", "light-390", "dark-390")
HEIGHT = 844
STATUSES = (
    "DRAFT", "PENDING_PAYMENT", "PENDING_APPROVAL", "CONFIRMED", "COMPLETED", "DECLINED", "CANCELLED", "EXPIRED",
)  # fmt: skip
BOOKINGS = "/admin/bookings/booking/"
GRAVE = ("serious", "critical")


@dataclass(frozen=True)
class Screen:
    """One page: the name of its picture, and its address."""

    name: str
    address: str


def main() -> int:
    """0 when nothing was found, 1 otherwise."""
    given = arguments()
    found: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)
        for role in given.roles:
            screens = [each for each in walk(browser, given.site, role) if given.only in each.name]
            for look in given.looks:
                found.extend(shoot(browser, given, role, look, screens))
        browser.close()
    print("\n".join(found) or "Nothing found.", flush=True)
    return int(bool(found))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Take a picture of every kind of page of a running demo.")
    parser.add_argument("site", help="the demo's address, such as http://127.0.0.1:8000")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/innkeep-screens"))  # noqa: S108
    people = [each.username for each in ACCOUNTS]
    parser.add_argument("--roles", nargs="+", default=people, choices=people)
    parser.add_argument("--looks", nargs="+", default=LOOKS, choices=LOOKS)
    parser.add_argument("--only", default="", help="pages with this in their name")
    return parser.parse_args()


def walk(browser: Browser, site: str, role: str) -> list[Screen]:
    """Follow the sidebar, and from each list one row, its history, its dialogs and the page that adds another."""
    with signed_in(browser, site, role, LOOKS[0]) as page:
        pages = dict.fromkeys(address for address in links(page, "#nav-sidebar a[href], nav a[href]", "/admin/"))
        lists = [address for address in pages if "/logout" not in address]
        screens = {each.address: each for address in lists for each in from_list(page, site, address)}
        for status in STATUSES:
            screens |= {each.address: each for each in from_list(page, site, f"{BOOKINGS}?status__exact={status}")}
        return list({each.name: each for each in screens.values()}.values())


def from_list(page: Page, site: str, address: str) -> Iterator[Screen]:
    """Yield a list, one of its rows with all that belongs to it, and the page that adds another."""
    yield Screen(name_of(address), address)
    page.goto(f"{site}{address}")
    below = urlsplit(address).path
    added = next((each for each in links(page, "a[href]", below) if "/add/" in each), None)
    row = next((each for each in links(page, "#result_list a[href]", below) if "/change/" in each), None)
    if added:
        path = urlsplit(added).path  # without the list's filters, which it leads back to
        yield Screen(name_of(path), path)
    if row:
        yield from from_row(page, site, row, urlsplit(address).query)


def from_row(page: Page, site: str, row: str, query: str) -> Iterator[Screen]:
    """Yield a row's page, its history, and the dialogs that it offers."""
    path = urlsplit(row).path
    yield Screen(name_of(f"{path}?{query}"), path)
    page.goto(f"{site}{path}")
    beside = path.removesuffix("change/")
    for address in links(page, "a[href]", beside):
        if address != path:
            yield Screen(name_of(address), address)


def links(page: Page, selector: str, below: str) -> list[str]:
    """Return the addresses on a page that lie below one, in their order and once each."""
    found = page.locator(selector).evaluate_all(
        "links => links.map(a => new URL(a.href)).map(u => u.pathname + u.search)"
    )
    return list(dict.fromkeys(each for each in found if each.startswith(below) and "/export" not in each))


def name_of(address: str) -> str:
    """Return an address as the name of a file; rows of one model have one name."""
    words = re.sub(r"\d+", "N", address.removeprefix("/admin/"))
    return re.sub(r"[^A-Za-z0-9]+", "-", words).strip("-")[:80] or "today"


def shoot(browser: Browser, given: argparse.Namespace, role: str, look: str, screens: list[Screen]) -> Iterator[str]:
    """Take the pictures of one person in one look, and yield what is wrong."""
    folder = given.folder / role / look
    folder.mkdir(parents=True, exist_ok=True)
    with signed_in(browser, given.site, role, look) as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(told(message)) if message.type == "error" else None)
        for screen in screens:
            answer = page.goto(f"{given.site}{screen.address}")
            page.wait_for_timeout(150)
            page.screenshot(path=folder / f"{screen.name}.png", full_page=True, animations="disabled")
            status = answer.status if answer else 0
            wrong = [*([f"answered {status}"] if status != 200 else []), *said, *flaws(page)]
            said.clear()
            yield from (f"{role} {look} {screen.name}: {each}" for each in wrong)


def flaws(page: Page) -> Iterator[str]:
    """Yield what is wrong with a page: how it scrolls, and the rules of axe that it hurts."""
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        yield "scrolls sideways"
    for each in Axe().run(page).response["violations"]:
        if each["impact"] in GRAVE:
            nodes = each["nodes"]
            yield f"{each['impact']} {each['id']} × {len(nodes)}, such as {nodes[0]['html'][:140]}"


def told(message: ConsoleMessage) -> str:
    """An error of the console."""
    return f"console: {message.text[:140]}"


@contextmanager
def signed_in(browser: Browser, site: str, role: str, look: str) -> Iterator[Page]:
    """One person's page."""
    scheme, width = look.split("-")
    context = browser.new_context(
        viewport={"width": int(width), "height": HEIGHT},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,  # axe is put into the page
    )
    page = context.new_page()
    page.goto(f"{site}/admin/")
    page.get_by_label("Username").fill(role)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_role("heading", name="Today").wait_for()
    yield page
    context.close()


if __name__ == "__main__":
    sys.exit(main())
