"""Opening a link: it changes nothing, works any number of times, and tells strangers nothing."""

import base64

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings import lifecycle
from bookings.models import Hotel
from cancellations import tokens, urls
from cancellations.models import ManagementToken
from payments import decisions
from tests.factories import BookingFactory, UserFactory
from tests.guest.browser import everything, link_of, opened, rows, text_of
from tests.stays import by_staff, confirmed, paid, submitted, with_page

pytestmark = pytest.mark.django_db

PAGES = ("/booking/manage/", "/booking/manage/cancel/", "/booking/pay/return/", "/booking/pay/status/")
OPEN_TO_ALL = ("/booking/", "/booking/sent/", "/booking/cancel/ABCDEFGH23/")


def addresses(link, booking):
    """Every address of the guest's pages, with a key that opens and others that do not."""
    filled = {"key": "ikg_x", "booking_id": booking.booking_id}
    names = [pattern.name for pattern in urls.urlpatterns]
    given = [[filled[each] for each in pattern.pattern.converters] for pattern in urls.urlpatterns]
    own = [reverse(f"guest:{name}", args=args) for name, args in zip(names, given, strict=True)]
    assert len(own) == len(urls.urlpatterns) >= 10
    return ["/", link, link_of(booking, hours=-1), "/booking/nowhere/", *own]


@pytest.mark.parametrize(
    ("state", "verification", "times"),
    [
        (confirmed, "link", 20),
        (confirmed, "match", 1),
        (paid, "match", 1),
        (lambda _: with_page().booking, "link", 1),
        (lambda _: submitted(), "match", 1),
    ],
)
def test_looking_changes_nothing_and_uses_nothing_up(stripe_simulator, state, verification, times):
    booking = state(stripe_simulator)
    Hotel.objects.update(guest_verification=verification)
    link = link_of(booking)
    browser, stranger = opened(booking), Client()
    pages = addresses(link, booking)
    before = everything()
    for page in pages:
        for _ in range(times):
            for answer in (browser.get(page), browser.head(page), stranger.get(page), stranger.head(page)):
                assert answer.status_code in {200, 302, 303, 401, 403, 404, 405, 429}
            stranger.cookies.clear()
    assert everything() == before
    assert opened(booking).get("/booking/manage/").status_code == browser.get("/booking/manage/").status_code == 200


@pytest.mark.parametrize("page", ["/booking/manage/ikg_x/", *PAGES, *OPEN_TO_ALL, "/booking/manage/pay/"])
def test_no_page_is_stored_or_passed_on(page):
    for browser in (Client(), opened(submitted())):
        answer = browser.get(page)
        assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")
        assert "unsafe" not in answer["Content-Security-Policy"]


