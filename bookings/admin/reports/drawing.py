"""Tables and charts as a page shows them: words, links, and bars drawn here, so that no script is needed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from bookings.admin.reports.figures import MONEY, PERCENT, TOTAL, Column, Figures, Place, Row, Table
from bookings.spoken import number, share
from payments.money import spoken

EMPTY: Final = "–"
# The chart's own units: bars, the line that they stand on, and room for words below.
HEIGHT, STEP, BAR = 120, 44, 28


class Cell(NamedTuple):
    """One figure as it is shown, and where it leads."""

    text: str
    link: str
    column: Any


class Line(NamedTuple):
    """One row as it is shown."""

    title: Any
    is_total: bool
    cells: list[Cell]


class Bar(NamedTuple):
    """One bar, in the chart's units."""

    x: int
    y: int
    height: int
    middle: int
    label: str
    short: str
    text: str


@dataclass(frozen=True)
class Chart:
    """Bars from left to right; `base` is the line that they stand on."""

    title: str
    bars: Sequence[Bar]
    base: int

    @property
    def width(self) -> int:
        """How wide the drawing is."""
        return max(1, len(self.bars)) * STEP

    @property
    def words(self) -> str:
        """The chart in words, for those who do not see it; the table below says the same."""
        return ", ".join(f"{bar.label}: {bar.text}" for bar in self.bars)


@dataclass(frozen=True)
class Shown:
    """One table as the page has it."""

    table: Table
    lines: Sequence[Line]
    chart: Chart | None


def shown(table: Table, figures: Figures, link: Callable[[Place], str]) -> Shown:
    """Return a table with its words, links and charts."""
    lines = [
        Line(
            row.title,
            row.key == TOTAL,
            [cell(table, row, column, figures, link) for column in table.columns],
        )
        for row in table.rows
    ]
    return Shown(table, lines, chart_of(table, figures))


def cell(table: Table, row: Row, column: Column, figures: Figures, link: Callable[[Place], str]) -> Cell:
    """Return one figure; what is no sum of bookings leads nowhere."""
    place = (table.name, row.key, column.key)
    if place in figures:
        return Cell(words(figures[place], row, column), link(place), column)
    derived = table.derived.get(place)
    if derived is None:
        return Cell("0" if column.kind == "count" else EMPTY, "", column)
    return Cell(words(derived, row, column), "", column)


def words(value: int, row: Row, column: Column) -> str:
    """Return a figure for people."""
    if column.kind == MONEY:
        return spoken(value, column.currency or row.currency)
    if column.kind == PERCENT:
        return share(value)
    return number(value)


def chart_of(table: Table, figures: Figures) -> Chart | None:
    """Return the bars of the charted column, the largest as high as the chart; none without such a column."""
    column = next((each for each in table.columns if each.key == table.charted), None)
    if column is None:
        return None
    rows = [row for row in table.rows if row.key != TOTAL]
    values = [figures.get((table.name, row.key, column.key), 0) for row in rows]
    top, bottom = max(0, *values), min(0, *values)
    span = max(1, top - bottom)
    base = HEIGHT * top // span
    bars = [
        bar(number, words(value, row, column), str(row.title), HEIGHT * value // span, base)
        for number, (row, value) in enumerate(zip(rows, values, strict=True))
    ]
    return Chart(f"{table.title}: {column.title}", bars, base)


def bar(number: int, text: str, label: str, height: int, base: int) -> Bar:
    """Return one bar, above its line or, where it is negative, below."""
    x = number * STEP
    return Bar(
        x=x + (STEP - BAR) // 2,
        y=base - max(0, height),
        height=abs(height),
        middle=x + STEP // 2,
        label=label,
        short=label.partition(" ")[0],
        text=text,
    )
