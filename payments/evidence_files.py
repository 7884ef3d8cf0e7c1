"""The files of an evidence pack: text, page, table, archive. The same values always give the same bytes."""

import csv
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.template.loader import render_to_string

from bookings.models import Hotel

# Excel and its like run what begins with one of these.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
# Invisible characters could hide or turn round what a line says.
INVISIBLE: Final = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
EPOCH: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True)
class Section:
    """One part of the summary: facts by name, or rows under columns, or just a sentence."""

    title: str
    facts: Sequence[tuple[str, str]] = field(default_factory=list)
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = field(default_factory=list)
    note: str = ""


def moment(hotel: Hotel, value: datetime | None) -> str:
    """Return "2026-03-03 14:05:09 Dublin (UTC+00:00)" on the hotel's clock; nothing for no moment."""
    if value is None:
        return ""
    local = hotel.local(value)
    return f"{local:%Y-%m-%d %H:%M:%S} {hotel.city} (UTC{local:%:z})"


def one_line(text: str) -> str:
    """Return a text without line breaks and invisible characters."""
    return INVISIBLE.sub(" ", text).strip()


def as_text(title: str, sections: Sequence[Section]) -> str:
    """Return the summary as plain text."""
    lines = [one_line(title), "=" * len(one_line(title))]
    for section in sections:
        lines += ["", "", section.title, "-" * len(section.title), *text_lines(section)]
    return "\n".join(lines) + "\n"


def text_lines(section: Section) -> list[str]:
    """Return one section's lines."""
    facts = [f"{name}: {one_line(value)}" for name, value in section.facts if value]
    rows = [
        "- "
        + "; ".join(f"{name}: {one_line(value)}" for name, value in zip(section.columns, row, strict=True) if value)
        for row in section.rows
    ]
    return [*facts, *rows, *([section.note] if section.note else [])] or ["Nothing is on record."]


def as_page(title: str, sections: Sequence[Section]) -> str:
    """Return the summary as one page that needs nothing else, to be read or printed."""
    return render_to_string("evidence/summary.html", {"title": title, "sections": sections})


def as_json(value: Any) -> str:
    """Return a value as JSON that reads the same every time."""
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def as_table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows as CSV in which no cell is a formula."""
    out = io.StringIO()
    csv.writer(out).writerows([inert(one_line(cell)) for cell in row] for row in rows)
    return out.getvalue()


def inert(cell: str) -> str:
    """Return a cell that a spreadsheet shows and never runs."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def as_archive(files: Mapping[str, str], about: Mapping[str, str]) -> bytes:
    """Return the files and a manifest with their SHA-256 as a ZIP archive without times of its own."""
    contents = {name: text.encode() for name, text in sorted(files.items())}
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    contents["manifest.json"] = as_json({**about, "sha256": sums}).encode()
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
