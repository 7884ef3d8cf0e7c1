"""How much faster a run over many bookings is than cancelling them one by one, with a Stripe that takes 100 ms.

    python -m tests.performance.bulk MANY FEW

It works in a process of its own, on the database of its environment and a simulated Stripe, and prints what it
measured as JSON. Preparing the bookings is not measured.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

import django

from tests.performance.working import measured

MANY: Final = 500
# One by one takes a minute and more for all of them, so that only so many are measured.
FEW: Final = 40
GOAL: Final = 6
ANSWER_SECONDS: Final = 0.1


@dataclass(frozen=True)
class Measured:
    """Bookings cancelled in a second, each way; our own CPU for each; how long a run over all of them took."""

    bulk_per_second: float
    single_per_second: float
    bulk_cpu_milliseconds: float
    single_cpu_milliseconds: float
    seconds: float
    bookings: int
    few: int


def main(many: int, few: int) -> None:
    """Prepare, measure, check that every guest got exactly what was promised, print."""
    # Only now can the models be imported.
    stage = import_module("tests.performance.bulk_stage")
    with tempfile.TemporaryDirectory() as folder, stage.stripe(Path(folder)) as simulator:
        bookings = stage.prepared(simulator, many + few)
        stage.answers_take(simulator, ANSWER_SECONDS)
        started, worked = time.perf_counter(), cpu_seconds()
        for booking in bookings[many:]:
            stage.cancel_alone(booking)
        alone, worked_alone = time.perf_counter() - started, cpu_seconds() - worked
        run = stage.started(bookings[:many])
        started, worked = time.perf_counter(), cpu_seconds()
        stage.carry_out()
        together, worked_together = time.perf_counter() - started, cpu_seconds() - worked
        stage.check(simulator, run, bookings)
    said = Measured(
        bulk_per_second=many / together,
        single_per_second=few / alone,
        bulk_cpu_milliseconds=worked_together / many * 1000,
        single_cpu_milliseconds=worked_alone / few * 1000,
        seconds=together,
        bookings=many,
        few=few,
    )
    print(json.dumps(asdict(said)))


def cpu_seconds() -> float:
    """Return how long this process and those that it has started and waited for have kept a core busy."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def measure(env: Mapping[str, str]) -> Measured:
    """Run this file as a process of its own and return what it measured."""
    return Measured(**measured("bulk", env, str(MANY), str(FEW)))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]))
