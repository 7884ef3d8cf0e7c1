"""The booking's own page: where it stands, in plain words and the hotel's time."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cancellations import wording
from payments import decisions
from payments.models import Payment
from tests.factories import BookingFactory, HotelFactory, RoomFactory, UserFactory, days_ahead
from tests.guest.browser import opened, text_of
from tests.stays import by_staff, confirmed, in_instant_hotel, paid, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

PAGE = "/booking/manage/"


def page_of(booking):
    return text_of(opened(booking).get(PAGE))


def test_the_page_of_a_confirmed_booking(stripe_simulator):
    booking = confirmed(stripe_simulator)
    page = page_of(booking)
    last_free_day = booking.check_in - timedelta(days=14)
    for words in (
        f'<p class="brand">{booking.hotel.name}</p>',
        "<h1>Confirmed</h1>",
        wording.day(booking.check_in),
        "from 15:00 (Dublin)",
        "until 11:00 (Dublin)",
        booking.room_type.name,
        'Paid<span class="quiet">Visa ending in 4242</span></dt><dd>€340.00',
        f"Free until {wording.near_day(last_free_day, booking.hotel)}, 23:59 (Dublin).",
        "You get back</th><td>€340.00",
        "Full refund until 14 days before check-in, half until 7 days, none after.",
        "50 % of the price is kept.",
        "Keep my booking",
        "Cancel booking",
    ):
        assert words in page


def test_the_two_ways_have_equal_weight(stripe_simulator):
    browser = opened(confirmed(stripe_simulator))
    for address in (PAGE, f"{PAGE}cancel/"):
        page = text_of(browser.get(address))
        assert page.count('class="button"') == 2


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (submitted, "Your room is kept until"),
        (lambda: submitted(payment_method="ARRIVAL"), "You pay at the hotel."),
    ],
)
def test_unpaid_states_say_what_is_next(state, words):
    assert words in page_of(state())


def test_a_held_amount_is_not_called_paid(stripe_simulator):
    page = page_of(paid(stripe_simulator))
    assert "Held, not charged" in page
    assert "<dt>Paid" not in page


def test_the_policy_of_an_unpaid_arrival_is_named_and_not_collected():
    booking = submitted(BookingFactory(check_in=days_ahead(10), payment_method="ARRIVAL"))
    with by_staff(UserFactory()):
        decisions.approve(booking)
    page = page_of(booking)
    assert "The policy names a fee of €170.00. You have not paid yet, and it is not collected." in page
    assert "You get back</th><td>€0.00" in page


def test_agreed_terms_stay_when_the_hotel_changes_its_policy(stripe_simulator):
    booking = confirmed(stripe_simulator)
    policy = booking.hotel.policies.get()
    policy.description = "Never any refund."
    policy.save()
    assert "Never any refund." not in page_of(booking)


def test_yen_and_tokyo(stripe_simulator):
    page = page_of(paid(stripe_simulator, in_instant_hotel()))
    assert "¥36,000" in page
    assert "(Tokyo)" in page


def test_texts_without_a_translation_stay_english_and_say_so():
    answer = opened(submitted(guest_language="fr")).get(PAGE)
    assert '<html lang="en">' in answer.content.decode()
    assert "340,00\xa0€" in answer.content.decode()


def test_names_are_escaped():
    assert "<script>" not in page_of(submitted(guest_name="<script>alert(1)</script>"))


def test_the_page_is_small_and_asks_the_database_seldom(stripe_simulator):
    booking = confirmed(stripe_simulator)
    browser = opened(booking)
    with CaptureQueriesContext(connection) as queries:
        answer = browser.get(PAGE)
    assert len(queries) == 4
    assert len(answer.content) < 20_000


def test_moments_are_told_by_the_hotel_s_clock():
    hotel = HotelFactory(time_zone="America/New_York")
    moment = datetime(2031, 1, 1, 4, 30, tzinfo=UTC)
    assert wording.moment(moment, hotel) == "Tue 31 Dec 2030, 23:30 (New York)"
    assert wording.end_of_period(moment + timedelta(minutes=30), hotel) == "Tue 31 Dec 2030, 23:59 (New York)"
    assert wording.end_of_period(moment, hotel) == "Tue 31 Dec 2030, 23:30 (New York)"


@pytest.mark.parametrize(
    ("brand", "last4", "words"),
    [("visa", "4242", "Visa ending in 4242"), ("amex", "0005", "American Express ending in 0005"), ("", "", "")],
)
def test_cards_are_named(brand, last4, words):
    booking = submitted(BookingFactory(room=RoomFactory()))
    assert wording.card(Payment(booking=booking, card_brand=brand, card_last4=last4)) == words
