"""Read the tables: for each event, situations, and in each of them what three deliveries come to.

    CONFIRMED: a part is refunded at Stripe
      first CONFIRMED  PARTIALLY_REFUNDED  34000  5000  0  0  processed  -  external

A situation is a state of the booking before the event, and what has happened at Stripe. `first` is the first
delivery, `twice` the second one of the same event, `late` the first one when it comes three days later, with nothing
done by the worker in between. Then: the booking's state, the status of each attempt to pay, what was captured, what
came back through Stripe, what is held and what the hotel owes by hand (all in cents), what became of the event, the
mails that this delivery queued, the worklists that show the booking afterwards. "-" is none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

MODES: Final = ("first", "twice", "late")
NOTHING: Final = "-"


@dataclass(frozen=True)
class Seen:
    """What is to be seen after a delivery, in the words of the table; amounts in minor units."""

    booking: str
    payments: str
    captured: int
    refunded: int
    held: int
    owed: int
    event: str
    mails: str
    lists: str

    def unlike(self, expected: "Seen") -> str:
        """Say where this differs from what was expected; nothing where it does not."""
        wanted = expected.__dict__
        return ", ".join(
            f"{name} {value} not {wanted[name]}" for name, value in self.__dict__.items() if value != wanted[name]
        )


@dataclass(frozen=True)
class Cell:
    """One event in one situation: what the three deliveries come to."""

    event: str
    state: str
    situation: str
    expected: Mapping[str, Seen]


def cells(event: str, text: str) -> Iterator[Cell]:
    """Read one event's table."""
    for block in text.strip().split("\n\n"):
        head, *rows = block.splitlines()
        state, _, situation = head.partition(": ")
        expected = dict(read(row) for row in rows)
        if tuple(expected) != MODES or len(rows) != len(MODES):
            raise ValueError(f"{event}, {head}: {[row.split()[0] for row in rows]} instead of {MODES}")
        yield Cell(event, state, situation, expected)


def read(row: str) -> tuple[str, Seen]:
    """Read one delivery."""
    mode, booking, payments, *amounts, event, mails, lists = row.split()
    captured, refunded, held, owed = map(int, amounts)
    return mode, Seen(booking, payments, captured, refunded, held, owed, event, mails, lists)


def joined(words: list[str]) -> str:
    """Write several words as the table does."""
    return "+".join(words) or NOTHING
