"""Take a picture of every kind of page that the demo's people see, and look for what keeps others from using it.

    python -m site_config.devtools.screens http://127.0.0.1:8000 [--roles auditor] [--looks light-390] [--only add]

Nothing is changed but the language that a person reads (`--language de`): pages and dialogs are opened, never sent.
Pages that scroll sideways, answer with an error, complain in the console, or hurt a rule of axe
(serious or critical) are named at the end, after a count of all that was found. The pictures are in a folder.
"""

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, sync_playwright

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
CHARTS_MS = 1_000  # how long a chart takes to be drawn
ONLY_WRONG = {"resultTypes": ["violations"]}
FEW_ROWS = {"exclude": [["tbody tr:nth-child(n+21)"]]}  # the others are made alike, and contrast takes long


@dataclass(frozen=True)
class Screen:
    """One page: the name of its picture, and its address."""

    name: str
    address: str


@dataclass
class Tally:
    """What was looked at, and what was found."""

    pages: Counter[str] = field(default_factory=Counter)  # by person and look
    rules: Counter[str] = field(default_factory=Counter)  # axe's, by how grave they are
    wrong: list[str] = field(default_factory=list)

    def table(self) -> Iterator[str]:
        """Yield the lines that sum it up."""
        yield f"{self.pages.total()} pages in their looks"
        yield from (f"  {where}: {pages}" for where, pages in self.pages.items())
        yield f"{self.rules.total()} places that hurt a rule of axe"
        yield from (f"  {rule}: {places}" for rule, places in self.rules.most_common())
        yield from dict.fromkeys(self.wrong) or ["Nothing grave found."]


def main() -> int:
    """0 when nothing was found, 1 otherwise."""
    given = arguments()
    tally = Tally()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)
        for role in given.roles:
            state = sign_in(browser, given.site, role, given.language)
            screens = [each for each in walk(browser, given.site, state) if given.only in each.name]
            for look in given.looks:
                shoot(browser, given, state, f"{role}/{look}", screens, tally)
        browser.close()
    print("\n".join(tally.table()), flush=True)
    return int(bool(tally.wrong))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Take a picture of every kind of page of a running demo.")
    parser.add_argument("site", help="the demo's address, such as http://127.0.0.1:8000")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/innkeep-screens"))  # noqa: S108
    people = [each.username for each in ACCOUNTS]
    parser.add_argument("--roles", nargs="+", default=people, choices=people)
    parser.add_argument("--looks", nargs="+", default=LOOKS, choices=LOOKS)
    parser.add_argument("--language", default="en", choices=["en", "de"], help="what the people read from now on")
    parser.add_argument("--only", default="", help="pages with this in their name")
    return parser.parse_args()


def walk(browser: Browser, site: str, state: StorageState) -> list[Screen]:
    """Follow the sidebar, and from each list one row, its history, its dialogs and the page that adds another."""
    with opened(browser, state, LOOKS[0]) as page:
        page.goto(f"{site}/admin/")
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
    """Yield a row's page, its history with one of its versions, and the dialogs that it offers."""
    path = urlsplit(row).path
    yield Screen(name_of(f"{path}?{query}"), path)
    page.goto(f"{site}{path}")
    beside = path.removesuffix("change/")
    addresses = [each for each in links(page, "a[href]", beside) if each != path]
    if f"{beside}history/" in addresses:
        page.goto(f"{site}{beside}history/")
        addresses += links(page, "main a[href], #main a[href]", f"{beside}history/")
    yield from (Screen(name_of(address), address) for address in addresses)


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


def shoot(
    browser: Browser, given: argparse.Namespace, state: StorageState, where: str, screens: list[Screen], tally: Tally
) -> None:
    """Take the pictures of one person in one look, and note what is wrong."""
    folder = given.folder / where
    folder.mkdir(parents=True, exist_ok=True)
    with opened(browser, state, where.split("/")[1]) as page:
        said: list[str] = []
        page.on("console", lambda message: said.append(told(message)) if message.type == "error" else None)
        for screen in screens:
            answer = page.goto(f"{given.site}{screen.address}")
            picture(page, folder / f"{screen.name}.png")
            status = answer.status if answer else 0
            wrong = [*([f"answered {status}"] if status != 200 else []), *said, *flaws(page, tally.rules)]
            said.clear()
            tally.pages[where] += 1
            tally.wrong.extend(f"{where} {screen.name}: {each}" for each in wrong)


def picture(page: Page, path: Path) -> None:
    """Store the whole page, with its charts drawn."""
    if page.locator("canvas").count():
        page.wait_for_timeout(CHARTS_MS)
    page.screenshot(path=path, full_page=True, animations="disabled")


def flaws(page: Page, rules: Counter[str]) -> Iterator[str]:
    """Yield what is grave about a page: how it scrolls, and the rules of axe that it hurts. Count all rules."""
    if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
        yield "scrolls sideways"
    for each in violations(page):
        nodes = each["nodes"]
        rules[f"{each['impact']} {each['id']}"] += len(nodes)
        if each["impact"] in GRAVE:
            yield f"{each['impact']} {each['id']} × {len(nodes)}, such as {nodes[0]['html'][:140]}"


def violations(page: Page) -> list[dict[str, Any]]:
    """Return what axe finds."""
    found: list[dict[str, Any]] = Axe().run(page, context=FEW_ROWS, options=ONLY_WRONG).response["violations"]
    return found


def told(message: ConsoleMessage) -> str:
    """An error of the console."""
    return f"console: {message.text[:140]}"


def sign_in(browser: Browser, site: str, role: str, language: str) -> StorageState:
    """Sign a person in once, choose the language, and return what the browser remembers."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{site}/admin/login/")
    page.locator("#id_username").fill(role)
    page.locator("#id_password").fill(PASSWORD)
    page.locator("#id_password").press("Enter")
    page.wait_for_url(f"{site}/admin/")
    choose(context, site, language)
    state = context.storage_state()
    context.close()
    return state


def choose(context: BrowserContext, site: str, language: str) -> None:
    """Choose the language as the switch at the desk does."""
    token = next(each["value"] for each in context.cookies() if "csrf" in each["name"])
    context.request.post(
        f"{site}/admin/language/", form={"language": language, "csrfmiddlewaretoken": token}, max_redirects=0
    )


@contextmanager
def opened(browser: Browser, state: StorageState, look: str) -> Iterator[Page]:
    """One person's page in one look."""
    scheme, width = look.split("-")
    context = browser.new_context(
        viewport={"width": int(width), "height": HEIGHT},
        color_scheme="dark" if scheme == "dark" else "light",
        storage_state=state,
        bypass_csp=True,  # axe is put into the page
    )
    yield context.new_page()
    context.close()


if __name__ == "__main__":
    sys.exit(main())
