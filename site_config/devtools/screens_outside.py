"""Take pictures of what people see who are not signed in, in English and German, and look as `screens` does.

    python -m site_config.devtools.screens_outside http://127.0.0.1:8000 [--mailbox http://127.0.0.1:8025]

Nothing is changed: guests' links come from the demo's mailbox, one for each subject, and nothing is sent.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from site_config.devtools import chromium
from site_config.devtools.screens import HEIGHT, LOOKS, Tally, flaws
from site_config.devtools.screenshots import FLAGS, LINK

LOCALES = ("en-IE", "de-DE")
# What a stranger may open, with the status that belongs to it.
STRANGERS = {
    "sign-in": ("/admin/login/", 200),
    "ask": ("/booking/", 200),
    "sent": ("/booking/sent/", 200),
    "no-link": ("/booking/manage/", 401),
    "bad-link": ("/booking/manage/no-such-link/", 403),
    "returned": ("/booking/pay/return/", 200),
    "not-found": ("/no-such-page/", 404),
    "api": ("/api/docs", 200),
}
NEWEST = 60
REFERENCE = re.compile(r"\b[A-Z0-9]{10}\b")


def main() -> int:
    """0 when nothing was found, 1 otherwise."""
    given = arguments()
    tally = Tally()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)
        mails = dict(links_of(browser.new_page(), given.mailbox))
        for locale in LOCALES:
            for look in given.looks:
                look_at(browser, given, f"{look}-{locale[:2]}", locale, mails, tally)
        browser.close()
    print("\n".join(tally.table()), flush=True)
    return int(bool(tally.wrong))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Take pictures of what people see who are not signed in.")
    parser.add_argument("site", help="the demo's address, such as http://127.0.0.1:8000")
    parser.add_argument("--mailbox", default="http://127.0.0.1:8025", help="the address under “Mail sent”")
    parser.add_argument("--folder", type=Path, default=Path("/tmp/innkeep-screens"))  # noqa: S108
    parser.add_argument("--looks", nargs="+", default=LOOKS, choices=LOOKS)
    return parser.parse_args()


def links_of(page: Page, mailbox: str) -> Iterator[tuple[str, str]]:
    """Yield a guest's link for each subject among the newest mails."""
    page.goto(mailbox)
    mails = page.locator("a[href^='/mail/']").evaluate_all("all => all.map(a => [a.innerText, a.href])")
    seen: set[str] = set()
    for words, address in mails[:NEWEST]:
        name = name_of(words)
        if name not in seen:
            page.goto(address)
            link = LINK.search(page.content())
            seen.add(name)
            yield from [(name, link[0])] if link else []


def name_of(words: str) -> str:
    """Return a mail's subject without the booking's reference, as the name of a picture."""
    subject = next((line for line in words.splitlines() if REFERENCE.search(line)), words)
    return re.sub(r"[^a-z]+", "-", REFERENCE.sub("", subject).lower()).strip("-")[:40]


def look_at(
    browser: Browser, given: argparse.Namespace, folder: str, locale: str, mails: dict[str, str], tally: Tally
) -> None:
    """Take one language's pictures in one look, and note what is wrong."""
    scheme, width, _language = folder.split("-")
    where = given.folder / "outside" / folder
    where.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(
        viewport={"width": int(width), "height": HEIGHT},
        color_scheme="dark" if scheme == "dark" else "light",
        locale=locale,
        bypass_csp=True,  # axe is put into the page
    )
    page = context.new_page()
    for name, status in opened(page, given.site, mails):
        page.screenshot(path=where / f"{name}.png", full_page=True, animations="disabled")
        tally.pages[f"outside/{folder}"] += 1
        tally.wrong.extend(f"outside/{folder} {name}: {each}" for each in (*status, *flaws(page, tally.rules)))
    context.close()


def opened(page: Page, site: str, mails: dict[str, str]) -> Iterator[tuple[str, list[str]]]:
    """Open one page after another: yield its name, and what is wrong with its answer."""
    for name, (address, expected) in STRANGERS.items():
        answer = page.goto(f"{site}{address}", wait_until="networkidle")
        status = answer.status if answer else 0
        yield name, [] if status == expected else [f"answered {status} instead of {expected}"]
    for name, link in mails.items():
        page.goto(link)
        yield f"guest-{name}", []
        for word, place in (("cancel", "manage/cancel"), ("pay", "manage/pay")):
            if page.locator(f"a[href*='{place}']").count():
                page.locator(f"a[href*='{place}']").first.click()
                yield f"guest-{name}-{word}", []
                page.goto(link)


if __name__ == "__main__":
    sys.exit(main())
