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

import psycopg
from psycopg import sql

from site_config import processes
from site_config.devtools.postgresql import free_port

EVENTS, CLIENTS, ROUNDS = 1500, 8, 3
GOAL = 0.8
OURS = ("site_config.wsgi", "/api/public/hotel/room-bookings/stripe-webhook/")
EVENT_TABLE = "payments_stripewebhookevent"
BARE = ("tests.performance.bare", "/webhook/")


@dataclass(frozen=True, slots=True)
class Measured:
    """The best of some rounds."""

    per_second: float
    cpu_milliseconds: float


@dataclass(frozen=True, slots=True)
class Accepted(Measured):
    """The same, and how many rows were written when all events came once more."""

    rewritten: int


def measure(env: Mapping[str, str]) -> tuple[Accepted, Measured]:
    """Ours and the reference, by turns, so that a busy moment of the machine hits both."""
    with (
        tempfile.TemporaryDirectory() as folder,
        server(OURS[0], Path(folder), env) as ours,
        server(BARE[0], Path(folder), env) as bare,
    ):
        rounds = [(one_round(ours, OURS[1], env), one_round(bare, BARE[1], env)) for _ in range(ROUNDS + 1)]
        again = redelivered(ours, env)
    found, reference = (best([pair[side] for pair in rounds[1:]]) for side in (0, 1))
    return Accepted(found.per_second, found.cpu_milliseconds, again), reference


def redelivered(ours: tuple[int, processes.Child], env: Mapping[str, str]) -> int:
    """Send some events twice; how many rows the second time has written, in whatever table."""
    one_round(ours, OURS[1], env, batch="again")
    before = versions(env["DATABASE_URL"])
    one_round(ours, OURS[1], env, batch="again")
    return len(versions(env["DATABASE_URL"]) - before)


def versions(url: str) -> set[tuple[str, str, str]]:
    """Every version of a row that is in the database: its table, its place, and the transaction that wrote it.

    Of a webhook there is one row, whatever its counter of deliveries says.
    """
    found: set[tuple[str, str, str]] = set()
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            version = "event_id, payload_hash" if table == EVENT_TABLE else "ctid::text, xmin::text"
            rows = sql.SQL("SELECT {} FROM {}").format(sql.SQL(version), sql.Identifier(table))
            found |= {(table, *row) for row in connection.execute(rows).fetchall()}
    return found


@contextmanager
def server(
    application: str, folder: Path, env: Mapping[str, str], *, python: str = sys.executable
) -> Iterator[tuple[int, processes.Child]]:
    """gunicorn with two workers, as in production."""
    port = free_port()
    options = ["--workers", "2", "--preload", "--log-level", "warning", "--bind", f"127.0.0.1:{port}"]
    command = [python, "-m", "gunicorn", application, *options]
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


def one_round(
    running: tuple[int, processes.Child], path: str, env: Mapping[str, str], *, batch: str = ""
) -> Measured:
    """Send all events once."""
    port, child = running
    arguments = [str(port), path, str(EVENTS), str(CLIENTS), *([batch] if batch else [])]
    return timed("tests.performance.load", arguments, child, events=EVENTS, env=env)


def timed(
    module: str, arguments: list[str], child: processes.Child, *, events: int, env: Mapping[str, str] | None = None
) -> Measured:
    """Let a process of its own send events to a server; how many it took a second, and its CPU for each."""
    before = cpu_seconds(child.pid)
    done = subprocess.run([sys.executable, "-m", module, *arguments], env=env, check=True, capture_output=True)
    said = json.loads(done.stdout)
    if said["refused"]:
        raise RuntimeError(f"{said['refused']} of {events} deliveries to {arguments[1]} were not accepted")
    spent = cpu_seconds(child.pid) - before
    return Measured(per_second=events / said["seconds"], cpu_milliseconds=1000 * spent / events)


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
