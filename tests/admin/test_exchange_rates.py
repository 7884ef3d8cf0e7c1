"""Exchange rates at the desk, and a booking that was charged in another currency than its price."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings.models import Hotel
from payments import checkout, decisions
from payments.models import ExchangeRate, Payment
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import listing, page, text
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory

ADD = "admin:payments_exchangerate_add"


def quoted(base="PKR", *, hours=1, value="0.003571", target="USD"):
    at = timezone.now() - timedelta(hours=hours)
    return ExchangeRate.objects.create(
        base=base, target=target, rate=Decimal(value), source="State Bank", quoted_at=at
    )


def charging(house: House, *, currency="PKR", max_age=72) -> Hotel:
    """Let a hotel charge US dollars where Stripe refuses its own currency."""
    house.hotel.currency, house.hotel.fallback_currency = currency, "USD"
    house.hotel.rate_max_age_hours = max_age
    house.hotel.save()
    return house.hotel


def typed(**fields):
    """What a manager types into the form."""
    at = timezone.now() - timedelta(hours=1)
    said = {"base": "pkr", "target": "usd", "rate": "0.003571", "source": "State Bank"}
    return {**said, "quoted_at_0": f"{at:%Y-%m-%d}", "quoted_at_1": f"{at:%H:%M}", **fields}


def errors(answer):
    return {name: list(words) for name, words in answer.context["adminform"].form.errors.items()}


def changes(client, row):
    """What a row's history shows: each field's old and new value."""
    rows = client.get(page(row, "history")).context["rows"]
    return [(each.label, each.old, each.new) for line in rows for each in line.changes]


def words_of(answer):
    """A page without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", text(answer)).split())


def test_list_says_how_old_a_rate_is_and_for_whom(own: House, foreign: House, manager: Client):
    charging(own)
    charging(foreign)
    quoted(hours=80)
    quoted("EUR", value="1.1", hours=2)
    shown = words_of(manager.get(listing(ExchangeRate)))
    assert "PKR → USD 1 PKR = 0.003571 USD State Bank" in shown
    assert "3 days Too old for Hotel Liffey, which allows 72 h" in shown
    assert "1 EUR = 1.1 USD" in shown
    assert "Sakura Inn" not in shown


def test_list_says_for_whom_a_rate_is_good(own: House, manager: Client):
    charging(own, max_age=80)
    row = quoted(hours=47)
    assert "47 h Good for Hotel Liffey" in words_of(manager.get(listing(ExchangeRate)))
    assert "Good for Hotel Liffey" in words_of(manager.get(page(row)))


def test_list_takes_the_same_queries_for_any_number_of_rates(own: House, manager: Client):
    charging(own)
    counts = []
    for codes in (("PKR",), ("ISK", "KWD")):
        for code in codes:
            quoted(code)
        with CaptureQueriesContext(connection) as queries:
            manager.get(listing(ExchangeRate))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_manager_enters_a_rate(manager: Client):
    assert manager.get(reverse(ADD)).status_code == 200
    assert manager.post(reverse(ADD), typed()).status_code == 302
    row = ExchangeRate.objects.get()
    assert (row.base, row.target, row.rate, row.source) == ("PKR", "USD", Decimal("0.003571"), "State Bank")
    assert row.history.get().actor_kind == "staff"


def test_manager_changes_a_rate_but_not_its_pair(manager: Client):
    row = quoted(hours=80)
    assert manager.get(page(row)).context["adminform"].form["rate"].value() == "0.003571"
    manager.post(page(row), typed(base="ISK", target="EUR", rate="0.0036"))
    row.refresh_from_db()
    assert (row.base, row.target, row.rate) == ("PKR", "USD", Decimal("0.0036"))
    assert ("Rate", "0.003571", "0.0036") in changes(manager, row)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"base": "PKX"}, {"base": ["Use the three letters of a currency, such as USD."]}),
        ({"target": "pkr"}, {"target": ["Choose two different currencies."]}),
        ({"rate": "0"}, {"rate": ["A rate has to be above zero."]}),
        ({"rate": "-1"}, {"rate": ["A rate has to be above zero."]}),
        (
            {"quoted_at_0": "2999-01-01"},
            {"quoted_at": ["This moment lies in the future. Times here are UTC."]},
        ),
    ],
)
def test_wrong_rates_are_refused_in_words(manager: Client, fields, expected):
    assert errors(manager.post(reverse(ADD), typed(**fields))) == expected
    assert not ExchangeRate.objects.exists()


def test_pair_is_entered_once(manager: Client):
    quoted()
    answer = manager.post(reverse(ADD), typed())
    assert errors(answer) == {"__all__": ["Exchange rate with this From and To already exists."]}


@pytest.mark.parametrize("role", ["Front desk", "Auditor"])
def test_others_read_rates_only(staff, role):
    row, client = quoted(), staff(role)
    assert client.get(listing(ExchangeRate)).status_code == 200
    assert client.get(page(row)).status_code == 200
    assert client.post(page(row), typed(rate="9")).status_code == 403
    assert client.post(reverse(ADD), typed(base="ISK")).status_code == 403
    row.refresh_from_db()
    assert (row.rate, ExchangeRate.objects.count()) == (Decimal("0.003571"), 1)


def test_only_an_owner_removes_a_rate(staff):
    row = quoted()
    assert staff("Manager").post(page(row, "delete"), {"post": "yes"}).status_code == 403
    assert staff("owner").post(page(row, "delete"), {"post": "yes"}).status_code == 302
    assert not ExchangeRate.objects.exists()


