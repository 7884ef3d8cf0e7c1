"""Limits for work in which Stripe is asked row by row: in time, and in how often it is asked."""

import time
from collections.abc import Iterable, Iterator
from typing import Final

from django.conf import settings

# With Stripe out of reach each row waits for time-outs. Mails and everything else must not wait with them.
TURN_SECONDS: Final = 10.0
# Half of what Stripe allows (docs.stripe.com/rate-limits: 100 requests a second, 25 in a sandbox): the other half is
# the guests'.
LIVE_PER_SECOND: Final = 50
SANDBOX_PER_SECOND: Final = 12


def paced[Row](rows: Iterable[Row], *, seconds: float = TURN_SECONDS) -> Iterator[Row]:
    """Yield rows, at least one, until the time is up; what is left is due again at the next turn."""
    end = time.monotonic() + seconds
    for row in rows:
        yield row
        if time.monotonic() > end:
            return


class Pacer:
    """Spreads a long row of requests evenly; `wait` before each one."""

    def __init__(self) -> None:
        per_second = LIVE_PER_SECOND if "_live_" in settings.STRIPE_SECRET_KEY else SANDBOX_PER_SECOND
        self.step, self.next_at = 1 / per_second, 0.0

    def wait(self) -> None:
        """Return as soon as the next request may go out."""
        now = time.monotonic()
        time.sleep(max(0.0, self.next_at - now))
        self.next_at = max(now, self.next_at) + self.step
