"""One time for the product and for Stripe, that moves only when a step moves it."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timedelta
from typing import Any
from unittest import mock

from django.apps import apps
from django.utils import timezone

from tests.simulator_process import StripeSimulator

# Each look at the clock takes so long: two moments are never the same, however quick the machine is.
LOOK = timedelta(milliseconds=1)
REALLY_SLEEP, PRESENT = time.sleep, timezone.now


class Clock:
    """Where it stands (UTC)."""

    def __init__(self, start: datetime, simulator: StripeSimulator) -> None:
        self.at, self.simulator = start, simulator
        self.lock = threading.Lock()

    def now(self) -> datetime:
        """Look at it."""
        with self.lock:
            self.at += LOOK
            return self.at

    def passes(self, time: timedelta) -> None:
        """Move it; what falls due at Stripe happens there."""
        self.at += time
        self.tell_stripe()

    def tell_stripe(self) -> None:
        """Set Stripe's clock, which runs by itself, to ours."""
        self.simulator.control("clock", set=round(self.at.timestamp()))

    def day(self, number: int) -> date:
        """Return a day counted from today (UTC)."""
        return (self.at + timedelta(days=number)).date()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Let the product go by it, and lose no time over waiting."""

        def no_time(_seconds: float) -> Any:
            """Waiting is over at once."""

        with ExitStack() as patches:
            patches.enter_context(mock.patch.object(timezone, "now", side_effect=self.now))
            patches.enter_context(mock.patch.object(time, "sleep", no_time))
            for field in begun_now():
                patches.enter_context(mock.patch.object(field, "_get_default", self.now))
            yield


def begun_now() -> list[Any]:
    """Return the fields whose default is the moment: each holds on to the clock that it was declared with."""
    every = [field for model in apps.get_models() for field in model._meta.local_fields]
    return [field for field in every if field.default is PRESENT]
