"""The product behind one server and another: pages and webhooks a second, and processor time for each.

    python -m tests.performance.servers

granian is measured where it is on PATH; it takes the product's packages from PYTHONPATH.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import django

from site_config import processes
from site_config.devtools.postgresql import free_port
from tests.performance import traffic
from tests.performance.drawing import p95
from tests.performance.production import busy
from tests.performance.webhooks import wait_for

CLIENTS: Final = 8
NUMBER: Final = {"list": 80, "guest": 400, "webhook": 800}
GUNICORN: Final = (
    "-m",
    "gunicorn",
    "site_config.wsgi",
    "--preload",
    "--log-level",
    "warning",
    "--graceful-timeout",
    "30",
)


def commands(port: int) -> Iterator[tuple[str, list[str]]]:
    """Each server by its name."""
    here = f"127.0.0.1:{port}"
    for workers in (2, 4):
        yield f"gunicorn sync {workers}", [sys.executable, *GUNICORN, "--workers", f"{workers}", "--bind", here]
    for workers, threads in ((2, 2), (2, 8), (1, 8)):
        crew = ["--workers", f"{workers}", "--threads", f"{threads}"]
        yield f"gunicorn gthread {workers}×{threads}", [sys.executable, *GUNICORN, *crew, "--bind", here]
    if granian := shutil.which("granian"):
        for threads in (1, 4):
            crew = ["--workers", "2", "--blocking-threads", f"{threads}", "--port", f"{port}", "--no-ws"]
            yield f"granian 2×{threads}", [granian, "--interface", "wsgi", "site_config.wsgi:application", *crew]


def main() -> None:
    """Measure each kind of request behind each server."""
    stage = import_module("tests.performance.mixed_stage")
    with tempfile.TemporaryDirectory() as folder, stage.stripe(Path(folder)) as simulator:
        plan = stage.planned(simulator, 20, 1.0)
        kinds = {
            "list": [each for each in plan if each["path"] == "/admin/bookings/booking/"],
            "guest": [each for each in plan if each["kind"] == "guest"],
            "webhook": [each for each in plan if each["kind"] == "webhook"],
        }
        port = free_port()
        for name, command in commands(port):
            print(json.dumps([name, behind(port, command, kinds, Path(folder))]), flush=True)


def behind(port: int, command: list[str], kinds: Mapping[str, Any], folder: Path) -> dict[str, Any]:
    """Start a server, measure, and see whether it finishes what it has in hand when it is asked to end."""
    log = folder / "server.log"
    child = processes.start(command, log=log, env=os.environ)
    try:
        wait_for(port, child, log)
        at_once(port, kinds["guest"][:40])
        found = {kind: measured(port, child, every[: NUMBER[kind]]) for kind, every in kinds.items()}
        return {**found, "stopped": stopped(port, child, kinds["list"][:CLIENTS])}
    finally:
        processes.stop(child)


def measured(port: int, child: processes.Child, requests: list[dict[str, Any]]) -> dict[str, float]:
    """Send requests as fast as they are answered."""
    before, began = busy(child.pid), time.monotonic()
    took = at_once(port, requests)
    seconds = time.monotonic() - began
    spent = busy(child.pid) - before
    return {"per_second": len(took) / seconds, "p95": p95(took), "cpu": 1000 * spent / len(took)}


def at_once(port: int, requests: list[dict[str, Any]], statuses: list[int] | None = None) -> list[float]:
    """Send them from some clients, and return the milliseconds of each."""
    took: list[float] = []

    def send(own: list[dict[str, Any]]) -> None:
        for each in own:
            began = time.monotonic()
            status = traffic.answered(port, each)
            took.append(1000 * (time.monotonic() - began))
            (statuses if statuses is not None else []).append(status)

    threads = [threading.Thread(target=send, args=[requests[first::CLIENTS]]) for first in range(CLIENTS)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    return took


def stopped(port: int, child: processes.Child, requests: list[dict[str, Any]]) -> str:
    """Ask the server to end while pages are drawn; return what became of them, and how long it took."""
    statuses: list[int] = []
    clients = threading.Thread(target=at_once, args=(port, requests, statuses))
    clients.start()
    time.sleep(0.05)
    began = time.monotonic()
    child.send_signal(signal.SIGTERM)
    code = child.wait(timeout=60)
    clients.join()
    return f"{sorted(statuses)} in {time.monotonic() - began:.1f} s, exit {code}"


def measure(env: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Run this file as a process of its own, and yield what it found of each server."""
    command = [sys.executable, "-m", "tests.performance.servers"]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            name, found = json.loads(line)
            yield name, found


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    django.setup()
    main()
