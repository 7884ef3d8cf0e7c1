"""How fast a full inbox of Stripe's events becomes bookings that moved, and how late at fifty events a second.

    python -m tests.performance.drain MANY SLOW STEADY

Each booking's guest has paid, and two events tell of it: `checkout.session.completed` and
`payment_intent.amount_capturable_updated`. The first of them moves the booking, with its history. It works in a
process of its own, does what the worker does, and prints what it measured as JSON. `rate` and `delay` know nothing of
ours, so that another inbox can be measured by them as well.
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

import django

from tests.performance.working import measured

# Bookings whose events wait: with a Stripe that answers at once, with a slow one, and of a steady stream.
MANY: Final = 60
SLOW: Final = 20
STEADY: Final = 75
ANSWER_SECONDS: Final = 0.1
PER_SECOND: Final = 50
LATEST: Final = 1.0  # seconds; the goal for 95 of 100 events

type Work = Callable[[], int]


@dataclass(frozen=True)
class Rate:
    """Events handled in a second, and what each cost this process in CPU."""

    per_second: float
    cpu_milliseconds: float
    events: int


@dataclass(frozen=True)
class Measured:
    """A Stripe that answers at once, one that takes 100 ms, and the delay of 95 of 100 events in a steady stream."""

    at_once: Rate
    slow: Rate
    delay: float


def rate(events: int, work: Work) -> Rate:
    """Let something work until nothing is left of so many events."""
    clock, cpu = time.perf_counter(), time.process_time()
    while work():
        pass
    wall, cpu = time.perf_counter() - clock, time.process_time() - cpu
    return Rate(per_second=events / wall, cpu_milliseconds=cpu / events * 1000, events=events)


def delay(
    events: Sequence[Any],
    take: Callable[[Any], None],
    work: Work,
    late: Callable[[Any], Iterable[float]],
    *,
    idle: float,
) -> float:
    """Let events come in steadily while something works; return the delay of 95 of 100, in seconds.

    `take` stores one event as its receiver does, `late` tells of them afterwards how long each waited, and `idle` is
    how long the worker sleeps when nothing waits.
    """
    stream = threading.Thread(target=steadily, args=(events, take))
    stream.start()
    while work() or stream.is_alive():
        time.sleep(idle)
    stream.join()
    while work():
        pass
    return quantiles(late(events), n=20)[-1]


def steadily(events: Sequence[Any], take: Callable[[Any], None]) -> None:
    """Take in events, fifty a second."""
    started = time.perf_counter()
    for number, event in enumerate(events):
        time.sleep(max(0.0, started + number / PER_SECOND - time.perf_counter()))
        take(event)


def main(many: int, slow: int, steady: int) -> None:
    """Prepare, measure, make sure that every booking has moved once, print."""
    # Only now can the models be imported.
    stage = import_module("tests.performance.drain_stage")
    with tempfile.TemporaryDirectory() as folder, stage.stripe(Path(folder)) as simulator:
        fast_ones, slow_ones, steady_ones = (stage.paid_for(simulator, number) for number in (many, slow, steady))
        at_once = rate(stage.fill(fast_ones), stage.work)
        late = delay(stage.events_of(steady_ones), stage.take, stage.work, stage.late, idle=stage.POLL)
        stage.answers_take(simulator, ANSWER_SECONDS)
        at_slow = rate(stage.fill(slow_ones), stage.work)
        stage.check([*fast_ones, *slow_ones, *steady_ones])
    print(json.dumps(asdict(Measured(at_once, at_slow, late))))


def measure(env: Mapping[str, str]) -> Measured:
    """Run this file as a process of its own and return what it measured."""
    said = measured("drain", env, str(MANY), str(SLOW), str(STEADY))
    return Measured(Rate(**said["at_once"]), Rate(**said["slow"]), said["delay"])


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    django.setup()
    main(*map(int, sys.argv[1:4]))
