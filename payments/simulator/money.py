"""Currencies as Stripe counts them: minor units, limits, and how a person reads an amount.

Source of the rules: docs.stripe.com/currencies (zero-decimal, special cases, minimum and maximum charge amounts).
"""

from __future__ import annotations

from payments.simulator.catalogue import CURRENCIES, THREE_DECIMAL, ZERO_DECIMAL
from payments.simulator.errors import StripeRefusal, invalid

# Whole units only, but sent with two decimals for backwards compatibility.
WHOLE_BUT_TWO_DECIMAL = frozenset(["isk", "ugx"])
COUNTRY = "US"
_SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥"}
# Eight digits for most currencies; these may have more. Where the page's digits and its number disagree, the
# smaller one counts here.
_MOST = 99_999_999
_MOST_OF = {
    "idr": 999_999_999_999, "inr": 999_999_999, "lbp": 99_999_999_999_999, "cop": 999_999_999_999,
    "huf": 999_999_999_999, "jpy": 9_999_999_999,
}  # fmt: skip
# The minimum belongs to the currency in which the account is paid out. Others must be worth as much as the
# minimum of the account's own; without a rate the simulator takes those from `POST /_sim/currencies`.
_LEAST_OF = {
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


def quoted(amount: int, currency: str) -> str:
    """`amount` as Stripe's own messages write it: "$40.00", "€0.50"; other currencies by their code."""
    number, code = display(amount, currency).replace(",", "").rsplit(" ", 1)
    return f"{_SYMBOLS.get(currency, code + ' ')}{number}"


def check_currency(currency: str, unsupported: list[str], param: str) -> None:
    """Refuse a code Stripe doesn't know, or one the account (by configuration) can't charge.

    Both refusals carry the parameter and no code. Which currencies an account may present depends on its country
    (docs.stripe.com/currencies#presentment-currencies).
    """
    if currency not in CURRENCIES:
        message = f"Invalid currency: {currency}. Stripe currently supports these currencies: {_listed([])}"
        raise invalid(message, param=param)
    if currency in unsupported:
        # Whether an account can charge a currency is looked up while executing, so the refusal is kept.
        raise invalid(
            f"Invalid currency: {currency}. Stripe accounts in {COUNTRY} do not support {currency}. Your account "
            f"currently supports these currencies: {_listed(unsupported)}",
            param=param,
            stored=True,
        )


def _listed(unsupported: list[str]) -> str:
    return ", ".join(code for code in CURRENCIES if code not in unsupported)


def most(currency: str) -> int:
    """The largest amount of one charge, in minor units."""
    return _MOST_OF.get(currency, _MOST)


def least(currency: str, configured: dict[str, int]) -> int:
    """The smallest amount of one charge, in minor units; `configured` overrules Stripe's table."""
    return configured.get(currency, _LEAST_OF.get(currency, 1))


def check_granularity(amount: int, currency: str, param: str) -> None:
    """ISK and UGX have no minor unit though they're sent with one; three-decimal amounts end in 0."""
    if currency in WHOLE_BUT_TWO_DECIMAL and amount % 100:
        message = f"Invalid amount: {currency.upper()} amounts must be evenly divisible by 100."
        raise invalid(message, param=param)
    if currency in THREE_DECIMAL and amount % 10:
        message = f"Invalid amount: {currency.upper()} amounts must be evenly divisible by 10."
        raise invalid(message, param=param)


def check_unit_amount(amount: int, currency: str, param: str) -> None:
    """A price is not negative and no larger than a charge may be."""
    if amount < 0:
        message = "This value must be greater than or equal to 0."
        raise invalid(message, param=param, code="parameter_invalid_integer")
    if amount > most(currency):
        message = f"Invalid integer: must be no more than {most(currency)}"
        raise invalid(message, param=param, code="amount_too_large")


def check_total(amount: int, currency: str, configured: dict[str, int]) -> None:
    """A Checkout total is within Stripe's minimum and maximum charge; no parameter is to blame for it."""
    about = "The Checkout Session's total amount due must"
    smallest, largest = least(currency, configured), most(currency)
    if amount < smallest:
        message = f"{about} add up to at least {quoted(smallest, currency)} {currency}"
        raise invalid(message, code="amount_too_small")
    if amount > largest:
        raise invalid(f"{about} be no more than {quoted(largest, currency)} {currency}", code="amount_too_large")


def check_part(amount: int, param: str) -> None:
    """An amount to refund is at least one minor unit."""
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise StripeRefusal(message, param=param, code="parameter_invalid_integer", stored=False)