def test_the_key_leaves_the_address_for_a_cookie_of_the_guest_pages():
    booking = submitted()
    link = link_of(booking)
    cookie = (browser := Client()).get(link).cookies["innkeep_guest"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (
        "/booking/",
        True,
        "Lax",
        "",
    )
    assert cookie.value not in browser.get("/booking/manage/").content.decode()


def test_the_key_is_stored_nowhere():
    booking = submitted()
    key = link_of(booking).split("/")[3]
    opened(booking)
    assert key not in str(rows())
    assert len(base64.urlsafe_b64decode(key.removeprefix("ikg_") + "=")) == 32


@pytest.mark.parametrize("page", ["/booking/manage/", "/booking/manage/cancel/", "/booking/manage/pay/"])
def test_without_a_link_every_page_answers_401_with_a_way_on(page):
    answer = Client().get(page)
    assert Client().post(page).status_code == (405 if page == "/booking/manage/" else 401)
    assert answer.status_code == 401
    assert "Please open the link in your mail" in text_of(answer)
    assert 'href="/booking/"' in text_of(answer)


def test_unknown_expired_and_revoked_are_one_and_the_same_403():
    revoked = submitted()
    links = ["/booking/manage/ikg_unknown/", link_of(submitted(), hours=-1), link_of(revoked)]
    ManagementToken.objects.filter(booking=revoked).update(revoked_at=revoked.created_at)
    told = []
    for link in links:
        with CaptureQueriesContext(connection) as queries:
            answer = Client().get(link)
        told.append((answer.status_code, answer.content, len(queries)))
    assert told == [(403, answer.content, 1)] * 3
    assert "Ask for a new link" in text_of(answer)


def test_a_deleted_booking_is_404_for_its_guest_and_back_after_a_restore():
    deleted, expired = BookingFactory(), BookingFactory()
    link, old = link_of(deleted), link_of(expired, hours=-1)
    browser = opened(deleted)
    with by_staff():
        decisions.soft_delete(deleted, reason="x")
        decisions.soft_delete(expired, reason="x")
    before = rows()
    assert [Client().get(link).status_code, Client().get(old).status_code] == [404, 403]
    for page in ("/booking/manage/", "/booking/manage/cancel/", "/booking/manage/pay/"):
        assert browser.get(page).status_code == 404
        assert browser.post(page).status_code in (404, 405)
    assert deleted.booking_id not in text_of(browser.get("/booking/manage/"))
    assert rows() == before
    with by_staff():
        lifecycle.restore(deleted)
    assert browser.get("/booking/manage/").status_code == 200


def test_a_link_that_is_revoked_while_the_page_is_open_stops_at_once():
    booking = submitted()
    browser = opened(booking)
    ManagementToken.objects.filter(booking=booking).update(revoked_at=booking.created_at)
    before = rows()
    for page in ("/booking/manage/", "/booking/manage/cancel/", "/booking/manage/pay/"):
        assert browser.get(page).status_code == 403
        assert browser.post(page).status_code in (403, 405)
    assert rows() == before


def test_a_link_opens_its_own_booking_only():
    mine, other = submitted(), submitted()
    page = text_of(opened(mine).get("/booking/manage/"))
    assert mine.booking_id in page
    assert other.booking_id not in page


def test_staff_signed_in_to_the_same_browser_stay_signed_in_and_count_as_guests():
    person = UserFactory(role="owner")
    booking = submitted()
    browser = Client()
    browser.force_login(person)
    browser.get(link_of(booking))
    browser.post("/booking/manage/cancel/")  # without a quote: asks again
    answer = browser.get("/booking/manage/cancel/")
    browser.post("/booking/manage/cancel/", {"quote": answer.context["form"]["quote"].value()})
    row = booking.history.first()
    assert (row.transition, row.actor_kind, row.history_user, row.cancelled_by_client) == (
        "cancel",
        "guest",
        None,
        True,
    )
    assert "_auth_user_id" in browser.session


def test_a_wrong_method_answers_405_and_changes_nothing():
    browser = opened(submitted())
    before = rows()
    answers = [browser.post("/booking/manage/"), browser.put("/booking/manage/pay/"), Client().delete("/booking/")]
    assert [answer.status_code for answer in answers] == [405, 405, 405]
    assert answers[0]["Allow"] == "GET, HEAD"
    assert "Nothing has changed." in text_of(answers[0])
    assert rows() == before


def test_looking_at_the_address_for_paying_leads_back():
    answer = opened(submitted()).get("/booking/manage/pay/")
    assert (answer.status_code, answer["Location"]) == (303, "/booking/manage/")


def test_forms_are_refused_without_the_csrf_token_in_helpful_words():
    booking = submitted()
    browser = Client(enforce_csrf_checks=True)
    browser.get(link_of(booking))
    before = rows()
    answer = browser.post("/booking/manage/cancel/")
    assert answer.status_code == 403
    assert "Nothing has changed." in text_of(answer)
    assert rows() == before


def test_a_long_key_is_merely_unknown():
    assert Client().get(f"/booking/manage/{'x' * 5000}/").status_code == 403
    assert tokens.find("é\U0001f512", at=submitted().created_at) is None


def test_an_unknown_address_helps():
    answer = Client().get("/booking/nowhere/")
    assert answer.status_code == 404
    assert "Find your booking" in text_of(answer)
