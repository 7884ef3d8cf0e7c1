"""What a booking's whole life costs against the size of what is there, and by which exponent that grows.

    python -m tests.performance.curves AXIS SIZE

A life: a program books, the guest pays, Stripe's events come, the desk approves, the guest cancels with a refund,
the mails leave. For each step it counts statements, blocks of tables and indexes that PostgreSQL has looked at, our
CPU and that of PostgreSQL's process for us (Linux). It works in a process and on a database of its own, and prints
what it measured as JSON. Blocks and statements are the same on any machine, however busy.
"""

import json
import math
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from statistics import fmean
from typing import Final

import django
import psycopg

from tests.performance.working import measured

LARGEST: Final = 100_000
GOAL: Final = 0.1
LIVES: Final = 6
# Of so many lives the growth of the whole database on disk is taken, where there is least beside them.
ON_DISK: Final = 40
WORK: Final = ("statements", "blocks", "ours", "postgresql")
# What the janitor has to look up at Stripe, one by one: measured for each of them, and no life beside it.
UNANSWERED: Final = "unanswered steps"


@dataclass(frozen=True)
class Cost:
    """Of one step: statements, blocks, and milliseconds of CPU, ours and PostgreSQL's."""

    statements: float
    blocks: float
    ours: float
    postgresql: float


@dataclass(frozen=True)
class Point:
    """What was found at one size: each step of a life, the worker's rounds, and for each life bytes and events."""

    size: int
    steps: dict[str, Cost]
    rounds: dict[str, Cost]
    disk: float
    events: float

    def life(self, work: str) -> float:
        """Return the sum over all steps of a life."""
        return sum(float(getattr(cost, work)) for cost in self.steps.values())


def axes(largest: int) -> dict[str, tuple[int, ...]]:
    """Return what is made larger, and the sizes: bookings, hotels, history rows, operations that are open."""
    tenths = tuple(max(1, largest // part) for part in (100, 10, 1))
    return {
        "bookings": tenths,
        "hotels": (1, max(2, largest // 1000), max(3, largest // 10)),
        "history rows": tuple(5 * size for size in tenths),
        "open operations": tuple(max(1, size // 100) for size in tenths),
        UNANSWERED: (2, 8, 32),
    }


def measure(env: Mapping[str, str], largest: int) -> Iterator[tuple[str, list[Point]]]:
    """Yield each axis with its points, each of which has a copy of the empty database."""
    for axis, sizes in axes(largest).items():
        yield axis, [point(env, axis, size) for size in sizes]


def point(env: Mapping[str, str], axis: str, size: int) -> Point:
    """Measure one size in a process of its own."""
    with another(env["DATABASE_URL"]) as url:
        said = measured("curves", {**env, "DATABASE_URL": url}, axis, str(size))
    steps, rounds = ({name: Cost(**cost) for name, cost in said[kind].items()} for kind in ("steps", "rounds"))
    return Point(size, steps, rounds, said["disk"], said["events"])


@contextmanager
def another(url: str) -> Iterator[str]:
    """A copy of a database that nobody is connected to, dropped afterwards."""
    server, _, name = url.rpartition("/")
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}_size TEMPLATE {name}")
        try:
            yield f"{server}/{name}_size"
        finally:
            connection.execute(f"DROP DATABASE {name}_size WITH (FORCE)")


def exponent(sizes: list[int], work: list[float]) -> float:
    """Return the slope of work over size, both as logarithms: 0 is no growth, 1 is growth in proportion."""
    across, up = [math.log(size) for size in sizes], [math.log(each) for each in work]
    middle, height = fmean(across), fmean(up)
    over = sum((x - middle) * (y - height) for x, y in zip(across, up, strict=True))
    return over / sum((x - middle) ** 2 for x in across)


def main(axis: str, size: int) -> None:
    """Fill the database, live, print."""
    # Only now can the models be imported.
    stage, sizes = (import_module(f"tests.performance.{name}") for name in ("curves_stage", "curves_sizes"))
    with tempfile.TemporaryDirectory() as folder, stage.stripe(Path(folder)) as simulator:
        sizes.fill(simulator, axis, size)
        scene = stage.Scene(simulator)
        steps = {} if axis == UNANSWERED else stage.lives(scene, LIVES)
        events = scene.heard / (stage.WARM + LIVES)
        rounds = stage.looked_up(simulator, size) if axis == UNANSWERED else stage.rounds(axis)
        disk = stage.on_disk(scene, ON_DISK) if axis == "bookings" else 0.0
    print(json.dumps(asdict(Point(size, steps, rounds, disk, events))))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    # Mails leave for a folder.
    with tempfile.TemporaryDirectory() as place:
        os.environ["EMAIL_URL"] = f"filemail://{place}"
        django.setup()
        main(sys.argv[1], int(sys.argv[2]))
