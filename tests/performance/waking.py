"""How long a webhook waits for a worker that rests: polled, and woken by a word through Redis.

python -m tests.performance.waking
"""

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

import django

from site_config.devtools import redis_server
from site_config.devtools.postgresql import free_port
from tests.performance import traffic
from tests.performance.drawing import p95
from tests.performance.production import installation

EVENTS: Final = 120
# The worker has always come to rest before the next one.
GAP: Final = (0.15, 0.45)


def main() -> None:
    """Print median and 95th percentile in milliseconds, and the worker's processor time in seconds."""
    stage = import_module("tests.performance.mixed_stage")
    with tempfile.TemporaryDirectory() as folder, stage.stripe(Path(folder)) as simulator:
        (booking,) = stage.prepared(simulator, 1)
        mails = {"EMAIL_URL": f"filemail://{folder}/mails"}
        with installation(Path(folder), {**os.environ, **mails}) as running:
            stage.wait_until_served(running.port)
            chance = random.Random(17)
            for number in range(EVENTS):
                assert traffic.answered(running.port, stage.signed(number, booking.payment_reference)) == 200
                time.sleep(chance.uniform(*GAP))
            stage.drain()
        found = sorted(stage.delays())
    print(json.dumps([found[len(found) // 2], p95(found), running.spent["worker"]]))


def measure(env: Mapping[str, str]) -> tuple[float, float, float]:
    """Run this file as a process of its own and return what it found."""
    command = [sys.executable, "-m", "tests.performance.waking"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-5000:])
    median, slow, spent = json.loads(done.stdout.splitlines()[-1])
    return median, slow, spent


def with_redis(env: Mapping[str, str]) -> tuple[float, float, float]:
    """The same with a Redis of its own."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, redis_server.running(Path(folder), port=port):
        return measure({**env, "CACHE_URL": f"redis://127.0.0.1:{port}/0"})


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    django.setup()
    main()
