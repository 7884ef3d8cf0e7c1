"""The words that hotels write into mails: plain text with placeholders such as {guest_name}, and nothing else.

No template engine ever sees them. A placeholder is a name from a short list, replaced once; what stands in its place
is never read again. Braces that are meant as such are doubled.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

TOKEN: Final = re.compile(r"\{\{|\}\}|\{([^{}]*)\}")
# A sentence's full stop or closing bracket behind an address is not part of it.
LINK: Final = re.compile(r"https://[^\s<>\"'{}]*[^\s<>\"'{}.,;:!?()\[\]]")
OPEN_LINK: Final = re.compile(r"https://[^\s<>\"'{}]*$")
BLANK_LINES: Final = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
# What no keyboard writes into a letter; tabs and line breaks may stay.
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029]")
PARAGRAPH: Final = '<p style="margin:0 0 12px;">{}</p>'
ANCHOR: Final = '<a class="plain" href="{0}" style="color:#17505a;">{0}</a>'


@dataclass(frozen=True)
class Piece:
    """A part of a text: literal words, or the name of a placeholder."""

    words: str = ""
    name: str = ""


@dataclass(frozen=True)
class Filled:
    """A text for one mail in its two forms."""

    text: str
    html: SafeString

    def __bool__(self) -> bool:
        return bool(self.text)


def tidy(text: str) -> str:
    """Return a typed text with plain line breaks, one blank line between paragraphs, and no control characters."""
    plain = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = "\n".join(line.rstrip() for line in plain.split("\n"))
    return BLANK_LINES.sub("\n\n", lines).strip()


def pieces(text: str) -> Iterator[Piece]:
    """Yield a text's parts from left to right. A brace that belongs to nothing is a literal one."""
    at = 0
    for found in TOKEN.finditer(text):
        yield Piece(text[at : found.start()])
        at = found.end()
        yield Piece(found[0][0]) if found[1] is None else Piece(found[0], found[1])
    yield Piece(text[at:])


def problems(text: str, known: Collection[str]) -> list[str]:
    """Return what is wrong with a text, in words for the person who writes it."""
    found, before = [], ""
    for piece in pieces(text):
        if piece.name and OPEN_LINK.search(before):
            found.append(_("A link cannot have a placeholder in it: %(name)s.") % {"name": piece.words})
        before = piece.words
    unknown = sorted({piece.words for piece in pieces(text) if piece.words[:1] == "{" and is_unknown(piece, known)})
    if unknown:
        names = ", ".join(f"{{{name}}}" for name in known)
        found.append(
            _("There is no placeholder %(unknown)s here. There are: %(known)s.")
            % {"unknown": ", ".join(unknown), "known": names}
        )
    if any(brace in TOKEN.sub("", text) for brace in "{}"):
        found.append(_("A brace stands alone. Write {{ or }} for a brace that is meant as such."))
    return found


def is_unknown(piece: Piece, known: Collection[str]) -> bool:
    """Whether a part looks like a placeholder and is none."""
    return len(piece.words) > 1 and TOKEN.fullmatch(piece.words) is not None and piece.name not in known


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Return a text with its placeholders replaced. It never fails: what is not known stays as it was written."""
    paragraphs = [each for each in BLANK_LINES.split(text) if each.strip()]
    return Filled(
        text="\n\n".join(as_text(each, values) for each in paragraphs),
        html=mark_safe("\n".join(as_html(each, values) for each in paragraphs)),  # noqa: S308  (escaped piece by piece)
    )


def as_text(paragraph: str, values: Mapping[str, str]) -> str:
    """Return a paragraph as plain text."""
    return "".join(value_of(piece, values) for piece in pieces(paragraph))


def as_html(paragraph: str, values: Mapping[str, str]) -> SafeString:
    """Return a paragraph as HTML: everything escaped, links in the hotel's own words clickable, values never."""
    shown = (
        escape(value_of(piece, values)) if piece.name in values else linked(piece.words)
        for piece in pieces(paragraph)
    )
    return format_html(PARAGRAPH, mark_safe("".join(shown).replace("\n", "<br>\n")))  # noqa: S308  (escaped above)


def value_of(piece: Piece, values: Mapping[str, str]) -> str:
    """Return what stands for a part, on one line where it is a value."""
    if piece.name in values:
        return " ".join(str(values[piece.name]).splitlines())
    return piece.words


def linked(words: str) -> SafeString:
    """Return literal words escaped, with their https addresses as links."""
    at, parts = 0, []
    for found in LINK.finditer(words):
        parts += [(escape(words[at : found.start()]),), (format_html(ANCHOR, found[0]),)]
        at = found.end()
    return format_html_join("", "{}", [*parts, (escape(words[at:]),)])
