"""Amounts as people type and read them in a form, in the language of their desk: "1,234.50", or "1.234,50"."""

import re
from typing import Any, Final

from babel.numbers import get_decimal_symbol
from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext as _
from unfold.widgets import UnfoldAdminTextInputWidget

from bookings.spoken import locale
from payments.money import exponent, fraction_words, plain, smallest_step, to_minor

UNITS: Final = re.compile(r"\d{1,12}", re.ASCII)
GROUPED: Final = re.compile(r"[1-9]\d{0,2}([.,]\d{3}){1,3}", re.ASCII)
DECIMALS: Final = re.compile(r"\d{1,3}", re.ASCII)
# Each is the decimal sign to some and parts thousands to others.
OTHER: Final = {".": ",", ",": "."}


class AmountField(forms.CharField):
    """An amount of money that a person types; cleaned to minor units of the currency."""

    def __init__(self, *, currency: str = "", **kwargs: Any) -> None:
        self.currency = currency
        attrs = {"inputmode": "decimal", "autocomplete": "off"}
        super().__init__(**{"widget": UnfoldAdminTextInputWidget(attrs=attrs), **kwargs})

    def prepare_value(self, value: Any) -> Any:
        """Show minor units as a decimal number; leave alone what was typed."""
        return typed(value, self.currency) if isinstance(value, int) else value

    def clean(self, value: Any) -> Any:
        """Return minor units, or None for an empty optional field."""
        text = super().clean(value)
        return minor_units(text, self.currency) if text else None

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what was shown with what came back."""
        return super().has_changed(self.prepare_value(initial), data)


def minor_units(text: str, currency: str) -> int:
    """Return the minor units of a typed amount; ValidationError says how to write it."""
    try:
        return read(text, currency)
    except ValueError as error:
        raise forms.ValidationError(str(error)) from error


def read(text: str, currency: str) -> int:
    """Return the minor units of an amount as the active language writes it; ValueError says how to write it."""
    sign = decimal_sign()
    units, point, decimals = text.partition(sign)
    if not is_number(units, OTHER[sign]) or (point and not DECIMALS.fullmatch(decimals)):
        raise ValueError(_("Write the amount in digits, such as %(sample)s.") % {"sample": sample(currency)})
    bare = units.replace(OTHER[sign], "")
    if bare != units and not point and units.count(OTHER[sign]) == 1:
        raise ValueError(ambiguous_words(text, bare, currency))
    try:
        if len(decimals) > exponent(currency):  # "1.500" may be meant as fifteen hundred
            raise ValueError(fraction_words(currency))
        return to_minor(f"{bare}.{decimals or 0}", currency)
    except ValueError as error:
        words = _("%(error)s Write it like %(sample)s.")
        raise ValueError(words % {"error": error, "sample": sample(currency)}) from error


def is_number(units: str, group: str) -> bool:
    """Whether something is a whole number, with its thousands parted by the sign or not at all."""
    return bool(UNITS.fullmatch(units) or (OTHER[group] not in units and GROUPED.fullmatch(units)))


def ambiguous_words(text: str, bare: str, currency: str) -> str:
    """Return why "1.234" is not taken: a colleague from elsewhere reads it as little more than one."""
    words = _("“%(text)s” can be read in two ways. Write %(bare)s, or with decimals, such as %(sample)s.")
    return words % {"text": text, "bare": bare, "sample": sample(currency)}


def decimal_sign() -> str:
    """Return the decimal sign of the active language."""
    return "," if get_decimal_symbol(locale()) == "," else "."


def typed(amount: int, currency: str) -> str:
    """Return minor units as they are typed in the active language: "272.00", or "272,00"."""
    return plain(amount, currency).replace(".", decimal_sign())


def sample(currency: str) -> str:
    """Return an amount as it is typed in a currency: "120.50", or "120" where there are no fractions."""
    unit = 10 ** exponent(currency)
    amount = 120 * unit + unit // 2
    return typed(amount - amount % smallest_step(currency), currency)


def with_sample(words: Any, amount: int) -> Any:
    """Return help that shows how an amount of cents is typed, in the language in which it is read."""
    return lazy(lambda: str(words) % {"sample": typed(amount, "EUR")}, str)()
