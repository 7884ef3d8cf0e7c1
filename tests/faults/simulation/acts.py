"""What a step of the simulation is: words for the protocol, and something to do."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final
from urllib.error import HTTPError

from bookings.lifecycle import Outcome
from bookings.refusals import Refused
from cancellations.cancel import QuoteChanged
from payments.gateway import Declined, OutcomeUnknown

# What a person, or the worker, is told instead of "done".
NOES: Final = (Refused, Declined, QuoteChanged, OutcomeUnknown, HTTPError)


@dataclass(frozen=True)
class Act:
    """One thing that somebody does. `do` returns the answer in some words."""

    words: str
    do: Callable[[], str]
    # Whether something may come between, as in everything that the product itself does.
    is_ours: bool = True


def told(work: Callable[[], Any], *, by: AbstractContextManager[Any]) -> str:
    """Do something; return what became of it in words."""
    with by:
        try:
            done = work()
        except NOES as no:
            return f"{type(no).__name__}: {no}"
    return str(done.state) if isinstance(done, Outcome) else "done"
