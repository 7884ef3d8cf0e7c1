"""A limit in time for work in which Stripe is asked row by row."""

import time
from collections.abc import Iterable, Iterator
from typing import Final

# With Stripe out of reach each row waits for time-outs. Mails and everything else must not wait with them.
TURN_SECONDS: Final = 10.0


def paced[Row](rows: Iterable[Row], *, seconds: float = TURN_SECONDS) -> Iterator[Row]:
    """Yield rows, at least one, until the time is up; what is left is due again at the next turn."""
    end = time.monotonic() + seconds
    for row in rows:
        yield row
        if time.monotonic() > end:
            return
