"""How fast webhooks are accepted (verified and stored), beside a bare Django view that does as much."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from site_config import processes
from site_config.devtools.postgresql import free_port

EVENTS, CLIENTS, ROUNDS = 1500, 8, 3
GOAL = 0.8
OURS = ("site_config.wsgi", "/api/public/hotel/room-bookings/stripe-webhook/")
BARE = ("tests.performance.bare", "/webhook/")


@dataclass(frozen=True, slots=True)
class Measured:
    """The best of some rounds."""

    per_second: float
    cpu_milliseconds: float


def measure(env: Mapping[str, str]) -> tuple[Measured, Measured]:
    """Ours and the reference, by turns, so that a busy moment of the machine hits both."""
    with (
        tempfile.TemporaryDirectory() as folder,
        server(OURS[0], Path(folder), env) as ours,
        server(BARE[0], Path(folder), env) as bare,
    ):
        rounds = [(one_round(ours, OURS[1], env), one_round(bare, BARE[1], env)) for _ in range(ROUNDS + 1)]
    warm = rounds[1:]
    return best([pair[0] for pair in warm]), best([pair[1] for pair in warm])


@contextmanager
def server(application: str, folder: Path, env: Mapping[str, str]) -> Iterator[tuple[int, processes.Child]]:
    """gunicorn with two workers, as in production."""
    port = free_port()
    options = ["--workers", "2", "--preload", "--log-level", "warning", "--bind", f"127.0.0.1:{port}"]
    command = [sys.executable, "-m", "gunicorn", application, *options]
    child = processes.start(command, log=folder / f"{application}.log", env=env)
    try:
        wait_for(port, child, folder / f"{application}.log")
        yield port, child
    finally:
        processes.stop(child)


def wait_for(port: int, child: processes.Child, log: Path) -> None:
    """Until it listens."""
    deadline = time.monotonic() + 30
    while socket.socket().connect_ex(("127.0.0.1", port)) != 0:
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text())
        time.sleep(0.05)


def one_round(running: tuple[int, processes.Child], path: str, env: Mapping[str, str]) -> Measured:
    """Send all events once."""
    port, child = running
    command = [sys.executable, "-m", "tests.performance.load", str(port), path, str(EVENTS), str(CLIENTS)]
    before = cpu_seconds(child.pid)
    said = json.loads(subprocess.run(command, env=env, check=True, capture_output=True).stdout)
    if said["refused"]:
        raise RuntimeError(f"{said['refused']} of {EVENTS} deliveries to {path} were not accepted")
    spent = cpu_seconds(child.pid) - before
    return Measured(per_second=EVENTS / said["seconds"], cpu_milliseconds=1000 * spent / EVENTS)


def best(rounds: list[Measured]) -> Measured:
    """Noise only ever slows down."""
    return Measured(
        per_second=max(found.per_second for found in rounds),
        cpu_milliseconds=min(found.cpu_milliseconds for found in rounds),
    )


def cpu_seconds(pid: int) -> float:
    """What a process and its children have used, from /proc (Linux)."""
    ticks = sum(sum(map(int, fields[11:13])) for own, fields in stats() if own == pid or int(fields[1]) == pid)
    return ticks / os.sysconf("SC_CLK_TCK")


def stats() -> Iterator[tuple[int, list[str]]]:
    """Each process's id and the fields of its `stat` that follow the name."""
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:  # it has just ended
            continue
        yield int(path.parent.name), text.rpartition(")")[2].split()
