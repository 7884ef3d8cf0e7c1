"""Asking for a link: one answer for everybody."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings.models import Message
from cancellations import links
from cancellations.models import LinkRequest
from tests.factories import BookingFactory
from tests.guest.browser import opened, text_of
from tests.stays import mails, submitted

pytestmark = pytest.mark.django_db


def ask(reference, contact="ada@guest.example", ip="198.51.100.1"):
    return Client(REMOTE_ADDR=ip).post("/booking/", {"reference": reference, "contact": contact})


def test_hit_and_miss_answer_with_the_same_bytes_status_and_queries():
    booking, draft = submitted(), BookingFactory()
    told = []
    for reference, contact in (
        (booking.booking_id, booking.guest_email),
        (booking.booking_id, "eve@guest.example"),
        (draft.booking_id, draft.guest_email),
        ("NOSUCHONE2", "eve@guest.example"),
    ):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = Client().post("/booking/", {"reference": reference, "contact": contact}, follow=True)
        told.append((answer.redirect_chain, answer.status_code, answer.content, len(queries)))
    assert told[0][0] == [("/booking/sent/", 303)]
    assert told == [told[0]] * 4
    assert booking.booking_id not in answer.content.decode()
    assert "If what you entered matches a booking" in text_of(answer)


def test_the_worker_mails_a_link_that_opens_the_booking():
    booking = submitted()
    ask(booking.booking_id, "086 555 0123")
    links.answer_requests(timezone.now())
    assert mails(booking) == ["pay_link", "management_link"]
    assert Message.objects.get(kind="management_link").to == booking.guest_email


def test_the_address_with_a_reference_fills_it_in_and_escapes_it():
    answer = Client().get("/booking/cancel/ABCDEFGH23/")
    assert 'value="ABCDEFGH23"' in text_of(answer)
    assert "<script>" not in Client().get("/booking/cancel/<script>/").content.decode()


def test_asking_there_works_the_same():
    answer = Client().post("/booking/cancel/ABCDEFGH23/", {"reference": "ABCDEFGH23", "contact": "a@b.example"})
    assert (answer.status_code, answer["Location"]) == (303, "/booking/sent/")
    assert LinkRequest.objects.get().reference == "ABCDEFGH23"


@pytest.mark.parametrize("data", [{}, {"reference": " "}, {"reference": "x" * 41, "contact": "y"}])
def test_missing_answers_are_asked_for_again(data):
    answer = Client().post("/booking/", data)
    assert answer.status_code == 400
    assert 'aria-invalid="true"' in text_of(answer)
    assert not LinkRequest.objects.exists()


@pytest.mark.parametrize("exists", [True, False])
def test_too_many_tries_are_429_and_the_guest_s_own_link_still_works(exists):
    booking = submitted()
    browser = opened(booking)
    reference = booking.booking_id if exists else "NOSUCHONE2"
    answers = [ask(reference, f"eve{n}@guest.example", ip=f"198.51.100.{n}") for n in range(11)]
    assert [answer.status_code for answer in answers] == [303] * 10 + [429]
    assert 3500 < int(answers[-1]["Retry-After"]) <= 3601
    assert "A link that you already have by mail works all the same." in text_of(answers[-1])
    assert browser.get("/booking/manage/").status_code == 200


def test_one_address_may_not_try_many_references():
    answers = [ask(f"REFERENCE{n}") for n in range(31)]
    assert [answer.status_code for answer in answers][-2:] == [303, 429]
    assert ask("ANOTHER222", ip="198.51.100.9").status_code == 303
