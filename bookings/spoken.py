"""Dates in the language that is spoken now: a guest's page, a person's desk, English in records."""

from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from babel.core import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from django.conf import settings
from django.utils.translation import get_language, get_supported_language_variant

# Babel's plain English is American: month first, twelve hours. Hotels here write "Tue 1 Dec, 15:00".
ENGLISH: Final = "en"


def text_language(wanted: str | None = None) -> str:
    """Return the language nearest to the wanted (or active) one that the texts are translated into."""
    try:
        return get_supported_language_variant(wanted or get_language() or settings.LANGUAGE_CODE)
    except LookupError:
        return settings.LANGUAGE_CODE


def is_english() -> bool:
    """Whether the texts are English now."""
    return text_language() == ENGLISH


def formatted(value: date, english: str, skeleton: str) -> str:
    """Return a date by the pattern for English, or by the language's own order."""
    if is_english():
        return str(format_date(value, english, locale=locale()))
    return str(format_skeleton(skeleton, datetime.combine(value, time(0)), tzinfo=None, locale=locale()))


def lowered(name: object) -> str:
    """Return a name as it stands within a sentence: German nouns stay as they are."""
    return str(name).lower() if is_english() else str(name)


def number(value: int) -> str:
    """Return "1,234", or "1.234"."""
    return str(format_decimal(value, "#,##0", locale=locale()))


def share(tenths: int) -> str:
    """Return tenths of a percent as "26.7 %", or "26,7 %"."""
    return f"{format_decimal(Decimal(tenths).scaleb(-1), '#,##0.0', locale=locale())} %"


def locale() -> Locale:
    """Return babel's locale for the language of the texts."""
    return Locale.parse(text_language(), sep="-")
