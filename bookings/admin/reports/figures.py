"""Figures: each is the sum of its parts, and a part knows its booking. So a figure and its list cannot differ."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from bookings.admin.reports.scope import Scope

TOTAL: Final = "total"
COUNT, MONEY, PERCENT = "count", "money", "percent"

# Table, row and column of a figure.
type Place = tuple[str, str, str]
type Figures = Mapping[Place, int]


class Part(NamedTuple):
    """What one booking adds to one figure: 1, nights, or minor units of the currency."""

    booking: int
    place: Place
    amount: int
    currency: str = ""


class Column(NamedTuple):
    """One column of a table; `currency` is that of its money where the rows do not say it."""

    key: str
    title: Any
    kind: str = COUNT
    currency: str = ""


class Row(NamedTuple):
    """One row of a table."""

    key: str
    title: Any
    currency: str = ""


@dataclass(frozen=True)
class Table:
    """One table. `derived` has the figures that are no sums: places whose value is worked out from others.

    A place that is in neither stands empty. `charted` is the column that is drawn. `hotel` is the slug of the
    hotel that it is about, where it is about one.
    """

    name: str
    title: Any
    head: Any
    rows: Sequence[Row]
    columns: Sequence[Column]
    derived: Figures = field(default_factory=dict)
    charted: str = ""
    note: Any = ""
    hotel: str = ""


@dataclass(frozen=True)
class Report:
    """A report: its parts, and how they are laid out."""

    name: str
    title: Any
    intro: Any
    parts: Callable[[Scope], Iterator[Part]]
    tables: Callable[[Scope, Figures], list[Table]]


def sums(parts: Iterable[Part]) -> dict[Place, int]:
    """Add the parts up, each to its figure."""
    found: defaultdict[Place, int] = defaultdict(int)
    for part in parts:
        found[part.place] += part.amount
    return dict(found)


def behind(parts: Iterable[Part], place: Place) -> tuple[dict[Place, int], list[Part]]:
    """Return all figures, and the parts of one of them, the newest booking first; the parts are read once."""
    kept: list[Part] = []

    def seen() -> Iterator[Part]:
        for part in parts:
            if part.place == place:
                kept.append(part)
            yield part

    figures = sums(seen())
    return figures, sorted(kept, key=lambda part: -part.booking)


def currencies(figures: Figures, *columns: str) -> list[str]:
    """Return the currencies for which there are columns such as "kept EUR"."""
    found = (key.partition(" ") for _table, _row, key in figures)
    return sorted({currency for column, _space, currency in found if column in columns})


def percent(part: int, whole: int) -> int | None:
    """Return tenths of a percent, half up; None of nothing."""
    return (2000 * part + whole) // (2 * whole) if whole else None
