"""Where Stripe refuses the hotel's currency: another one at the stored rate, or a clear no. Never a guess."""

from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from unittest import mock

import pytest
from django.utils import timezone

from bookings.refusals import Refused
from payments import checkout, fallback, gateway, operations, rates, reconcile
from payments.gateway import Declined
from payments.models import PaymentOperation
from tests.factories import UserFactory
from tests.logged import logged
from tests.payments.rupees import SOURCE, draft, quoted
from tests.stays import (
    by_guest,
    by_staff,
    clock_at,
    fresh,
    submitted,
    with_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def pages_made(simulator):
    """How many payment pages there are at Stripe."""
    made = [row for row in simulator.look("requests") if row["path"] == "/v1/checkout/sessions" and row["params"]]
    return len([row for row in made if row["method"] == "POST" and row["status"] == 200 and not row["replayed"]])


def asked(booking):
    """What became of each request for a page, the oldest first."""
    rows = PaymentOperation.objects.filter(booking=booking, kind="create_session").order_by("pk")
    return [(row.status, row.error_code, row.amount, row.currency) for row in rows]


def test_fallback_is_frozen_on_the_payment_and_told_in_its_history(no_rupees):
    rate = quoted()
    payment = with_page(draft())
    assert (payment.price, payment.amount, payment.currency, payment.status) == (1000000, 3571, "USD", "PROCESSING")
    assert (payment.exchange_rate, payment.rate_source, payment.rate_at) == (rate.rate, SOURCE, rate.quoted_at)
    assert asked(payment.booking) == [
        ("failed", "currency_refused", 1000000, "PKR"),
        ("succeeded", "", 3571, "USD"),
    ]
    told = payment.history.get(transition="fall_back")
    words = "Stripe does not take PKR: Rs. 10,000 is charged as $35.71, at 1 PKR = 0.003571 USD (State Bank)."
    assert (told.history_change_reason, told.actor_kind) == (words, "guest")
    newest = PaymentOperation.objects.first()
    assert (newest.details["actor"]["kind"], newest.details["reason"]) == ("guest", words)


@pytest.mark.django_db(transaction=True)
def test_fallback_is_logged(no_rupees):
    quoted()
    with logged() as log:
        payment = with_page(draft())
    line = log.one("currency.fallback")
    assert {key: line[key] for key in ("booking", "price", "price_currency", "amount", "currency", "rate")} == {
        "booking": payment.booking.booking_id,
        "price": 1000000,
        "price_currency": "PKR",
        "amount": 3571,
        "currency": "USD",
        "rate": "0.003571000000",
    }


def test_the_same_converted_page_is_returned_while_it_lives(no_rupees):
    rate = quoted()
    payment = with_page(draft())
    rate.rate = Decimal("0.004")
    rate.save()
    outcome, again = checkout.open_payment_page(payment.booking)
    assert (outcome.state, again.pk, again.session_url, again.amount) == (
        "already",
        payment.pk,
        payment.session_url,
        3571,
    )
    assert pages_made(no_rupees) == 1


def test_each_attempt_asks_in_the_own_currency_first(no_rupees):
    quoted()
    payment = with_page(draft())
    no_rupees.control(f"expire/{payment.stripe_checkout_session_id}")
    operations.refresh(payment)
    no_rupees.control("currencies", unsupported=[])
    _, again = checkout.open_payment_page(payment.booking)
    assert (again.attempt_number, again.amount, again.currency, again.exchange_rate) == (2, 1000000, "PKR", None)


# What can be missing, and what staff read then.
REFUSALS = {
    "no rate": (
        {},
        None,
        "rate_missing",
        "Stripe refused the currency PKR. There is no exchange rate from PKR to USD. "
        "Enter a new one under Money, Exchange rates.",
    ),
    "only the other way round": (
        {},
        {"value": "280", "base": "USD", "target": "PKR"},
        "rate_missing",
        "Stripe refused the currency PKR. There is no exchange rate from PKR to USD. "
        "Enter a new one under Money, Exchange rates.",
    ),
    "no fallback": (
        {"fallback_currency": ""},
        {},
        "fallback_missing",
        "Stripe refused the currency PKR, and Indus House has no fallback currency. "
        "A manager can choose one in the hotel's settings.",
    ),
    "fallback is the own currency": (
        {"fallback_currency": "PKR"},
        {},
        "fallback_missing",
        "Stripe refused the currency PKR, and Indus House has no fallback currency. "
        "A manager can choose one in the hotel's settings.",
    ),
    "too little": (
        {},
        {"value": "0.0000001"},
        "too_little_to_convert",
        "Stripe refused the currency PKR. Rs. 10,000 is too little to be charged in USD.",
    ),
}


@pytest.mark.parametrize(("hotel", "stored", "code", "words"), REFUSALS.values(), ids=REFUSALS)
def test_without_a_rate_nothing_is_guessed(no_rupees, hotel, stored, code, words):
    if stored is not None:
        quoted(**stored)
    booking = submitted(draft(**hotel))
    refusal = refused(booking)
    assert (refusal.message, refusal.code, refusal.extra) == (words, "ERR_CURRENCY", {})
    assert asked(booking) == [("failed", code, 1000000, "PKR")]
    assert_untouched(no_rupees, booking)


def refused(booking):
    with by_staff(UserFactory()), pytest.raises(Refused) as found:
        checkout.open_payment_page(booking)
    return found.value


def assert_untouched(simulator, booking):
    """Nothing is open, here or at Stripe, and the attempt is not used up."""
    payment = booking.payments.get()
    assert (payment.status, payment.attempt_number, payment.stripe_checkout_session_id) == ("NOT_INITIATED", 1, None)
    assert (fresh(booking).status, pages_made(simulator)) == ("PENDING_PAYMENT", 0)
    assert not booking.operations.filter(status="pending").exists()


def test_rate_is_good_up_to_the_second_that_the_hotel_allows(no_rupees):
    now = timezone.now()
    with clock_at(now):
        row = quoted(age=timedelta(hours=72))
        assert with_page(draft()).amount == 3571
        later = submitted(draft())
    with clock_at(now + timedelta(seconds=1)):
        message = refused(later).message
    when = f"{row.quoted_at.day} {row.quoted_at:%B %Y, %H:%M} UTC"
    assert message == (
        f"Stripe refused the currency PKR. The exchange rate from PKR to USD is of {when}, older than the 72 hours "
        "that the hotel allows. Enter a new one under Money, Exchange rates."
    )
    assert asked(later)[0][1] == "rate_too_old"
    payment = later.payments.get()
    assert (payment.status, payment.currency, payment.exchange_rate) == ("NOT_INITIATED", "PKR", None)


def test_rate_of_the_future_does_not_count():
    row = quoted(age=timedelta(minutes=-1))
    with pytest.raises(rates.NoRate, match="is dated in the future"):
        rates.rate_for(row.base, row.target, now=timezone.now(), max_age=timedelta(hours=72))


def test_guest_reads_nothing_of_rates_and_settings(no_rupees):
    booking = submitted(draft())
    with by_guest(), pytest.raises(Refused) as found:
        checkout.open_payment_page(booking)
    words = "Indus House cannot take online payments just now. Nothing was charged; please contact the hotel."
    assert (found.value.message, found.value.code) == (words, "ERR_CURRENCY")


def test_attempt_is_not_burnt_by_a_missing_rate(no_rupees):
    booking = submitted(draft())
    refused(booking)
    refused(booking)
    quoted()
    _, payment = checkout.open_payment_page(booking)
    assert (payment.attempt_number, payment.amount, payment.currency) == (1, 3571, "USD")
    assert booking.payments.count() == 1


def test_fallback_that_stripe_refuses_too_is_told(no_rupees):
    no_rupees.control("currencies", unsupported=["pkr", "usd"])
    quoted()
    booking = submitted(draft())
    assert refused(booking).message == (
        "Stripe refused the currency USD, too, which Indus House has as its fallback. "
        "A manager can choose one in the hotel's settings."
    )
    assert_untouched(no_rupees, booking)
    no_rupees.control("currencies", unsupported=[])
    _, payment = checkout.open_payment_page(booking)
    assert (payment.attempt_number, payment.amount, payment.currency, payment.exchange_rate) == (
        1,
        1000000,
        "PKR",
        None,
    )


def test_amount_below_stripes_minimum_is_no_matter_of_currency(no_rupees):
    quoted()
    booking = submitted(draft(price=5000))  # Rs. 50 are 18 cents
    with pytest.raises(Declined) as found:
        checkout.open_payment_page(booking)
    assert found.value.code == "amount_too_small"
    assert_untouched(no_rupees, booking)


@pytest.mark.parametrize(
    ("param", "code", "expected"),
    [
        ("line_items[0][price_data][currency]", None, "currency_refused"),
        ("currency", None, "currency_refused"),
        ("line_items[0][price_data][currency]", "parameter_missing", "parameter_missing"),
        ("line_items[0][price_data][currency_options]", None, "InvalidRequestError"),
        (None, "amount_too_small", "amount_too_small"),
    ],
)
def test_only_a_refused_currency_counts_as_one(param, code, expected):
    error = gateway.stripe.InvalidRequestError("Invalid currency: pkr.", param, code=code)
    assert gateway._code_of(error) == expected


class Killed(BaseException):
    """The process dies here."""


@contextmanager
def dying(target, name, *, when=lambda *_, **__: True, after=False):
    """Die at the first matching call of a function; with `after`, once it has done its work."""
    real = getattr(target, name)

    def die(*arguments, **named):
        if not when(*arguments, **named):
            return real(*arguments, **named)
        if after:
            real(*arguments, **named)
        raise Killed

    with mock.patch.object(target, name, die), pytest.raises(Killed):
        yield


def in_dollars(request, **_):
    return request["line_items"][0]["price_data"]["currency"] == "usd"


DEATHS = {
    "before the refusal is written down": (operations, "settle", {}),
    "between the refusal and the other page": (fallback, "open_page", {}),
    "before the other page is asked for": (gateway, "create_session", {"when": in_dollars}),
    "after Stripe has made the other page": (gateway, "create_session", {"when": in_dollars, "after": True}),
}


@pytest.mark.parametrize(("target", "name", "how"), DEATHS.values(), ids=DEATHS)
def test_death_on_the_way_to_the_fallback_is_recovered(no_rupees, target, name, how):
    quoted()
    booking = submitted(draft())
    with by_guest(), dying(target, name, **how):
        checkout.open_payment_page(booking)
    reconcile.reconcile(timezone.now() + timedelta(seconds=10))
    payment = booking.payments.get()
    assert (payment.status, payment.amount, payment.currency) == ("PROCESSING", 3571, "USD")
    assert [row[:2] for row in asked(booking)] == [("failed", "currency_refused"), ("succeeded", "")]
    assert pages_made(no_rupees) == 1
    outcome, again = checkout.open_payment_page(booking)
    assert (outcome.state, again.session_url) == ("already", payment.session_url)
    told = payment.history.get(transition="fall_back")
    assert told.actor_kind == "guest"


def test_who_hears_of_the_refusal_second_is_led_to_the_same_page(no_rupees):
    quoted()
    booking = submitted(draft())
    real, heard = operations.settle, []

    def settle(payment, seen, *, asked=None, refusal=None):
        if refusal and not heard:
            heard.append(refusal)
            assert operations.resolve(asked)  # the worker was quicker
        return real(payment, seen, asked=asked, refusal=refusal)

    with by_guest(), mock.patch.object(operations, "settle", settle):
        outcome, payment = checkout.open_payment_page(booking)
    assert (outcome.state, payment.currency, payment.status) == ("already", "USD", "PROCESSING")
    assert (pages_made(no_rupees), len(asked(booking))) == (1, 2)
