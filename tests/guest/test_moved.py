"""What a guest sees of a changed stay: the new nights, and what is left to pay for them."""

import pytest

from payments import decisions
from payments.models import Payment
from tests.factories import UserFactory
from tests.guest.browser import opened, text_of
from tests.payments.moving import move
from tests.payments.test_difference import pays
from tests.stays import by_staff, confirmed, fresh, paid, pay

PAGE = "/booking/manage/"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def test_guest_sees_the_difference_and_pays_exactly_that(stripe_simulator):
    booking = confirmed(stripe_simulator)
    move(booking, nights=3)
    browser = opened(booking)
    page = browser.get(PAGE).content.decode()
    for words in ("Confirmed, difference to pay", "Please pay the difference of €170.00 by", "Pay €170.00"):
        assert words in page
    answer = browser.post("/booking/manage/pay/")
    payment = Payment.objects.get(purpose="difference")
    assert (answer.status_code, answer.headers["Location"]) == (303, payment.session_url)
    assert payment.amount == 17000


def test_guest_who_has_paid_the_difference_reads_confirmed(stripe_simulator):
    booking = confirmed(stripe_simulator)
    move(booking, nights=3)
    pays(stripe_simulator, booking)
    page = opened(booking).get(PAGE).content.decode()
    assert "Your room is booked. See you soon!" in page
    assert "€510.00" in page
    assert "difference" not in page


def test_guest_who_comes_back_from_paying_the_difference_reads_that_amount_and_the_sum(stripe_simulator):
    booking = confirmed(stripe_simulator)
    move(booking, nights=3)
    browser = opened(booking)
    browser.post("/booking/manage/pay/")
    pay(stripe_simulator, Payment.objects.get(purpose="difference"), "4000000000005126")
    page = text_of(browser.get("/booking/pay/return/"))
    assert "<p>€170.00 was paid with Visa ending in 5126, €510.00 in all.</p>" in page


def test_guest_of_a_dearer_request_is_asked_for_the_new_price(stripe_simulator):
    booking = paid(stripe_simulator)
    move(booking, nights=3)
    page = opened(fresh(booking)).get(PAGE).content.decode()
    assert "Waiting for your payment" in page
    assert "Pay €510.00" in page


def test_guest_of_a_cheaper_request_reads_what_was_really_charged(stripe_simulator):
    booking = paid(stripe_simulator)
    move(booking, nights=1)
    with by_staff(UserFactory()):
        decisions.approve(fresh(booking))
    message = booking.messages.get(kind="approved")
    for text in (message.text, message.html):
        assert "You have paid €170.00. There is nothing more to pay for the room." in text
        assert "€340.00" not in text
