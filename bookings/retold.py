"""Sentences that were stored in English, told again in the language that is spoken now.

Records are written in English. Their words are sentences of ours, filled in: the catalogs know them, so that a person
at the desk reads a refusal of last night's run as if it had been said just now. What a person typed stays as it is.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from babel.messages.mofile import read_mo
from django.conf import settings
from django.utils.translation import gettext

from bookings.spoken import is_english, text_language

PLACEHOLDER: Final = re.compile(r"%\((\w+)\)s")
# With fewer letters of its own a pattern would recognise anything.
OWN_LETTERS: Final = 12


def retold(text: str) -> str:
    """Return a stored English text in the language that is spoken now; as it is where nobody has translated it."""
    return text if is_english() or not text else in_language(text, text_language())


@lru_cache(maxsize=2048)
def in_language(text: str, language: str) -> str:
    """Return a text in the active language, which is named for the memory's sake: whole, or sentence by sentence."""
    if (found := translated(text, language)) is not None:
        return found
    # A reason that somebody typed may follow a sentence of ours, as in "Paid out by hand, Cash.".
    head, dot, tail = text.partition(". ")
    if dot and (begun := translated(f"{head}.", language)) is not None:
        return f"{begun} {in_language(tail, language)}"
    return text


def translated(text: str, language: str) -> str | None:
    """Return what the catalogs make of one sentence, and of what is filled in; None where they do not know it."""
    if text in plain(language):
        return gettext(text)
    for sentence, pattern in patterns(language):
        if match := pattern.fullmatch(text):
            return gettext(sentence) % {key: in_language(value, language) for key, value in match.groupdict().items()}
    return None


def sentences(language: str) -> Iterator[str]:
    """Yield every English text that has a translation."""
    for place in settings.LOCALE_PATHS:
        compiled = Path(place) / language / "LC_MESSAGES" / "django.mo"
        if compiled.exists():
            with compiled.open("rb") as source:
                yield from (each.id for each in read_mo(source) if isinstance(each.id, str) and not each.context)


@cache
def plain(language: str) -> frozenset[str]:
    """Return the texts that have nothing to fill in."""
    return frozenset(each for each in sentences(language) if each and "%(" not in each)


@cache
def patterns(language: str) -> list[tuple[str, re.Pattern[str]]]:
    """Return the sentences that have something to fill in, the most telling first."""
    found = [each for each in sentences(language) if "%(" in each and own(each) >= OWN_LETTERS]
    return [(each, pattern_of(each)) for each in sorted(found, key=own, reverse=True)]


def own(sentence: str) -> int:
    """Return how many characters a sentence has of its own."""
    return len(PLACEHOLDER.sub("", sentence))


def pattern_of(sentence: str) -> re.Pattern[str]:
    """Return what recognises a sentence, whatever was filled in."""
    parts, seen = [], set[str]()
    for number, part in enumerate(PLACEHOLDER.split(sentence)):
        if number % 2 == 0:
            parts.append(re.escape(part.replace("%%", "%")))
        else:
            parts.append(f"(?P={part})" if part in seen else f"(?P<{part}>.+?)")
            seen.add(part)
    return re.compile("".join(parts), re.DOTALL)
