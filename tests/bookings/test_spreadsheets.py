"""Files for spreadsheets: nothing that was typed becomes a formula, in CSV or in Excel."""

import csv
import io
import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bookings.spreadsheets import BOM, UNWRITABLE, csv_lines, without_formula, xlsx_file

SIGNS = "=+-@＝＋－＠﹢﹣﹦﹫"
TEXTS = st.text(st.one_of(st.sampled_from(SIGNS + " \t\r\n,;|\"'\u00a0\u200b\ufeffa1"), st.characters(codec="utf-8")))


def read_back(text, delimiter):
    """The cells as a program reads them that splits lines at `delimiter`, quotes or not."""
    return [cell for line in text.replace("\r", "\n").split("\n") for cell in line.split(delimiter)]


def is_formula(cell):
    """Whether a program could take a cell for a formula: what begins it, after quotes, spaces and the unseen."""
    for letter in cell:
        if letter == '"' or unicodedata.category(letter)[0] in "ZC":
            continue
        return unicodedata.normalize("NFKC", letter) in set("=+-@")
    return False


@given(TEXTS)
@example("=1+1")
@example(" \u00a0=1+1")
@example("＝1")
@example("\t=1")
@example("a;=cmd|' /C calc'!A0")
@example('a";"=1')
def test_no_text_is_a_formula_in_csv_whatever_separates_the_cells(text):
    content = b"".join(csv_lines(["Name"], [[text, "x"]])).decode()
    for delimiter in ",;\t":
        assert not any(is_formula(cell) for cell in read_back(content.removeprefix(BOM), delimiter))


@settings(deadline=None, max_examples=60)
@given(TEXTS)
@example("=1+1")
@example("#N/A")
@example("\x01=1")
def test_every_text_is_a_text_in_excel_and_stays_as_it_was(text):
    with xlsx_file(["Name"], [[text]]) as file:
        cell = openpyxl.load_workbook(file).active["A2"]
    kept = UNWRITABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    assert cell.value is None or cell.data_type in ("s", "inlineStr")
    assert (cell.value or "") == kept


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Ada Guest", "Ada Guest"),
        ("+353 86", "'+353 86"),
        ("-5", "'-5"),
        (" =1", " '=1"),
        ("＠x", "'＠x"),
        ("\tx", "'\tx"),
        ("a-b", "a-b"),
        ("Smith, -John", "Smith, '-John"),
        ("", ""),
        ("12.5", "12.5"),
    ],
)
def test_apostrophe_stands_only_where_a_formula_could_begin(text, written):
    assert without_formula(text) == written


def test_csv_begins_with_its_mark_and_keeps_numbers_dates_and_moments():
    at = datetime(2026, 11, 21, 20, 5, tzinfo=UTC)
    row = ["Ünï", Decimal("-12.50"), -3, date(2026, 1, 2), at, None]
    content = b"".join(csv_lines(["A", "B", "C", "D", "E", "F"], [row]))
    assert content.startswith(b"\xef\xbb\xbf")
    (head, cells) = csv.reader(io.StringIO(content.decode("utf-8-sig")))
    assert head == ["A", "B", "C", "D", "E", "F"]
    assert cells == ["Ünï", "-12.50", "-3", "2026-01-02", "2026-11-21T20:05:00+00:00", ""]


def test_negative_numbers_are_numbers_in_excel():
    with xlsx_file(["A", "B"], [[Decimal("-12.50"), "-12.50"]]) as file:
        sheet = openpyxl.load_workbook(file).active
    assert (sheet["A2"].data_type, sheet["A2"].value) == ("n", -12.5)
    assert (sheet["B2"].data_type, sheet["B2"].value) == ("s", "-12.50")


def test_csv_holds_no_more_than_a_portion_at_once():
    taken = []

    def rows():
        for number in range(1_200):
            taken.append(number)
            yield [number]

    lines = csv_lines(["N"], rows())
    next(lines)
    assert len(taken) == 500
