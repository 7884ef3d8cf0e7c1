"""Currencies as Stripe counts them: minor units, minimums, and how a person reads an amount.

Source of the rules: docs.stripe.com/currencies (zero-decimal, special cases, minimum charge amounts).
"""

from __future__ import annotations

from payments.simulator.catalogue import CURRENCIES, THREE_DECIMAL, ZERO_DECIMAL
from payments.simulator.errors import StripeRefusal, invalid

# Whole units only, but sent with two decimals for backwards compatibility.
WHOLE_BUT_TWO_DECIMAL = frozenset(["isk", "ugx"])
MOST = 99_999_999
_MINIMUM = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300,
    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip


def exponent(currency: str) -> int:
    """How many decimals the minor unit of `currency` has in Stripe's API."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def display(amount: int, currency: str) -> str:
    """`amount` in minor units for a person: "1,234.50 EUR"."""
    places = exponent(currency)
    whole, rest = divmod(abs(amount), 10**places)
    sign = "-" if amount < 0 else ""
    decimals = f".{rest:0{places}d}" if places else ""
    return f"{sign}{whole:,}{decimals} {currency.upper()}"


def check_currency(currency: str, unsupported: list[str], param: str) -> None:
    """Refuse a code Stripe doesn't know, or one the account (by configuration) can't charge."""
    if currency not in CURRENCIES:
        raise invalid(_currency_message(currency, []), param=param)
    if currency in unsupported:
        # Whether an account can charge a currency is looked up while executing, so the refusal is kept.
        raise invalid(_currency_message(currency, unsupported), param=param, stored=True)


def _currency_message(currency: str, unsupported: list[str]) -> str:
    supported = ", ".join(code for code in CURRENCIES if code not in unsupported)
    return f"Invalid currency: {currency}. Stripe currently supports these currencies: {supported}"


def check_granularity(amount: int, currency: str, param: str) -> None:
    """ISK and UGX have no minor unit though they're sent with one; three-decimal amounts end in 0."""
    if currency in WHOLE_BUT_TWO_DECIMAL and amount % 100:
        message = f"Invalid amount: {currency.upper()} amounts must be evenly divisible by 100."
        raise invalid(message, param=param)
    if currency in THREE_DECIMAL and amount % 10:
        message = f"Invalid amount: {currency.upper()} amounts must be evenly divisible by 10."
        raise invalid(message, param=param)


def check_unit_amount(amount: int, param: str) -> None:
    """A price is not negative and has at most eight digits."""
    if amount < 0:
        message = "This value must be greater than or equal to 0."
        raise invalid(message, param=param, code="parameter_invalid_integer")
    if amount > MOST:
        raise invalid(f"Invalid integer: must be no more than {MOST}", param=param, code="amount_too_large")


def check_total(amount: int, currency: str) -> None:
    """A Checkout total is within Stripe's minimum and maximum charge."""
    least = _MINIMUM.get(currency, 1)
    if amount < least:
        message = f"The Checkout Session's total amount due must add up to at least {display(least, currency)}"
        raise invalid(message, param="line_items", code="amount_too_small")
    if amount > MOST:
        message = f"The Checkout Session's total amount due must be no more than {display(MOST, currency)}."
        raise invalid(message, param="line_items", code="amount_too_large")


def check_part(amount: int, param: str) -> None:
    """An amount to capture or refund is at least one minor unit."""
    if amount < 1:
        raise StripeRefusal("Invalid positive integer", param=param, code="parameter_invalid_integer", stored=False)
