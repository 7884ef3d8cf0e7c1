"""Hotels that take a match of reference and contact as proof: what it opens, and what a stranger learns."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.models import Hotel
from cancellations import throttle
from cancellations.models import LinkRequest, ManagementToken
from payments import decisions
from tests.factories import BookingFactory, days_ahead
from tests.guest.browser import link_of, opened, quote_in, rows, text_of
from tests.stays import AtStripe, at_stripe, clock_at, confirmed, fresh, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

CONFIRM = "/booking/manage/cancel/"
PERSONAL = ("Ada Guest", "ada@guest", "a***@guest", "0123", "4242", "Visa")


def page_of(booking):
    return f"/booking/cancel/{booking.booking_id}/"


@pytest.fixture
def booking(stripe_simulator):
    """A confirmed booking in ten days, of a hotel that takes a match; half would come back."""
    found = confirmed(stripe_simulator, BookingFactory(check_in=days_ahead(10)))
    Hotel.objects.update(guest_verification="match")
    return fresh(found)


def test_looking_shows_hotel_dates_and_policy_but_no_guest(booking):
    answer = Client().get(page_of(booking))
    assert answer.status_code == 200
    shown = text_of(answer)
    for words in (
        booking.hotel.name,
        "+353 1 555 0100",
        booking.booking_id,
        f"{booking.check_in:%a} {booking.check_in.day} {booking.check_in:%b %Y}",
        "15:00 (Dublin)",
        "Full refund until 14 days before check-in, half until 7 days, none after.",
    ):
        assert words in shown
    assert [word for word in (*PERSONAL, "340.00", "170.00") if word in shown.replace("+353 1 555 0100", "")] == []


@pytest.mark.parametrize("contact", ["ada@guest.example", "086 555 0123"])
def test_a_match_is_asked_once_more_and_cancels(stripe_simulator, booking, contact):
    browser = Client(headers={"user-agent": "Phone"})
    answer = browser.post(page_of(booking), {"contact": contact})
    assert (answer.status_code, answer["Location"]) == (303, CONFIRM)
    assert fresh(booking).status == "CONFIRMED"
    asked = browser.get(CONFIRM)
    assert "You get back</th><td>€170.00" in text_of(asked)
    pressed = browser.post(CONFIRM, {"quote": quote_in(asked)})
    assert (pressed.status_code, pressed["Location"]) == (303, "/booking/manage/")
    result = text_of(browser.get("/booking/manage/"))
    assert "Your booking is cancelled" in result
    assert [word for word in PERSONAL if word in text_of(asked) + result.replace("+353 1 555 0100", "")] == []
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)
    token = ManagementToken.objects.get(last_action="CANCEL")
    assert (token.booking, token.only_cancels, token.user_agent) == (booking, True, "Phone")
    assert (fresh(booking).cancelled_by_client, fresh(booking).history.first().actor_kind) == (True, "guest")


def test_a_match_reads_and_pays_nothing_else():
    booking = submitted(room__room_type__hotel__guest_verification="match")
    browser = Client()
    browser.post(page_of(booking), {"contact": booking.guest_email})
    shown = text_of(browser.get("/booking/manage/"))
    assert "Send me a link to pay" in shown
    assert [word for word in PERSONAL if word in shown.replace("+353 1 555 0100", "")] == []
    before = rows()
    answer = browser.post("/booking/manage/pay/")
    assert (answer.status_code, answer["Location"]) == (303, "/booking/")
    assert rows() == before


def test_a_match_lasts_half_an_hour(booking):
    browser = Client()
    browser.post(page_of(booking), {"contact": booking.guest_email})
    with clock_at(timezone.now() + timedelta(minutes=31)):
        assert browser.get(CONFIRM).status_code == 403


def test_cancelling_again_by_match_shows_the_recorded_result(booking):
    for _ in range(2):
        browser = Client()
        browser.post(page_of(booking), {"contact": booking.guest_email})
        asked = browser.get(CONFIRM)
        if asked.context.get("form"):
            browser.post(CONFIRM, {"quote": quote_in(asked)})
    assert asked.status_code == 200
    assert "Your booking is cancelled" in text_of(asked)


def test_a_miss_is_a_miss_in_bytes_status_and_queries(booking):
    by_link = submitted()
    draft, deleted = BookingFactory(), BookingFactory()
    Hotel.objects.filter(pk__in=[draft.hotel_id, deleted.hotel_id]).update(guest_verification="match")
    decisions.soft_delete(deleted, reason="x")
    told = []
    for reference, contact in (
        (booking.booking_id, "eve@guest.example"),
        (by_link.booking_id, by_link.guest_email),
        (by_link.booking_id, "eve@guest.example"),
        (draft.booking_id, draft.guest_email),
        (deleted.booking_id, deleted.guest_email),
        ("NOSUCHONE2", "eve@guest.example"),
    ):
        with CaptureQueriesContext(connection) as queries:
            answer = Client().post(f"/booking/cancel/{reference}/", {"contact": contact})
        shown = Client().get(answer["Location"]).content
        told.append((answer.status_code, answer["Location"], answer.content, answer.cookies, shown, len(queries)))
    assert told == [told[0]] * 6
    assert told[0][:4] == (303, "/booking/sent/", b"", {})


def test_looking_for_a_reference_tells_nothing_of_hotels_that_mail_links(booking):
    by_link, draft = submitted(), BookingFactory()
    told = []
    for reference in (by_link.booking_id, draft.booking_id, "NOSUCHONE2"):
        with CaptureQueriesContext(connection) as queries:
            answer = Client().get(f"/booking/cancel/{reference}/")
        # Each form has a token of its own against forgery.
        shown = re.sub(rb'csrfmiddlewaretoken" value="\w+|' + reference.encode(), b"", answer.content)
        told.append((answer.status_code, shown, len(queries)))
    assert told == [told[0]] * 3


def test_ten_thousand_guesses_are_throttled_and_the_guest_s_mailed_link_works(booking):
    link = link_of(booking)
    answers = [
        Client(REMOTE_ADDR=f"203.0.{number // 200}.{number % 200}").post(
            page_of(booking), {"contact": f"+353 86 555 {number:04}"}
        )
        for number in range(1000, 1040)
    ]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429] * 30
    assert 3500 < int(answers[-1]["Retry-After"]) <= 3601
    assert LinkRequest.objects.count() == throttle.TRIES_PER_REFERENCE
    right = Client().post(page_of(booking), {"contact": booking.guest_email})
    assert (right.status_code, right.content == answers[-1].content) == (429, True)
    browser = Client()
    assert browser.get(link).status_code == 302
    assert browser.get(CONFIRM).status_code == 200


def test_searching_for_references_is_throttled_and_a_known_one_still_opens(booking):
    codes = [Client().get(f"/booking/cancel/GUESS{n}/").status_code for n in range(throttle.GUESSES_PER_ADDRESS + 1)]
    assert codes == [200] * throttle.GUESSES_PER_ADDRESS + [429]
    assert Client().get(page_of(booking)).status_code == 200


def test_guessing_keys_is_throttled_and_a_working_link_opens_all_the_same(booking):
    link, browser = link_of(booking), opened(booking)
    before = rows()
    answers = [Client().get(f"/booking/manage/ikg_{n}/") for n in range(throttle.GUESSES_PER_ADDRESS + 5)]
    assert [answer.status_code for answer in answers] == [403] * throttle.GUESSES_PER_ADDRESS + [429] * 5
    assert 3500 < int(answers[-1]["Retry-After"]) <= 3601
    guesser = Client()
    guesser.cookies["innkeep_guest"] = "ikg_guess"
    for page in ("/booking/manage/", CONFIRM, "/booking/manage/pay/", "/booking/pay/status/"):
        assert guesser.get(page).status_code == 429
    assert guesser.post(CONFIRM).status_code == 429
    assert (Client().get(link).status_code, browser.get("/booking/manage/").status_code) == (302, 200)
    assert Client(REMOTE_ADDR="198.51.100.9").get("/booking/manage/ikg_x/").status_code == 403
    assert rows() == before


@pytest.mark.parametrize("data", [{}, {"contact": " "}, {"contact": "x" * 255}])
def test_a_missing_contact_is_asked_for_again(booking, data):
    answer = Client().post(page_of(booking), data)
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in text_of(answer)
    assert not LinkRequest.objects.exists()
