"""What an action of staff came to, where no booking is behind it."""

from dataclasses import dataclass

from bookings.lifecycle import Outcome


@dataclass(frozen=True)
class RowOutcome:
    """What an action on a row that is no booking came to; `is_gone` when there is no such row any more."""

    state: str = Outcome.DONE
    message: str = ""
    is_gone: bool = False
