"""What may be charged in which currency (docs.stripe.com/currencies)."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from payments.simulator.catalogue import CURRENCIES, THREE_DECIMAL, ZERO_DECIMAL
from tests.simulator.world import Simulator, line_item

PRICE = "line_items[0][price_data]"


def session(simulator: Simulator, amount: int, currency: str, quantity: int = 1) -> stripe.checkout.Session:
    """A session over one line."""
    return simulator.checkout(line_items=[line_item(amount, currency, quantity)])


def refusal(simulator: Simulator, *line: Any) -> stripe.InvalidRequestError:
    """Why a session is refused; nothing may have been made."""
    with pytest.raises(stripe.InvalidRequestError) as error:
        session(simulator, *line)
    assert simulator.stripe.checkout.sessions.list().data == []
    return error.value


@pytest.mark.parametrize("currency", CURRENCIES)
def test_every_currency_can_be_charged_and_refunded(simulator: Simulator, currency: str) -> None:
    paid = simulator.pay(session(simulator, 50000, currency))["payment_intent"]
    assert simulator.stripe.payment_intents.capture(paid).amount_received == 50000
    refund = simulator.stripe.refunds.create({"payment_intent": paid, "amount": 10000})
    assert (refund.amount, refund.currency) == (10000, currency)


@pytest.mark.parametrize(("currency", "step"), [("isk", 100), ("ugx", 100), *((code, 10) for code in THREE_DECIMAL)])
def test_whole_units_and_last_digits_are_kept_everywhere(simulator: Simulator, currency: str, step: int) -> None:
    assert refusal(simulator, 50000 + step // 2, currency).param == f"{PRICE}[unit_amount]"
    held = simulator.pay(session(simulator, 50000, currency))["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError, match=f"evenly divisible by {step}"):
        simulator.stripe.payment_intents.capture(held, {"amount_to_capture": 40000 + step // 2})
    simulator.stripe.payment_intents.capture(held)
    with pytest.raises(stripe.InvalidRequestError, match=f"evenly divisible by {step}"):
        simulator.stripe.refunds.create({"payment_intent": held, "amount": step // 2})
    assert simulator.stripe.refunds.create({"payment_intent": held, "amount": step}).amount == step


@pytest.mark.parametrize("currency", ZERO_DECIMAL)
def test_zero_decimal_amounts_are_what_they_say(simulator: Simulator, currency: str) -> None:
    assert session(simulator, 12345, currency).amount_total == 12345


@pytest.mark.parametrize(
    ("currency", "least", "shown"),
    [
        ("eur", 50, "€0.50 eur"),
        ("usd", 50, "$0.50 usd"),
        ("gbp", 30, "£0.30 gbp"),
        ("jpy", 50, "¥50 jpy"),
        ("czk", 1500, "CZK 15.00 czk"),
        ("huf", 17500, "HUF 175.00 huf"),
    ],
)
def test_least_amount_of_a_currency(simulator: Simulator, currency: str, least: int, shown: str) -> None:
    error = refusal(simulator, least - 1, currency)
    assert (error.code, error.param) == ("amount_too_small", None)
    assert str(error.user_message).endswith(f"must add up to at least {shown}")
    assert session(simulator, least, currency).amount_total == least


@pytest.mark.parametrize(
    ("currency", "most"),
    [
        ("eur", 99_999_999),
        ("kwd", 99_999_990),
        ("idr", 999_999_999_999),
        ("inr", 999_999_999),
        ("jpy", 9_999_999_999),
    ],
)
def test_largest_amount_of_a_currency(simulator: Simulator, currency: str, most: int) -> None:
    step = 10 if currency == "kwd" else 1
    error = refusal(simulator, most + step, currency)
    assert (error.code, error.param) == ("amount_too_large", f"{PRICE}[unit_amount]")
    total = refusal(simulator, most, currency, 2)
    assert (total.code, total.param) == ("amount_too_large", None)
    assert session(simulator, most, currency).amount_total == most


def test_least_amount_in_a_currency_that_is_converted_is_configured(simulator: Simulator) -> None:
    assert session(simulator, 1, "pkr").amount_total == 1
    simulator.control("POST", "reset", {})
    simulator.control("POST", "currencies", {"minimums": {"PKR": 14000}})
    assert refusal(simulator, 13999, "pkr").code == "amount_too_small"
    assert session(simulator, 14000, "pkr").amount_total == 14000


def test_currency_that_the_account_cannot_charge_is_refused_by_name(simulator: Simulator) -> None:
    simulator.control("POST", "currencies", {"unsupported": ["PKR"]})
    error = refusal(simulator, 1000000, "pkr")
    assert (error.http_status, error.code, error.param) == (400, None, f"{PRICE}[currency]")
    assert error.error.type == "invalid_request_error"
    message = str(error.user_message)
    assert message.startswith("Invalid currency: pkr. Stripe accounts in US do not support pkr. Your account ")
    assert ", pkr," not in message
    assert session(simulator, 10000, "usd").currency == "usd"


def test_currency_that_is_none_is_refused_before_it_counts(simulator: Simulator) -> None:
    error = refusal(simulator, 1000, "xyz")
    assert (error.code, error.param) == (None, f"{PRICE}[currency]")
    assert str(error.user_message).startswith(
        "Invalid currency: xyz. Stripe currently supports these currencies: usd"
    )
