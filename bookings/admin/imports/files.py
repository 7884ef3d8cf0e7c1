"""A file as rows of texts: whichever spreadsheet wrote it. What cannot be read is refused as a whole."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from bookings import spoken

MOST_BYTES: Final = 5 * 1024 * 1024
MOST_ROWS: Final = 5000
NEEDED: Final = (
    *("old_reference", "hotel", "room_type", "check_in", "check_out"),
    *("guest_name", "guest_email", "total", "currency"),
)
OPTIONAL: Final = ("room", "guest_phone", "guest_language", "notes")
# The order of the template.
COLUMNS: Final = (
    *("old_reference", "hotel", "room_type", "room", "check_in", "check_out", "guest_name", "guest_email"),
    *("guest_phone", "guest_language", "total", "currency", "notes"),
)
SEPARATORS: Final = ",;\t"
EXAMPLE: Final = (
    *("A-1001", "hotel-slug", "Double", "101", "2026-12-24", "2026-12-27", "Ada Guest", "ada@guest.example"),
    *("+353 86 555 0123", "en", "340.00", "EUR", "Late arrival"),
)


class BadFile(Exception):
    """A file that cannot be read; its words say why."""


@dataclass(frozen=True)
class Raw:
    """One row: its number as a spreadsheet shows it, and its texts by column."""

    number: int
    cells: dict[str, str] = field(repr=False)


def decoded(data: bytes) -> str:
    """Return a file's text: UTF-8, with or without its mark, or else what Windows writes (cp1252)."""
    if len(data) > MOST_BYTES:
        raise BadFile(_("The file is larger than 5 MB. Split it."))
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadFile(_("This file is UTF-16. Save it as “CSV UTF-8”."))
    if b"\0" in data:
        raise BadFile(_("This is not a CSV file: it contains NUL characters. An Excel file is saved as CSV first."))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("cp1252")
    except UnicodeDecodeError:
        raise BadFile(_("The letters of this file cannot be read. Save it as “CSV UTF-8”.")) from None


def parsed(text: str) -> list[Raw]:
    """Return the rows of a CSV text. Raises BadFile for a header that is not ours, and for too many rows."""
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator(text), strict=True))
    except csv.Error as error:
        raise BadFile(_("This is not a CSV file: %(why)s.") % {"why": error}) from None
    if not lines or not any(cell.strip() for cell in lines[0]):
        raise BadFile(_("The file is empty. Its first row has to name the columns."))
    names = header(lines[0])
    found = list(rows(names, lines[1:]))
    if not found:
        raise BadFile(_("There is no booking below the first row."))
    if len(found) > MOST_ROWS:
        raise BadFile(_("The file has more than %(most)s bookings. Split it.") % {"most": spoken.number(MOST_ROWS)})
    return found


def separator(text: str) -> str:
    """Return what stands between the columns: the most frequent of comma, semicolon and tab in the first row."""
    first = text.partition("\n")[0]
    return max(SEPARATORS, key=first.count)


def header(cells: list[str]) -> list[str]:
    """Return the columns' names. Raises BadFile for those that are missing, unknown or there twice."""
    names = [cell.strip().lower().replace(" ", "_").replace("-", "_") for cell in cells]
    while names and not names[-1]:
        names.pop()
    if "status" in names:
        raise BadFile(_("A status cannot be imported. Remove the column “status”."))
    if missing := [name for name in NEEDED if name not in names]:
        raise BadFile(_("These columns are missing: %(names)s.") % {"names": ", ".join(missing)})
    if unknown := [name for name in names if name not in COLUMNS]:
        listed = ", ".join(f"“{name[:40]}”" for name in unknown)
        raise BadFile(_("These columns are unknown: %(names)s. Remove them.") % {"names": listed})
    if len(set(names)) != len(names):
        raise BadFile(_("A column is there twice."))
    return names


def rows(names: list[str], lines: list[list[str]]) -> Iterator[Raw]:
    """Yield the rows that say anything, each with its number; the header is row 1."""
    for number, cells in enumerate(lines, start=2):
        texts = [own(cell) for cell in cells]
        if not any(texts):
            continue
        if len(texts) > len(names) and any(texts[len(names) :]):
            raise BadFile(_("Row %(row)s has more values than the first row has columns.") % {"row": number})
        filled = [*texts, *[""] * len(names)]
        yield Raw(number, dict(zip(names, filled, strict=False)))


def own(cell: str) -> str:
    """Return a cell without what surrounds it: spaces, and the apostrophe that our exports put before a sign."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text