def test_new_hotel_begins_with_the_installations_currencies(staff, settings):
    settings.STRIPE_CURRENCY_PRIMARY, settings.STRIPE_CURRENCY_FALLBACK = "PKR", "USD"
    form = staff("owner").get(reverse("admin:bookings_hotel_add")).context["adminform"].form
    assert (form["currency"].value(), form["fallback_currency"].value()) == ("PKR", "USD")


@pytest.fixture
def rupees(own: House, stripe_simulator):
    """A draft over Rs. 10,000 whose guest will be charged in US dollars."""
    stripe_simulator.control("currencies", unsupported=["pkr"])
    charging(own)
    own.hotel.time_zone = "Asia/Karachi"
    own.hotel.save()
    quoted()
    return BookingFactory(room=own.rooms[0], total_amount=1000000)


def money_box(client, booking):
    return [(name, amount) for name, amount, _ in client.get(page(booking)).context["money_lines"]]


def test_money_box_shows_both_currencies_and_the_rate(rupees, manager: Client, stripe_simulator):
    booking = stays.confirmed(stripe_simulator, rupees)
    with stays.by_staff(UserFactory()):
        decisions.refund(booking, amount=500, note="Cold shower")
    at = ExchangeRate.objects.get().quoted_at
    local = booking.hotel.local(at)
    when = f"{local.day} {local:%b %Y, %H:%M} Karachi"
    assert money_box(manager, booking) == [
        ("Total", "Rs. 10,000"),
        ("Charged in USD", "$35.71"),
        ("Rate", "1 PKR = 0.003571 USD"),
        ("Rate of", when),
        ("Source", "State Bank"),
        ("Authorized", "$0.00"),
        ("Captured", "$35.71"),
        ("Refunded", "$5.00"),
        ("Hotel keeps", "$30.71"),
    ]
    charge = f"Rs. 10,000 as $35.71: 1 PKR = 0.003571 USD, State Bank, {when}"
    assert charge in words_of(manager.get(page(booking) + "?tab=payments"))
    assert charge in words_of(manager.get(page(Payment.objects.get())))


def test_money_box_of_an_open_page_says_what_will_be_charged(rupees, manager: Client):
    payment = stays.with_page(rupees)
    assert money_box(manager, payment.booking)[:2] == [("Total", "Rs. 10,000"), ("Charged in USD", "$35.71")]
    assert ("Still to pay", "Rs. 10,000") in money_box(manager, payment.booking)


def test_money_of_another_currency_stands_apart(rupees, manager: Client, stripe_simulator):
    booking = stays.confirmed(stripe_simulator, rupees)
    beside = Payment(booking=booking, attempt_number=2, price=1000000, amount=1000000, currency="PKR")
    beside.capture(amount=1000000, at=timezone.now())
    beside.unwanted_since = timezone.now()
    beside.save()
    assert money_box(manager, booking)[-3:] == [
        ("Hotel keeps", "$35.71"),
        ("Also taken in PKR", "Rs. 10,000"),
        ("Not returned of it in PKR", "Rs. 10,000"),
    ]


def test_dialogs_and_history_speak_the_charged_currency(rupees, manager: Client, stripe_simulator):
    booking = stays.confirmed(stripe_simulator, rupees)
    assert "$35.71 of $35.71" in words_of(manager.get(page(booking, "refund")))
    dialog = manager.get(page(booking, "cancel"))
    assert "Own fee in USD" in words_of(dialog)
    with stays.clock_at(timezone.now() + timedelta(days=20)):
        stays.guest_cancels(booking)
    assert set(changes(manager, booking)) >= {
        ("Total amount", "–", "Rs. 10,000"),
        ("Cancellation fee", "–", "$17.86"),
        ("Refund amount", "–", "$17.85"),
    }
    assert set(changes(manager, Payment.objects.get())) >= {
        ("Price", "–", "Rs. 10,000"),
        ("Amount", "Rs. 10,000", "$35.71"),
        ("Exchange rate", "–", "0.003571"),
        ("Amount refunded", "$0.00", "$17.85"),
    }


def test_guests_who_cannot_pay_are_on_the_worklist(rupees, manager: Client):
    ExchangeRate.objects.all().delete()
    booking = stays.submitted(rupees)
    with stays.by_guest(), pytest.raises(Exception, match="cannot take online payments"):
        checkout.open_payment_page(booking)
    numbers = {each["name"]: each for each in manager.get(reverse("admin:index")).context["numbers"]}
    stuck = numbers["Guests who cannot pay: no exchange rate"]
    assert (stuck["count"], stuck["urgent"]) == (1, True)
    assert booking.booking_id in text(manager.get(stuck["link"]))
    assert "There is no exchange rate from PKR to USD." in words_of(manager.get(page(booking)))
    quoted()
    checkout.open_payment_page(booking)
    assert booking.booking_id not in text(manager.get(stuck["link"]))


def test_other_hotels_stuck_guests_are_not_counted(rupees, foreign: House, stripe_simulator):
    ExchangeRate.objects.all().delete()
    hotel = HotelFactory(currency="PKR")
    other = BookingFactory(room=RoomFactory(room_type=RoomTypeFactory(hotel=hotel)), total_amount=1000000)
    with pytest.raises(Exception, match="has no fallback currency"):
        checkout.open_payment_page(stays.submitted(other))
    client = Client()
    client.force_login(UserFactory(role="Manager", hotels=[foreign.hotel]))
    numbers = {each["name"]: each["count"] for each in client.get(reverse("admin:index")).context["numbers"]}
    assert numbers["Guests who cannot pay: no exchange rate"] == 0
