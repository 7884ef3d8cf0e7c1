"""What one booking costs from its draft to its approval: processor, queries, rows and disk.

    python -m tests.performance.cost BOOKINGS

Made, paid at a simulated Stripe, approved, its webhooks and mails done, in a process of its own; pages that people
look at meanwhile are not in it. Prints what it found as JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import django

from tests.performance.bulk import cpu_seconds
from tests.performance.webhooks import stats

BOOKINGS: Final = 300
WARM: Final = 20


@dataclass(frozen=True)
class Found:
    """For each booking: milliseconds of processor, queries, rows, bytes, webhooks."""

    web: float
    web_queries: float
    worker: float
    worker_queries: float
    database: float
    rows: float
    size: float
    events: float


class Meter:
    """Counts queries and processor time of what is done inside."""

    def __init__(self) -> None:
        self.seconds, self.queries = 0.0, 0

    def __call__(self, execute: Callable[..., Any], *rest: Any) -> Any:
        self.queries += 1
        return execute(*rest)

    def measured(self, work: Callable[[], Any]) -> Any:
        """Do something, and count what it takes."""
        connection = import_module("django.db").connection
        began = cpu_seconds()
        with connection.execute_wrapper(self):
            result = work()
        self.seconds += cpu_seconds() - began
        return result


def main(number: int) -> None:
    """Do it a few times to be warm, then so many times."""
    stage = import_module("tests.performance.cost_stage")
    with tempfile.TemporaryDirectory() as folder, stage.stripe(Path(folder)) as simulator:
        stage.lives(simulator, WARM, Meter(), Meter())
        web, worker, before, busy = Meter(), Meter(), stage.stored(), backend_seconds(stage.backend())
        events = stage.lives(simulator, number, web, worker)
        after, busy = stage.stored(), backend_seconds(stage.backend()) - busy
    found = Found(
        web=1000 * web.seconds / number,
        web_queries=web.queries / number,
        worker=1000 * worker.seconds / number,
        worker_queries=worker.queries / number,
        database=1000 * busy / number,
        rows=(after[0] - before[0]) / number,
        size=(after[1] - before[1]) / number,
        events=events / number,
    )
    print(json.dumps(asdict(found)))


def backend_seconds(pid: int) -> float:
    """Return for how long the database's process that serves us has kept a core busy (Linux)."""
    fields = next(each for own, each in stats() if own == pid)
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def measure(env: Mapping[str, str], number: int) -> Found:
    """Run this file as a process of its own and return what it found."""
    command = [sys.executable, "-m", "tests.performance.cost", str(number)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-5000:])
    return Found(**json.loads(done.stdout.splitlines()[-1]))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    django.setup()
    main(int(sys.argv[1]))
