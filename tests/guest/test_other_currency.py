"""What a guest reads when Stripe refuses the price's currency: before paying, after it, and when money goes back."""

from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from bookings.admin import words
from bookings.admin.facts import facts_of
from bookings.admin.money_box import charged_lines
from bookings.models import Message
from payments import decisions, operations
from payments.models import ExchangeRate, Payment
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory
from tests.guest.browser import opened, quote_in, rows, same_bytes, text_of
from tests.payments import two_people
from tests.payments.moving import press, wish_for
from tests.stays import by_guest, by_staff, clock_at, confirmed, fresh, guest_cancels, paid, pay, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

MANAGE, PAY, RETURN = "/booking/manage/", "/booking/manage/pay/", "/booking/pay/return/"
CANCEL = "/booking/manage/cancel/"


@pytest.fixture
def karachi(stripe_simulator):
    """A draft over Rs. 10,000 in a hotel whose rupees Stripe refuses, and a rate to US dollars."""
    stripe_simulator.control("currencies", unsupported=["pkr"])
    hotel = HotelFactory(currency="PKR", fallback_currency="USD", time_zone="Asia/Karachi", name="Indus House")
    room = RoomFactory(room_type=RoomTypeFactory(hotel=hotel))
    at = timezone.now() - timedelta(hours=1)
    ExchangeRate.objects.create(base="PKR", target="USD", rate=Decimal("0.003571"), source="State Bank", quoted_at=at)
    return BookingFactory(room=room, total_amount=1000000)


def conversion(verb, price="Rs. 10,000", charged="$35.71"):
    """The sentence that every page and mail has."""
    day = ExchangeRate.objects.get().quoted_at.astimezone(ZoneInfo("Asia/Karachi"))
    when = f"{day:%a} {day.day} {day:%b %Y}"
    return f"{price} {verb} as {charged}, at 1 PKR = 0.003571 USD (State Bank, {when})."


def mail(booking, kind):
    message = Message.objects.get(booking=booking, kind=kind)
    return " ".join(message.text.split()), " ".join(message.html.split())


def test_guest_sees_what_is_charged_before_paying(karachi):
    browser = opened(submitted(karachi))
    assert "Pay Rs. 10,000</button>" in text_of(browser.get(MANAGE))
    answer = browser.post(PAY)
    payment = Payment.objects.get()
    assert answer.status_code == 200
    assert conversion("will be charged") in text_of(answer)
    assert f'<a class="button strong" href="{payment.session_url}" rel="noreferrer">Go on to pay</a>' in text_of(
        answer
    )
    before = rows()
    again = browser.post(PAY)
    assert (same_bytes(again), rows()) == (same_bytes(answer), before)
    assert conversion("will be charged") in text_of(browser.get(MANAGE))


def test_guest_reads_what_is_held_and_paid(karachi, stripe_simulator):
    booking = submitted(karachi)
    browser = opened(booking)
    browser.post(PAY)
    pay(stripe_simulator, Payment.objects.get())
    page = text_of(browser.get(RETURN))
    assert "$35.71 is held on your card; nothing has been charged." in page
    assert conversion("is held") in text_of(browser.get(MANAGE))
    assert all("Thank you: $35.71 is held on your card" in text for text in mail(booking, "authorized"))
    with by_staff(UserFactory()):
        decisions.approve(booking)
    page = text_of(browser.get(MANAGE))
    assert "<dt>Price of the stay</dt><dd>Rs. 10,000</dd>" in page
    assert '<span class="quiet">Visa ending in 4242</span></dt><dd>$35.71</dd>' in page
    assert conversion("was charged") in page
    for text in mail(booking, "approved"):
        assert "You have paid $35.71." in text
        assert conversion("was charged") in text


@pytest.mark.parametrize(
    ("captured", "price", "charged"),
    [(None, "Rs. 5,000", "$17.86"), (1786, "Rs. 5,000", "$17.86"), (2000, "Rs. 5,600.67", "$20.00")],
)
def test_guest_of_a_cheaper_stay_reads_what_of_its_price_was_charged(
    karachi, stripe_simulator, captured, price, charged
):
    booking = paid(stripe_simulator, karachi)
    press(booking, wish_for(booking, nights=1, price=500000), person=two_people.manager(booking))
    assert conversion("is held") in text_of(opened(booking).get(MANAGE))
    if captured:
        intent = booking.payments.get().stripe_payment_intent_id
        stripe_simulator.control(f"dashboard/payment_intents/{intent}/capture", amount=captured)
        operations.refresh(booking.payments.get())
    else:
        with by_staff(UserFactory()):
            decisions.approve(booking)
    sentence = conversion("was charged", price, charged)
    assert sentence in text_of(opened(booking).get(MANAGE))
    for text in mail(booking, "approved"):
        assert f"You have paid {charged}." in text
        assert sentence in text
    payment = Payment.objects.get()
    assert words.conversion(payment).startswith(f"{price} as {charged}: 1 PKR = 0.003571 USD")
    assert ("Charged in USD", charged, "") in charged_lines(facts_of(fresh(booking), timezone.now()), [payment])


def test_guest_reads_the_fee_in_what_was_charged(karachi, stripe_simulator):
    booking = confirmed(stripe_simulator, karachi)
    with clock_at(timezone.now() + timedelta(days=20)):
        browser = opened(booking)
        offer = browser.get(CANCEL)
        page = text_of(offer)
        assert '<th scope="row">Fee</th><td>$17.86</td>' in page
        assert '<th scope="row">You get back</th><td>$17.85</td>' in page
        assert 'Rs. 5,000<span class="quiet">50 % of the price is kept.</span>' in page
        browser.post(CANCEL, {"quote": quote_in(offer), "reason": ""})
        page = text_of(browser.get(MANAGE))
    assert '<th scope="row">Fee</th><td>$17.86</td>' in page
    assert '<th scope="row">You get back</th><td>$17.85</td>' in page
    assert "We have sent $17.85 back to your Visa ending in 4242." in page
    for text in mail(booking, "cancelled_by_guest"):
        assert "Cancellation fee: $17.86. You get back $17.85, the way you paid." in text


def test_released_hold_is_told_in_what_was_held(karachi, stripe_simulator):
    booking = paid(stripe_simulator, karachi)
    with by_guest():
        guest_cancels(booking)
    assert "$35.71 was held on your card and has been released" in text_of(opened(booking).get(MANAGE))
    for text in mail(booking, "cancelled_by_guest"):
        assert "The $35.71 held on your card is released" in text


def test_refund_by_staff_is_mailed_in_what_was_charged(karachi, stripe_simulator):
    booking = confirmed(stripe_simulator, karachi)
    with by_staff(UserFactory()):
        decisions.refund(booking, amount=500, note="Cold shower")
    assert all("has sent $5.00 back to you" in text for text in mail(booking, "refund_sent"))


def test_guest_is_told_nothing_of_missing_rates(karachi):
    ExchangeRate.objects.all().delete()
    answer = opened(submitted(karachi)).post(PAY)
    page = text_of(answer)
    assert answer.status_code == 502
    assert "nothing was charged" in page
    assert not any(word in page for word in ("Stripe", "rate", "USD", "PKR"))
