"""Limits for work in which Stripe is asked row by row: in time, and in how often it is asked."""

import os
import struct
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.conf import settings

# With Stripe out of reach each row waits for time-outs. Mails and everything else must not wait with them.
TURN_SECONDS: Final = 10.0
# Half of what Stripe allows (docs.stripe.com/rate-limits: 100 requests a second, 25 in a sandbox): the other half is
# the guests'.
LIVE_PER_SECOND: Final = 50
SANDBOX_PER_SECOND: Final = 12
NUMBER: Final = struct.Struct("d")


def paced[Row](rows: Iterable[Row], *, seconds: float = TURN_SECONDS) -> Iterator[Row]:
    """Yield rows, at least one, until the time is up; what is left is due again at the next turn."""
    end = time.monotonic() + seconds
    for row in rows:
        yield row
        if time.monotonic() > end:
            return


def per_second() -> int:
    """Return how many requests a second long work may send under the configured key."""
    return LIVE_PER_SECOND if "_live_" in settings.STRIPE_SECRET_KEY else SANDBOX_PER_SECOND


class Pacer:
    """Spreads a long row of requests evenly, of however many threads; `wait` before each one."""

    def __init__(self, step: float | None = None) -> None:
        self.step, self.next_at = step or 1 / per_second(), 0.0
        self.lock = threading.Lock()

    def wait(self) -> None:
        """Return as soon as the next request may go out."""
        with self.lock:
            pause = self.take_turn(time.monotonic())
        time.sleep(pause)

    def take_turn(self, now: float) -> float:
        """Return how long to wait for the next turn that is free, in seconds, and take it."""
        pause = max(0.0, self.next_at - now)
        self.next_at = now + pause + self.step
        return pause


class SharedPacer(Pacer):
    """The same among several processes: the time of the next turn stands in a file (descriptor) that they share.

    The clock counts from the start of the machine, the same for all of them. The kernel gives back the lock of a
    process that is killed.
    """

    def __init__(self, file: int, step: float | None = None) -> None:
        super().__init__(step)
        self.file = file

    def take_turn(self, now: float) -> float:
        """Return how long to wait for the next turn that no process has taken, in seconds, and take it."""
        os.lockf(self.file, os.F_LOCK, 0)
        try:
            written = os.pread(self.file, NUMBER.size, 0)
            self.next_at = NUMBER.unpack(written)[0] if written else 0.0
            pause = super().take_turn(now)
            os.pwrite(self.file, NUMBER.pack(self.next_at), 0)
        finally:
            os.lockf(self.file, os.F_ULOCK, 0)
        return pause


_pacer: ContextVar[Pacer | None] = ContextVar("pacer", default=None)


@contextmanager
def keeping(pacer: Pacer) -> Iterator[None]:
    """Let every request to Stripe inside wait for its turn, the repeated ones and further pages, too."""
    token = _pacer.set(pacer)
    try:
        yield
    finally:
        _pacer.reset(token)


def wait_for_turn() -> None:
    """Wait where somebody keeps the pace; called before each request."""
    pacer = _pacer.get()
    if pacer is not None:
        pacer.wait()
