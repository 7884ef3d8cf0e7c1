"""Minor units and currencies. Amounts are integers; `Decimal` appears only at the edges, float never.

The exponents are Stripe's (docs.stripe.com/currencies): its API counts ISK and UGX in hundredths although
nobody pays with them, and refuses three-decimal amounts whose last digit is not 0.
"""

import re
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, InvalidOperation
from functools import cache, lru_cache
from typing import Final

from babel.core import Locale, UnknownLocaleError, get_global
from babel.numbers import format_decimal, get_currency_precision, get_currency_symbol, get_territory_currencies
from django.utils.translation import get_language
from django.utils.translation import gettext as _

ZERO_DECIMAL = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")
)
THREE_DECIMAL = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))
WHOLE_UNITS_OF_TWO = frozenset({"ISK", "UGX"})
# Nobody writes the paisa of a whole amount, and English readers know the rupee by its own sign.
SHORT_WHEN_WHOLE: Final = frozenset({"PKR"})
SIGNS: Final = {("PKR", "en"): "Rs. "}
# Amounts have at most 19 digits and rates 24, so every product is exact; what is not raises an error.
EXACT: Final = Context(prec=60, traps=[InvalidOperation, Inexact])
# The largest integer that both databases store.
MOST: Final = 2**63 - 1


@dataclass(frozen=True)
class Rate:
    """How many units of `target` one unit of `base` is worth, according to `source`, since `at` (UTC)."""

    base: str
    target: str
    value: Decimal
    source: str
    at: datetime

    def convert(self, amount: int) -> int:
        """Return minor units of `target` for minor units of `base`, half up to what Stripe can move."""
        step = smallest_step(self.target)
        worth = EXACT.multiply(to_decimal(amount, self.base), self.value)
        steps = EXACT.divide(worth.scaleb(exponent(self.target), EXACT), Decimal(step))
        return int(steps.to_integral_value(ROUND_HALF_UP)) * step

    def words(self, language: str = "en") -> str:
        """Return "1 PKR = 0.003571 USD"."""
        value = format_decimal(self.value, "#,##0.############", locale=locale_of(language))
        return f"1 {self.base} = {value} {self.target}"


@cache
def known_currencies() -> frozenset[str]:
    """Return the codes of the money that is legal tender somewhere today, as Unicode lists it."""
    return frozenset(code for land in get_global("territory_currencies") for code in get_territory_currencies(land))


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
    return Decimal(amount).scaleb(-exponent(currency), EXACT)


def to_minor(value: str | Decimal, currency: str) -> int:
    """Return minor units for a number that a person typed; ValueError says why it cannot be paid exactly."""
    try:
        scaled = Decimal(value).scaleb(exponent(currency), EXACT)
    except Inexact:
        raise ValueError(_("This number has too many digits.")) from None
    except InvalidOperation:
        raise ValueError(_("This is not a number.")) from None
    if not scaled.is_finite():
        raise ValueError(_("This is not a number."))
    if abs(scaled) > MOST:
        raise ValueError(_("This amount is too large."))
    amount = int(scaled)
    if scaled != amount or amount % smallest_step(currency):
        raise ValueError(fraction_words(currency))
    return amount


def fraction_words(currency: str) -> str:
    """Return how finely an amount can be paid: "JPY has no decimals."."""
    if currency in ZERO_DECIMAL or currency in WHOLE_UNITS_OF_TWO:
        return _("%(currency)s has no decimals.") % {"currency": currency}
    if currency in THREE_DECIMAL:
        words = _("%(currency)s has three decimals, and the last one is always 0: 12.340 or 12.350, not 12.345.")
        return words % {"currency": currency}
    return _("%(currency)s has two decimals at most.") % {"currency": currency}


def plain(amount: int, currency: str) -> str:
    """Return the decimal string of an API: "272.00"."""
    return f"{to_decimal(amount, currency):f}"


# A list, a report and a page say the same few amounts again and again, and babel takes its time for each.
@lru_cache(maxsize=4096)
def display(amount: int, currency: str, language: str = "en") -> str:
    """Return an amount as people read it, in the given language: "€272.00"."""
    locale = locale_of(language)
    pattern = copy(locale.currency_formats["standard"])
    digits = digits_of(amount, currency)
    pattern.frac_prec = (digits, digits)
    shown = pattern.apply(to_decimal(amount, currency), locale, currency=currency, currency_digits=False)
    sign = SIGNS.get((currency, locale.language))
    if sign:
        return str(shown.replace(get_currency_symbol(currency, locale), sign))
    # Unicode asks for a space between a code and its number (tr35, currencySpacing); babel leaves it out.
    return re.sub(r"([A-Za-z])(\d)", "\\1\N{NO-BREAK SPACE}\\2", shown, count=1)


def spoken(amount: int, currency: str) -> str:
    """Return an amount in the language that is spoken now: "€272.00", "272,00 €"."""
    return display(amount, currency, get_language() or "en")


def digits_of(amount: int, currency: str) -> int:
    """Return how many decimals to show: as many as people write, but never so few that a part is hidden.

    People write no decimals in Serbian dinars, for example, but Stripe moves them in hundredths.
    """
    usual = 0 if currency in SHORT_WHEN_WHOLE else int(get_currency_precision(currency))
    stored = exponent(currency)
    hides_a_part = amount % 10 ** max(0, stored - usual) != 0
    return stored if hides_a_part else usual


def locale_of(language: str) -> Locale:
    """Return babel's locale for a language; English for an unknown one."""
    try:
        return Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en")
