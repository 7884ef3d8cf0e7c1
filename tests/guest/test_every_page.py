"""What holds for every page of a guest: its status, a strict policy, no inline code, the hotel's name and clock."""

from html.parser import HTMLParser

import pytest
from django.test import Client
from django.utils import timezone

from bookings import outbox
from bookings.models import Message
from cancellations import links
from tests.guest.browser import link_of, text_of
from tests.guest.every_page import EVERY_PAGE, sure
from tests.stays import submitted

pytestmark = pytest.mark.django_db

# Pages that cannot know the hotel: they answer whoever comes, with the same bytes.
OF_NO_HOTEL = {
    "ask",
    "ask, filled in wrongly",
    "sent",
    "no link",
    "bad link",
    "too many",
    "wrong method",
    "returned without a link",
    "not found",
    "not found, elsewhere",
    "forged",
    "broken",
    "unreadable",
}
OUTSIDE = {"not found", "not found, elsewhere", "forged", "broken", "unreadable"}


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each tag."""
        self.tags.append((tag, dict(attrs)))

    def all(self, name: str) -> list[dict[str, str | None]]:
        """The attributes of each tag of a name."""
        return [attributes for tag, attributes in self.tags if tag == name]


@pytest.mark.parametrize("name", EVERY_PAGE)
def test_page(stripe_simulator, name):
    status, make = EVERY_PAGE[name]
    answer = make(stripe_simulator)
    html = answer.content.decode()
    page = Page(html)
    assert answer.status_code == status
    assert_strict(answer, page)
    assert_reachable(page, html)
    if name not in OUTSIDE:
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    if name not in OF_NO_HOTEL:
        assert_names_the_hotel(answer)


def assert_strict(answer, page):
    """Nothing in the page needs more than the policy allows, and nothing comes from elsewhere."""
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'self'" in policy
    assert page.all("style") == []
    for tag, attributes in page.tags:
        assert "style" not in attributes
        assert [name for name in attributes if name.startswith("on")] == []
        assert not (attributes.get("href") or "").startswith("javascript:")
        if tag in ("script", "link", "img"):
            source = attributes.get("src") or attributes.get("href") or ""
            assert source.startswith(("/static/", "data:,"))
    for form in page.all("form"):
        assert (form.get("method"), (form.get("action") or "/").startswith("/")) == ("post", True)


def assert_reachable(page, html):
    """One heading, a language, labels for all fields, and a way on."""
    assert [len(page.all("h1")), len(page.all("main"))] == [1, 1]
    assert page.all("html")[0].get("lang")
    named = {label.get("for") for label in page.all("label")}
    for field in page.all("input") + page.all("textarea"):
        assert field.get("type") == "hidden" or field.get("id") in named
    ways = [link for link in page.all("a") if link.get("class") != "skip"]
    assert ways or page.all("form")
    assert "{{" not in html


def assert_names_the_hotel(answer):
    """Name, contact and clock of the hotel."""
    hotel = answer.context["hotel"]
    shown = text_of(answer)
    for words in (f'<p class="brand">{hotel.name}', hotel.contact_email, hotel.contact_phone, hotel.time_zone):
        assert words in shown


@pytest.mark.parametrize("name", ["ask", "confirmed", "pay", "done", "not found"])
def test_no_page_repeats_the_host_that_it_was_asked_for(stripe_simulator, name):
    assert "testserver" not in EVERY_PAGE[name][1](stripe_simulator).content.decode()


def test_mailed_links_and_calendar_files_come_from_the_setting(stripe_simulator, settings):
    settings.SITE_URL = "https://book.example"
    booking = sure(stripe_simulator)
    forged = Client(headers={"host": "127.0.0.1", "x-forwarded-host": "evil.example"})
    forged.post("/booking/", {"reference": booking.booking_id, "contact": booking.guest_email})
    links.answer_requests(timezone.now())
    mail = outbox.as_mail(Message.objects.get(kind="management_link"))
    written = f"{mail.body} {mail.alternatives[0].content} {Message.objects.get(kind='approved').calendar}"
    assert "https://book.example/booking/manage/ikg_" in mail.body
    assert "URL:https://book.example/booking/" in written
    assert [host for host in ("127.0.0.1", "evil.example", "testserver", "localhost") if host in written] == []


def test_behind_https_the_key_travels_by_https_only(settings):
    settings.SESSION_COOKIE_SECURE = True
    browser = Client()
    browser.get(link_of(submitted()))
    assert browser.cookies["innkeep_guest"]["secure"] is True
