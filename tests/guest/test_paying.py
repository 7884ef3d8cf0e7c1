"""Paying from the guest's page, and coming back from Stripe's."""

from datetime import timedelta

import pytest
from django.test import Client

from bookings.models import Hotel
from payments.models import Payment
from tests.guest.browser import opened, rows, text_of
from tests.stays import REFUSED_CARD, clock_at, confirmed, fresh, in_instant_hotel, paid, pay, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

PAY, RETURN, STATUS = "/booking/manage/pay/", "/booking/pay/return/", "/booking/pay/status/"


def test_the_button_leads_to_the_same_payment_page_however_often_it_is_pressed(stripe_simulator):
    booking = submitted()
    browser = opened(booking)
    assert "Pay €340.00</button>" in text_of(browser.get("/booking/manage/"))
    answers = [browser.post(PAY) for _ in range(3)]
    page = Payment.objects.get().session_url
    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(303, page)] * 3
    assert (
        f"form-action 'self' https://checkout.stripe.com {stripe_simulator.url};"
        in answers[0]["Content-Security-Policy"]
    )


def test_a_refused_card_is_told_and_can_be_tried_again(stripe_simulator):
    booking = submitted()
    browser = opened(booking)
    browser.post(PAY)
    pay(stripe_simulator, Payment.objects.get(), REFUSED_CARD)
    browser.get(RETURN)
    page = text_of(browser.get("/booking/manage/"))
    assert "The last attempt to pay was refused by your bank." in page
    assert "Try again to pay €340.00</button>" in page
    assert "Your room is kept until" in page


def test_the_return_page_asks_stripe_and_says_what_happens_next(stripe_simulator):
    booking = submitted()
    browser = opened(booking)
    browser.post(PAY)
    pay(stripe_simulator, Payment.objects.get())
    answer = browser.get(f"{RETURN}?session_id=cs_of_somebody_else")
    assert "€340.00 is held on your card; nothing has been charged." in text_of(answer)
    assert "Refresh" not in answer
    assert browser.get(STATUS).json() == {
        "status": "PENDING_APPROVAL",
        "payment_status": "AUTHORIZED",
        "settled": True,
    }
    assert [row.actor_kind for row in booking.history.filter(transition="authorize")] == ["stripe"]


def test_an_instant_hotel_confirms_at_once(stripe_simulator):
    booking = submitted(in_instant_hotel())
    browser = opened(booking)
    browser.post(PAY)
    pay(stripe_simulator, Payment.objects.get())
    page = text_of(browser.get(RETURN))
    assert "Your room is booked." in page
    assert "¥36,000 was paid with Visa ending in 4242." in page


def test_while_stripe_is_silent_the_page_looks_again_for_a_minute_and_then_says_what_next(stripe_simulator):
    booking = submitted()
    browser = opened(booking)
    browser.post(PAY)
    pay(stripe_simulator, Payment.objects.get())
    stripe_simulator.control("faults", kind="error_429", match={"path_regex": "/v1/checkout"}, times=9)
    address, seconds = f"{RETURN}?session_id=cs_x", 0
    while "Refresh" in (answer := browser.get(address)):
        assert "guest/poll.js" in text_of(answer)
        pause, _, address = answer["Refresh"].partition("; url=")
        seconds += int(pause)
    assert seconds == 60
    assert "If you have paid, there is nothing more to do" in text_of(answer)
    assert browser.get(STATUS).json()["settled"] is False


def test_only_the_first_and_the_last_look_ask_stripe(stripe_simulator):
    browser = opened(submitted())
    browser.post(PAY)
    asked = []
    for look in ("", "?look=1", "?look=2", "?look=6", "?look=x"):
        before = len(stripe_simulator.look("requests"))
        browser.get(RETURN + look)
        asked.append(len(stripe_simulator.look("requests")) - before)
    assert asked == [1, 0, 0, 1, 1]


def test_a_return_without_a_link_believes_nobody(stripe_simulator):
    booking = paid(stripe_simulator)
    session = booking.payments.get().stripe_checkout_session_id
    before = rows()
    answer = Client().get(f"{RETURN}?session_id={session}")
    assert answer.status_code == 200
    assert "If you have just paid, you will get an email" in text_of(answer)
    assert booking.booking_id not in text_of(answer)
    assert Client().get(STATUS).status_code == 401
    assert rows() == before


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (paid, "Your payment has arrived already."),
        (confirmed, "Your payment has arrived already."),
        (lambda _: submitted(payment_method="ARRIVAL"), "This booking is paid at the hotel."),
    ],
)
def test_what_needs_no_payment_is_409_in_a_guest_s_words(stripe_simulator, make, words):
    booking = make(stripe_simulator)
    browser = opened(booking)
    before = rows()
    answer = browser.post(PAY)
    assert answer.status_code == 409
    assert words in text_of(answer)
    assert 'class="button strong"' not in text_of(browser.get("/booking/manage/"))
    assert rows() == before


def test_a_hold_that_is_nearly_over_cannot_be_paid_any_more():
    booking = submitted()
    browser = opened(booking, hours=48)
    assert booking.hold_expires_at is not None
    before = rows()
    with clock_at(booking.hold_expires_at - timedelta(minutes=20)):
        answer = browser.post(PAY)
        page = text_of(browser.get("/booking/manage/"))
    assert answer.status_code == 409
    assert "The room is held for too short a time" in text_of(answer)
    assert "You cannot pay online any more." in page
    assert rows() == before


def test_used_up_attempts_are_told(stripe_simulator):
    Hotel.objects.update(payment_attempts=1)
    booking = submitted()
    browser = opened(booking)
    Hotel.objects.update(payment_attempts=1)
    browser.post(PAY)
    stripe_simulator.control(f"expire/{Payment.objects.get().stripe_checkout_session_id}")
    browser.get(RETURN)
    assert "You cannot pay online any more." in text_of(browser.get("/booking/manage/"))
    answer = browser.post(PAY)
    assert answer.status_code == 409
    assert "All attempts to pay are used up." in text_of(answer)


def test_when_stripe_refuses_nothing_is_charged_and_nothing_leaks(stripe_simulator):
    booking = submitted()
    stripe_simulator.control("currencies", unsupported=["eur"])
    answer = opened(booking).post(PAY)
    assert answer.status_code == 502
    assert "nothing was charged" in text_of(answer)
    assert "Stripe refused" not in text_of(answer)
    assert fresh(booking).status == "PENDING_PAYMENT"


def test_when_stripe_is_silent_the_request_is_in_progress(stripe_simulator):
    browser = opened(submitted())
    stripe_simulator.control("faults", kind="drop_before", match={"path_regex": "/v1/checkout"}, times=3)
    answer = browser.post(PAY)
    assert answer.status_code == 202
    assert browser.post(PAY).status_code == 303
