"""The guest's choice of a language: what keeps it, what it changes, and what cannot change it."""

import re

import pytest
from django.test import Client

from bookings import emails
from bookings.models import Booking
from payments import decisions
from tests.factories import UserFactory
from tests.guest.browser import link_of, opened, rows, text_of
from tests.stays import clock_at, fresh, submitted

pytestmark = pytest.mark.django_db

SWITCH, MANAGE = "/booking/language/", "/booking/manage/"
SWITCHES = '<button class="language" name="language" value="de" lang="de">Deutsch</button>'


def strict(booking=None):
    """A browser as it is: forged forms are refused."""
    browser = Client(enforce_csrf_checks=True)
    if booking is not None:
        browser.get(link_of(booking))
    return browser


def secret_in(answer):
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.content.decode())
    return found[1] if found else ""


@pytest.mark.parametrize("page", [MANAGE, f"{MANAGE}cancel/"])
def test_choice_is_kept_on_the_booking_with_history_by_the_guest(page):
    booking = submitted()
    browser = strict(booking)
    answer = browser.get(page)
    assert SWITCHES in text_of(answer)
    before = booking.history.count()
    posted = {"language": "de", "next": page, "csrfmiddlewaretoken": secret_in(answer)}
    answer = browser.post(SWITCH, posted)
    assert (answer.status_code, answer["Location"]) == (303, page)
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
    row = booking.history.first()
    assert booking.history.count() == before + 1
    assert (row.guest_language, row.transition, row.actor_kind, row.status) == (
        "de",
        "choose_language",
        "guest",
        booking.status,
    )
    german = text_of(browser.get(page))
    assert '<html lang="de">' in german
    assert 'lang="en">English</button>' in german
    browser.post(SWITCH, {**posted, "csrfmiddlewaretoken": browser.cookies["innkeep_csrf"].value})
    assert booking.history.count() == before + 1  # the same again is no change


def test_mails_after_the_choice_follow_it_and_so_do_other_browsers():
    booking = submitted()
    assert emails.management_link(fresh(booking)).subject == f"Manage your booking ({booking.booking_id})"
    opened(booking).post(SWITCH, {"language": "de"})
    mail = emails.management_link(fresh(booking))
    assert mail.subject == f"Ihre Buchung verwalten ({booking.booking_id})"
    assert mail.text.startswith("Guten Tag Ada Guest,")
    assert booking.hold_expires_at is not None
    with clock_at(booking.hold_expires_at):
        decisions.expire(booking)
    assert "nicht rechtzeitig bezahlt" in booking.messages.get(kind="expired").text
    english = Client(headers={"accept-language": "en"})
    english.get(link_of(booking))
    answer = english.get(MANAGE)
    assert ('<html lang="de">' in text_of(answer), answer["Content-Language"]) == (True, "de")


def test_with_a_link_open_a_forged_form_changes_nothing():
    booking = submitted()
    browser = strict(booking)
    before = rows()
    answer = browser.post(SWITCH, {"language": "de", "next": MANAGE})
    assert answer.status_code == 403
    assert "innkeep_language" not in answer.cookies
    assert rows() == before


@pytest.mark.parametrize("method", ["get", "head", "put", "delete"])
def test_looking_changes_nothing(method):
    browser = opened(submitted())
    before = rows()
    answer = getattr(browser, method)(f"{SWITCH}?language=de&next=/booking/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "innkeep_language" not in answer.cookies
    assert rows() == before


def test_stranger_s_choice_is_kept_in_the_browser_alone():
    browser = strict()
    assert SWITCHES in text_of(browser.get("/booking/"))
    before = rows()
    answer = browser.post(SWITCH, {"language": "de", "next": "/booking/sent/"})
    cookie = answer.cookies["innkeep_language"]
    assert (answer.status_code, answer["Location"], cookie.value) == (303, "/booking/sent/", "de")
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 365 * 24 * 60 * 60)
    assert rows() == before
    for page in ("/booking/", "/booking/sent/", "/nowhere/", MANAGE):
        assert '<html lang="de">' in text_of(browser.get(page))
    browser.post(SWITCH, {"language": "en"})
    assert "Find your booking" in text_of(browser.get("/booking/"))


