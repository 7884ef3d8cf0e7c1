"""What a person reads on a page or in a mail, and which of it is still English in another language."""

import re
from functools import cache
from html.parser import HTMLParser
from typing import Any, Final

from site_config.devtools import messages

# Attributes that are read out or shown.
SPOKEN: Final = ("aria-label", "title", "alt", "placeholder", "data-arrived")
# What is equal in both languages because nobody translates it: names, numbers, addresses, and the hotel's own words.
OWN: Final = re.compile(
    r"Hotel \d+|Innkeep|Musterzimmer|Zoë Ødegård|Zwölf Regeln\.|[A-Z0-9]{10}|re_\w+|PKR|USD|Stripe"
    r"|[\w.+*]+@[\w.]+|\+353 .*|innkeep:\S+"
)
PLACEHOLDER: Final = re.compile(r"%\(\w+\)s|%s")


class Words(HTMLParser):
    """The texts of a page, each by itself, with those of its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.inside: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each tag."""
        self.inside.append(tag)
        self.found += [value for name, value in attrs if name in SPOKEN and value]

    def handle_data(self, data: str) -> None:
        """Called for each text."""
        if data.strip() and self.inside[-1:] != ["style"]:
            self.found.append(" ".join(data.split()))


def read(content: str) -> list[str]:
    """The texts of HTML, or the lines of a plain mail."""
    if "<html" in content:
        return Words(content).found
    return [" ".join(line.split()) for line in content.splitlines() if line.strip()]


def english_left(content: str, language: str) -> list[str]:
    """The English of translated messages that a text in another language still has."""
    text = " ".join(read(content))
    return [words for words, pattern in patterns(language) if pattern.search(text)]


@cache  # three thousand patterns, and `re` remembers five hundred
def patterns(language: str) -> list[tuple[str, re.Pattern[str]]]:
    """Each message's English, and how it looks with its placeholders filled in."""
    catalog = messages.read(language)
    forms = [form for message in catalog if message.id for form in forms_of(message)]
    return [(form, as_pattern(form)) for form in forms if re.search("[A-Za-z]{3}", PLACEHOLDER.sub("", form))]


def forms_of(message: Any) -> tuple[str, ...]:
    """The singular, and the plural where there is one."""
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def as_pattern(form: str) -> re.Pattern[str]:
    """A message with anything where its placeholders are, as whole words."""
    folded = " ".join(form.replace("%%", "%").split())
    joined = r".{1,60}?".join(re.escape(part) for part in PLACEHOLDER.split(folded))
    return re.compile(rf"(?<!\w){joined}(?!\w)")


def untouched(english: str, other: str) -> set[str]:
    """The texts that are the same in both languages although they are nobody's own words."""
    same = set(read(english)) & set(read(other))
    return {text for text in same if re.search(r"[A-Za-z]{3}", OWN.sub("", text))}
