"""How one guest is recognised in texts: by name, e-mail, phone and own words, however they are written. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote

from bookings.audit import ERASED

# Between two digits of a phone number, or two parts of a name.
BETWEEN: Final = r"[\s().\-/]{0,3}"
# The last digits tell a number apart with and without its country code.
TAIL: Final = 7
SHORTEST_NUMBER: Final = 5
SHORTEST_WORD: Final = 2
# From this length on a word is also found inside `an_identifier`; shorter ones would be found in Stripe's ids.
LONG_WORD: Final = 4
# No letter and no digit before or after.
ALONE: Final = (r"(?<![^\W_])", r"(?![^\W_])")
NOBODY: Final = re.compile(r"(?!)")


@dataclass(frozen=True)
class KnownGuest:
    """Everything by which a guest was ever known: now and in the history. `words` are texts of their own."""

    names: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What is blotted out, in any case. At one place the first of the patterns that fits is taken."""
        found = dict.fromkeys((*self.whole(), *sorted(self.parts(), key=len, reverse=True)))
        return re.compile("|".join(found), re.IGNORECASE) if found else NOBODY

    def whole(self) -> Iterator[str]:
        """Yield a pattern for each thing that is known."""
        for text in each_spelling(self.words):
            # A single word, such as "illness", is theirs only where it is all that is said.
            yield bounded(re.escape(text)) if len(text.split()) > 1 else rf"\A\s*{re.escape(text)}\s*\Z"
        for address in each_spelling(self.emails):
            yield from (re.escape(address), re.escape(quote(address)))
        for name in each_spelling(self.names):
            yield from of_name(split(name))
        for number in self.phones:
            yield from of_phone(number)

    def parts(self) -> Iterator[str]:
        """Yield a pattern for each part that is known: first names, last names, what stands before an @."""
        for name in each_spelling(self.names):
            yield from words_of(split(name), shortest=SHORTEST_WORD)
        for address in each_spelling(self.emails):
            yield from words_of([address.partition("@")[0]], shortest=LONG_WORD)

    def scrub(self, text: str) -> str:
        """Return a text without the guest."""
        composed = unicodedata.normalize("NFC", text)
        scrubbed = self.pattern.sub(ERASED, composed)
        return text if scrubbed == composed else scrubbed

    def scrub_all(self, value: Any) -> Any:
        """Return a JSON value without the guest; names of fields, numbers and the shape stay."""
        if isinstance(value, dict):
            return {key: self.scrub_all(each) for key, each in value.items()}
        if isinstance(value, list):
            return [self.scrub_all(each) for each in value]
        return self.scrub(value) if isinstance(value, str) else value

    def is_contact(self, contact: str) -> bool:
        """Whether somebody typed this guest's e-mail or phone number."""
        return self.scrub(contact) != contact


def each_spelling(texts: Iterable[str]) -> Iterator[str]:
    """Yield each text as it is, composed and decomposed, and without accents."""
    for text in texts:
        if stripped := text.strip():
            decomposed = unicodedata.normalize("NFD", stripped)
            plain = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
            yield from {stripped, unicodedata.normalize("NFC", stripped), decomposed, plain, stripped.casefold()}


def split(name: str) -> list[str]:
    """Return the parts of a name."""
    return re.findall(r"[^\s,;]+", name)


def of_name(parts: list[str]) -> Iterator[str]:
    """Yield patterns for a whole name, forwards and backwards."""
    for order in (parts, parts[::-1]):
        yield bounded(r"[\W_]{0,3}".join(re.escape(part) for part in order))


def words_of(words: Iterable[str], *, shortest: int) -> Iterator[str]:
    """Yield patterns for single words that are long enough to mean somebody."""
    for word in words:
        if len(word) >= LONG_WORD:
            yield bounded(re.escape(word))
        elif len(word) >= shortest:
            yield rf"\b{re.escape(word)}\b"


def of_phone(number: str) -> Iterator[str]:
    """Yield the pattern of a phone number's last digits, with whatever stands before them."""
    digits = re.sub(r"\D", "", number)
    if len(digits) >= SHORTEST_NUMBER:
        yield r"[+(]?(?:\d[\s().\-/]{0,3}){0,10}" + BETWEEN.join(digits[-TAIL:])


def bounded(pattern: str) -> str:
    """Return a pattern that is found only where a word begins and ends."""
    return pattern.join(ALONE)