def test_link_that_is_not_live_leaves_the_choice_to_the_browser():
    booking = submitted()
    browser = opened(booking)
    booking.management_tokens.update(revoked_at=booking.created_at)
    before = rows()
    answer = browser.post(SWITCH, {"language": "de", "next": MANAGE})
    assert (answer.status_code, answer.cookies["innkeep_language"].value) == (303, "de")
    assert rows() == before
    assert "Dieser Link funktioniert nicht" in text_of(browser.get(MANAGE))


@pytest.mark.parametrize("language", ["", "fr", "DE", "de-AT", "../de", "de\n"])
def test_unknown_language_changes_nothing(language):
    browser = opened(submitted())
    before = rows()
    answer = browser.post(SWITCH, {"language": language, "next": MANAGE})
    assert (answer.status_code, answer["Location"]) == (303, MANAGE)
    assert "innkeep_language" not in answer.cookies
    assert rows() == before


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/booking/",
        "//evil.example/booking/",
        "///evil.example",
        "\\\\evil.example/booking/",
        "/\\evil.example",
        "/booking/\\@evil.example/",
        "javascript:alert(1)",
        "http:///evil.example",
        " //evil.example",
        "/booking/../../admin/",
        "/admin/",
        "/api/public/hotel/",
        "/booking/nowhere/",
        "/booking/language/",
        "/booking/manage/ikg_key/",
        "/booking/pay/status/",
        "",
    ],
)
@pytest.mark.parametrize("has_link", [True, False])
def test_way_back_leads_to_guest_pages_only(address, has_link):
    browser = opened(submitted()) if has_link else Client()
    answer = browser.post(SWITCH, {"language": "de", "next": address})
    assert (answer.status_code, answer["Location"]) == (303, "/booking/")


@pytest.mark.parametrize(
    "page", ["/booking/", "/booking/sent/", MANAGE, "/booking/cancel/ABCDEFGH23/", "/booking/pay/return/"]
)
def test_way_back_is_the_page_itself_without_its_query(page):
    shown = text_of(Client().get(f"{page}?session_id=cs_x"))
    assert f'name="next" value="{page}"' in shown
    assert Client().post(SWITCH, {"language": "de", "next": page})["Location"] == page


def test_key_of_a_link_is_written_into_no_page():
    answer = Client().get("/booking/manage/ikg_of_somebody/")
    assert (answer.status_code, "ikg_of_somebody" in text_of(answer)) == (403, False)


def test_pages_of_strangers_are_the_same_in_every_byte():
    assert len({Client().get("/booking/sent/").content for _ in range(3)}) == 1
    assert secret_in(Client().get("/booking/sent/")) == ""


@pytest.mark.parametrize(
    ("asked", "language"),
    [("de-AT,de;q=0.9,en;q=0.5", "de"), ("fr,de;q=0.5", "de"), ("fr", "en"), ("", "en"), ("en-GB,de", "en")],
)
def test_first_visit_follows_the_browser(asked, language):
    answer = Client(headers={"accept-language": asked}).get("/booking/")
    assert f'<html lang="{language}">' in text_of(answer)


def test_dates_and_amounts_are_german():
    booking = submitted(guest_language="de")
    page = text_of(opened(booking).get(MANAGE))
    assert "340,00 € bezahlen</button>" in page
    assert re.search(r"Ihr Zimmer wird bis \w\w\., \d+\. \w+\.?,? \d\d:\d\d Uhr \(Dublin\) freigehalten\.", page)
    assert "ab 15:00 Uhr (Dublin)" in page


def test_staff_read_english_whatever_their_browser_asks_for():
    browser = Client(headers={"accept-language": "de"})
    browser.cookies["innkeep_language"] = "de"
    browser.force_login(UserFactory(role="owner"))
    answer = browser.get("/admin/")
    assert ('lang="en' in text_of(answer), answer["Content-Language"]) == (True, "en")
    booking = submitted(guest_language="de")
    page = text_of(browser.get(f"/admin/bookings/booking/{booking.pk}/change/"))
    assert '<option value="de" selected>Deutsch</option>' in page
    assert "Guest language" in page
    assert not Booking.objects.filter(guest_language="en").exists()
