"""Rows as files that a spreadsheet opens, and in which nothing that somebody typed becomes a formula.

A spreadsheet takes a cell that begins with = + - @ for a formula, also after spaces, in full-width letters, and where
another separator than the file's own begins a new cell. In CSV an apostrophe stands before such a sign; in an Excel
file a text is typed as text, so it stays as it was written. Numbers are numbers in both.
"""

import csv
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

type Cell = str | int | Decimal | date | datetime | None
type Row = Sequence[Cell]

# So that Excel reads UTF-8; every other program skips it.
BOM: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
# One write for so many rows.
PORTION: Final = 500
# What XML cannot hold.
UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
LONGEST_CELL: Final = 32_767
# What begins a formula, by itself or in another width, and what programs skip before it.
SIGNS: Final = frozenset("=+-@")
BEGINS_CELL: Final = frozenset('\t\r\n,;|"')
MAY_BEGIN: Final = re.compile(r"[^\w .:/()]")


def is_sign(letter: str) -> bool:
    """Whether a letter, in any width, begins a formula."""
    return unicodedata.normalize("NFKC", letter) in SIGNS


def is_skipped(letter: str) -> bool:
    """Whether a program may skip a letter at the beginning of a cell: spaces, and what nobody sees."""
    return unicodedata.category(letter)[0] in "ZC"


def without_formula(text: str) -> str:
    """Return a text that no program takes for a formula: an apostrophe before each sign that could begin one."""
    if not text or not (MAY_BEGIN.search(text) or is_skipped(text[0])):
        return text
    written, at_start = [], True
    for letter in text:
        if at_start and is_sign(letter):
            written.append("'")
        written.append(letter)
        at_start = letter in BEGINS_CELL or (at_start and is_skipped(letter))
    begins_odd = text[0] in "\t\r\n"
    return f"'{''.join(written)}" if begins_odd else "".join(written)


def as_text(cell: Cell) -> str:
    """Return a cell as CSV writes it: ISO dates, moments with their offset, exact numbers, harmless texts."""
    if isinstance(cell, str):
        return without_formula(cell.replace("\0", ""))
    if cell is None:
        return ""
    if isinstance(cell, date):
        return cell.isoformat()
    return f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


class Echo:
    """Where `csv` writes to: it gives back what it is given."""

    def write(self, text: str) -> str:
        """Return the line."""
        return text


def csv_lines(head: Row, rows: Iterable[Row]) -> Iterator[bytes]:
    """Yield a CSV file in portions; no more than one of them is in memory."""
    writer = csv.writer(Echo(), lineterminator="\r\n")
    waiting = [BOM, str(writer.writerow([as_text(cell) for cell in head]))]
    for number, row in enumerate(rows, start=1):
        waiting.append(str(writer.writerow([as_text(cell) for cell in row])))
        if number % PORTION == 0:
            yield "".join(waiting).encode()
            waiting.clear()
    if waiting:
        yield "".join(waiting).encode()


def xlsx_file(head: Row, rows: Iterable[Row]) -> IO[bytes]:
    """Return an Excel file on disk, at its beginning; rows go there one by one."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Innkeep")
    sheet.freeze_panes = "A2"
    sheet.append([heading(sheet, str(title)) for title in head])
    for row in rows:
        sheet.append([typed(sheet, cell) for cell in row])
    # The caller sends it and closes it, after which it is gone.
    file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
    book.save(file)
    file.seek(0)
    return file


def heading(sheet: Any, title: str) -> WriteOnlyCell:
    """Return a cell of the first row."""
    cell = WriteOnlyCell(sheet, title)
    cell.font = Font(bold=True)
    return cell


def typed(sheet: Any, cell: Cell) -> Any:
    """Return a cell that Excel shows as what it is. Excel knows no time zones, so moments are texts."""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if not isinstance(cell, str):
        return cell
    text = UNWRITABLE.sub("", cell)[:LONGEST_CELL]
    return quoted(sheet, text) if (text and not text[0].isalnum()) or text != cell else text


def quoted(sheet: Any, text: str) -> WriteOnlyCell:
    """Return a text that stays one, also when somebody edits it."""
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"
    cell.quotePrefix = True
    return cell


def portions(file: IO[bytes]) -> Iterator[bytes]:
    """Yield a file in portions and close it."""
    with file:
        while block := file.read(65_536):
            yield block
