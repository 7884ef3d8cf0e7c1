"""No word of the desk is left out of the translations: every page is drawn in a language of no letters.

Each translation is replaced by its own text with "ø" for every letter. Whatever Latin letters are left on a page
are data (names, references, what somebody typed), or words that nobody has marked for translation.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any, Final
from unittest.mock import patch

import pytest
from django.db import transaction

from bookings import drawn_once, retold
from tests.matrix import addresses, sent
from tests.matrix.cells import ELSEWHERE
from tests.matrix.desk_table import DESK
from tests.matrix.world import DELETED, MANAGER, OWN, OWNER, World, build

# What is filled in, and what is no text: these stay as they are in a translation.
KEPT: Final = re.compile(r"(%\(\w+\)[sd]|%[sd%]|\{\w*\}|<[^>]*>|&\w+;)")
LETTER: Final = re.compile(r"[A-Za-z]")
WORD: Final = re.compile(r"[A-Za-z]{3,}")
SILENT: Final = {"script", "style", "code", "pre", "svg", "template", "iframe"}
SPOKEN: Final = ("title", "placeholder", "aria-label", "alt", "data-label", "aria-description")
FORM: Final = "application/x-www-form-urlencoded"


def without_letters(text: Any) -> str:
    """Return a text with a sign that is no Latin letter in the place of each of its own letters."""
    parts = KEPT.split(str(text))
    return "".join(part if number % 2 else LETTER.sub("ø", part) for number, part in enumerate(parts))


@contextmanager
def no_letters() -> Iterator[None]:
    """Let gettext answer in a language of no letters."""

    def plural(one: str, many: str, number: int) -> str:
        return without_letters(one if number == 1 else many)

    instead: dict[str, Any] = {
        "gettext": without_letters,
        "pgettext": lambda _context, text: without_letters(text),
        "ngettext": plural,
        "npgettext": lambda _context, one, many, number: plural(one, many, number),
    }
    forget_what_was_drawn()
    with patch.multiple("django.utils.translation._trans", **instead):
        yield
    forget_what_was_drawn()


def forget_what_was_drawn() -> None:
    """Let parts that are drawn once for each language be drawn again."""
    drawn_once.forget()
    retold.in_language.cache_clear()


class Reader(HTMLParser):
    """Collects what people read, or have read to them, of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take what is said in attributes."""
        said = dict(attrs)
        if tag == "select" and said.get("name") == "time_zone":
            self.silent.append(tag)
        self.found += [value for name, value in attrs if name in SPOKEN and value]
        if tag in SILENT or "material-symbols-outlined" in (said.get("class") or ""):
            self.silent.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Come out of what nobody reads."""
        if self.silent and self.silent[-1] == tag:
            self.silent.pop()

    def handle_data(self, data: str) -> None:
        """Take the text of an element."""
        if not self.silent and data.strip():
            self.found.append(data)


def words_of(html: str) -> set[str]:
    """Return the texts of a page in which a word is left."""
    reader = Reader()
    reader.feed(html)
    return {" ".join(each.split()) for each in reader.found if WORD.search(each)}


def pages(world: World) -> Iterator[tuple[str, str, int, str]]:
    """Yield a name, an address, a role and a method for everything that can be drawn."""
    for pattern, rule in DESK:
        for kind in (OWN, DELETED) if getattr(rule, "on", "") else (OWN,):
            values = (
                world.values(rule.on, kind)
                if getattr(rule, "on", "")
                else world.of_booking(kind) | {"object_id": "1"}
            )
            address = addresses.filled(pattern, ELSEWHERE | values) + sent.query(pattern, values)
            yield pattern, address, OWNER, "GET"
            if kind == OWN:
                yield pattern, address, MANAGER, "POST"


