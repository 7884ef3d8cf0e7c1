"""Minor units and currencies. Amounts are integers; `Decimal` appears only at the edges, float never.

The exponents are Stripe's (docs.stripe.com/currencies): its API counts ISK and UGX in hundredths although
nobody pays with them, and refuses three-decimal amounts whose last digit is not 0.
"""

import re
from decimal import Decimal, InvalidOperation

from babel.core import Locale, UnknownLocaleError
from babel.numbers import format_currency

ZERO_DECIMAL = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")
)
THREE_DECIMAL = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))
WHOLE_UNITS_OF_TWO = frozenset({"ISK", "UGX"})


def exponent(currency: str) -> int:
    """Return how many decimals a currency's minor unit stands for."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def smallest_step(currency: str) -> int:
    """Return the smallest amount that Stripe moves, in minor units."""
    if currency in THREE_DECIMAL:
        return 10
    return 100 if currency in WHOLE_UNITS_OF_TWO else 1


def to_decimal(amount: int, currency: str) -> Decimal:
    """Return minor units as a decimal number of the currency's units."""
    return Decimal(amount).scaleb(-exponent(currency))


def to_minor(value: str | Decimal, currency: str) -> int:
    """Return minor units for a number that a person typed; ValueError when it cannot be paid exactly."""
    try:
        scaled = Decimal(value).scaleb(exponent(currency))
    except InvalidOperation:
        raise ValueError("This is not a number.") from None
    if not scaled.is_finite() or scaled != scaled.to_integral_value():
        raise ValueError(f"{currency} has no such fraction.")
    amount = int(scaled)
    if amount % smallest_step(currency):
        raise ValueError(f"{currency} has no such fraction.")
    return amount


def plain(amount: int, currency: str) -> str:
    """Return the decimal string of an API: "272.00"."""
    return f"{to_decimal(amount, currency):f}"


def display(amount: int, currency: str, language: str = "en") -> str:
    """Return an amount as people read it, in the given language: "€272.00"."""
    try:
        locale = Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        locale = Locale.parse("en")
    shown = format_currency(to_decimal(amount, currency), currency, locale=locale)
    # Unicode asks for a space between a code and its number (tr35, currencySpacing); babel leaves it out.
    return re.sub(r"([A-Za-z])(\d)", "\\1\N{NO-BREAK SPACE}\\2", shown, count=1)
