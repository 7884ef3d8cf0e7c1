"""Webhooks and page views at a steady rate on a whole installation, with both of its processes restarted meanwhile.

    python -m tests.performance.mixed SECONDS SHARE

`SHARE` of the full rates. It works on the database of its environment, beside a simulated Stripe, and prints what it
found as JSON. Preparing the bookings is not measured.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import django

from tests.performance.drawing import p95
from tests.performance.production import Installation, busy, installation, postmaster
from tests.performance.working import measured

SECONDS: Final = 120
WEBHOOKS, PAGES, DUPLICATES, CANCELLED = 100, 50, 0.3, 0.5
# When it is that each process is restarted, of the whole time.
WORKER_AT, WEB_AT = 0.4, 0.6
GOAL_MILLISECONDS: Final = 1000


@dataclass(frozen=True)
class Found:
    """What became of everything that was sent; milliseconds from the moment at which a request was due."""

    seconds: int
    sent: dict[str, int]
    answered: dict[str, int]
    lost: int
    broken: int
    p50: dict[str, float]
    p95: dict[str, float]
    without_web: float
    drained: float
    delay_p50: float
    delay_p95: float
    cpu: dict[str, float]
    wrong: list[str]

    @property
    def is_sustained(self) -> bool:
        """Whether everything was answered, in time and rightly."""
        in_time = max(*self.p95.values(), self.delay_p95) <= GOAL_MILLISECONDS
        return in_time and not (self.lost or self.broken or self.wrong)


def main(seconds: int, share: float) -> None:
    """Prepare, send, wait until nothing is left to do, look at the books."""
    stage = import_module("tests.performance.mixed_stage")
    with tempfile.TemporaryDirectory() as folder, stage.stripe(Path(folder)) as simulator:
        plan = stage.planned(simulator, seconds, share)
        env = {**os.environ, "EMAIL_URL": f"filemail://{folder}/mails"}
        server = postmaster(os.environ["DATABASE_URL"])
        with installation(Path(folder), env) as running:
            stage.wait_until_served(running.port)
            before = busy(server)
            answers, without_web = sent(plan, running, seconds)
            drained = stage.drain()
        cpu = {**running.spent, "PostgreSQL": busy(server) - before}
        delays, wrong = stage.delays(), stage.wrong(simulator, plan, answers)
    print(json.dumps(asdict(summed_up(seconds, plan, answers, without_web, drained, delays, cpu, wrong))))


def sent(plan: list[dict[str, Any]], running: Installation, seconds: int) -> tuple[list[list[Any]], float]:
    """Send the plan, and restart both processes in the middle of it."""
    command = [sys.executable, "-m", "tests.performance.traffic", str(running.port)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as traffic:
        try:
            began = time.monotonic()
            assert traffic.stdin is not None
            assert traffic.stdout is not None
            traffic.stdin.write(json.dumps(plan))
            traffic.stdin.close()
            time.sleep(max(0.0, began + seconds * WORKER_AT - time.monotonic()))
            running.restart_worker()
            time.sleep(max(0.0, began + seconds * WEB_AT - time.monotonic()))
            without_web = running.restart_web()
            return json.loads(traffic.stdout.read()), without_web
        finally:
            # Who interrupts this must not leave a sender behind; one that has ended is not hurt.
            traffic.kill()


def summed_up(
    seconds: int,
    plan: list[dict[str, Any]],
    answers: list[list[Any]],
    without_web: float,
    drained: float,
    delays: list[float],
    cpu: dict[str, float],
    wrong: list[str],
) -> Found:
    """Count the answers."""
    kinds = sorted({each["kind"] for each in plan})
    took = {kind: sorted(ms for own, _, ms, _ in answers if own == kind) for kind in kinds}
    return Found(
        seconds=seconds,
        sent=dict(Counter(each["kind"] for each in plan)),
        answered=dict(Counter(f"{kind} {status}" for kind, status, _, _ in answers)),
        lost=len(plan) - len(answers) + sum(not status for _, status, _, _ in answers),
        broken=sum(status >= 500 for _, status, _, _ in answers),
        p50={kind: found[len(found) // 2] for kind, found in took.items()},
        p95={kind: p95(found) for kind, found in took.items()},
        without_web=without_web,
        drained=drained,
        delay_p50=sorted(delays)[len(delays) // 2],
        delay_p95=p95(delays),
        cpu=cpu,
        wrong=wrong,
    )


def measure(env: Mapping[str, str], seconds: int, share: float) -> Found:
    """Run this file as a process of its own and return what it found."""
    return Found(**measured("mixed", env, str(seconds), str(share)))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    django.setup()
    main(int(sys.argv[1]), float(sys.argv[2]))