# What is no word of ours: names, addresses, ids, codes, dates as babel writes them, what somebody typed.
DATA: Final = re.compile(
    r"""
    \b(?:mon|diens|mitt|donn|frei|sams|sonn)\w*|\b(?:jan|feb|märz|apr|mai|jun|jul|aug|sep|sept|okt|nov|dez)\b\.?
    |november|dezember|januar|oktober
    |\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b
    |\S*[@/_=]\S*|\b\w*\d\w*\b|\S*\*{3}\S*
    |-of-matrix\b|\b(?:liffeymark|sakuramark|innkeep|stripe|dublin|ada|nora|byrne|kim|example|colleague|left|double|bank|room)\b
    |\b(?:eur|usd|chf|utc|csv|excel|deutsch|english|sha|pdf|html|rfc|url|api|postmark|bearer)\b
    |(?-i:\b[A-Z0-9]{10}\b)|\d-of-matrix|INITIAL_FORMS|TOTAL_FORMS
    |\b\w+_\w+|\b(?:hotel|total|room),|\b(?:currency|notes)\.
    |\b(?:front\ desk|manager|auditor|owner)\b
    """,
    re.VERBOSE | re.IGNORECASE,
)
# Whole texts that stay English: what was typed or stored, words of mails, a hotel's own, another package's.
STORED: Final = (
    "Entered twice",
    "Full refund until 14 days before check-in, half until 7 days, none after.",
    "Please decide: a booking needs approval",
    "Booking Confirmed - ",
    "Approved (English)",
    "The booking stays as it is.",
    "… keep",
    "hotel-slug",
    "Access Log for",
    "Attempted Access:",
    "Failed access: user",
    "on 20",
    " from ",
    "Axes",
    "Flexible",
    "Non-refundable",
    "Fixed fee",
    "charge.refunded",
    "the-own-hotel",
    "cancellations.managementtoken",
    "bookings.csv",
)
# Keys and ids in a text of their own: a command of a file, the key on a keyboard, a stored word of a code.
BARE: Final = {
    "JSON",
    "ZIP",
    "esc",
    "IP 192.0.2.1 · Desk · øøøøøøø",
    "hotel",
    "bookings",
    "bookings (CSV)",
    "Tue 15 Dec",
    "IP",
    "Desk",
}


def left_over(text: str) -> bool:
    """Whether a word of ours is left in a text."""
    if text in BARE:
        return False
    for each in STORED:
        text = text.replace(each, "").replace(each.capitalize(), "")
    return bool(WORD.search(DATA.sub("", text)))


def drawn(world: World, address: str, role: int, method: str, form: str) -> str:
    """Return the page that answers, or the one that it leads to; what the request did is undone."""
    client = world.browsers[role]
    client.cookies.load(world.cookies[role])
    with transaction.atomic():
        answer: Any = client.generic(method, address, form, content_type=FORM)
        if answer.status_code in (301, 302, 303) and not answer["Location"].startswith("/admin/login"):
            answer = client.get(answer["Location"])
        transaction.set_rollback(True)
    is_page = not answer.streaming and answer.get("Content-Type", "").startswith("text/html")
    return str(answer.content.decode()) if is_page else ""


# Pages that show a mail or a guest's page as the guest reads it.
GUESTS_OWN: Final = ("guest-view", "<slug:language>", "admin/jsi18n", "admin/logout", "admin/hotel/connections")


@pytest.mark.django_db
def test_no_word_of_the_desk_is_left_out() -> None:
    world = build()
    for role in (OWNER, MANAGER):
        world.people[role].language = "de"
        world.people[role].save()
    found: dict[str, str] = {}
    with no_letters():
        for pattern, address, role, method in pages(world):
            if any(each in pattern for each in GUESTS_OWN):
                continue
            form = sent.form(world, pattern, role) if method == "POST" else ""
            for text in words_of(drawn(world, address, role, method, form)):
                if left_over(text):
                    found.setdefault(text, f"{method} {pattern}")
    assert sorted(f"{where} | {text}" for text, where in found.items()) == []


def test_a_word_that_nobody_marked_is_found() -> None:
    page = "<p title='Unmarked'>øøø 3 øøøøøø Dublin</p><script>Silent words</script><td>Another one</td>"
    assert {text for text in words_of(page) if left_over(text)} == {"Unmarked", "Another one"}
    assert without_letters("%(name)s pays {amount} <b>now</b>") == "%(name)s øøøø {amount} <b>øøø</b>"
