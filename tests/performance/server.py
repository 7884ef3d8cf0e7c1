"""gunicorn, which serves the product, beside granian: pages, webhooks, memory, and an end with requests in hand.

Both serve the same application with two processes of one thread each, by turns, so that a busy moment of the machine
hits both. granian lies in a place of its own (.bench-granian), and is no part of the product.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg

from site_config import processes
from site_config.devtools.postgresql import free_port
from tests.performance import load, webhooks
from tests.performance.production import busy, postmaster
from tests.performance.webhooks import Measured
from tests.performance.working import measured

CHECKOUT: Final = Path(__file__).resolve().parents[2]
PLACE: Final = CHECKOUT / ".bench-granian"
REQUIREMENTS: Final = Path(__file__).with_name("requirements-server.txt")
WORKERS: Final = 2
ROUNDS, CLIENTS = 3, 8
REQUESTS: Final = {"guest's page": 240, "list of bookings": 120}
OUR_HOOK: Final = webhooks.OURS[1]
# As deploy/systemd/innkeep-web.service has it, but for the socket, which only one of them can take.
SHARED: Final = ("--workers", str(WORKERS))
COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "gunicorn": (
        *("gunicorn", "site_config.wsgi", *SHARED, "--preload", "--log-level", "warning"),
        *("--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "30", "--bind", "127.0.0.1:{port}"),  # noqa: S108
    ),
    "granian": (
        *("granian", "--interface", "wsgi", "site_config.wsgi:application", *SHARED, "--blocking-threads", "1"),
        *("--no-ws", "--http", "1", "--log-level", "warning", "--workers-kill-timeout", "30", "--port", "{port}"),
    ),
}


@dataclass(frozen=True)
class Served:
    """What one server did: each kind of request, PostgreSQL's milliseconds for it, MB, and how it ended.

    `in_hand` is how many of the requests that it had in hand it still answered.
    """

    rates: dict[str, Measured]
    postgresql: dict[str, float]
    megabytes: float
    in_hand: int
    seconds_to_end: float


def measure(env: Mapping[str, str]) -> dict[str, Served]:
    """Measure both by turns."""
    install()
    pages = measured("server_stage", env)
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        running = {name: stack.enter_context(serving(name, Path(folder), env)) for name in COMMANDS}
        found: dict[str, list[dict[str, tuple[Measured, float]]]] = {name: [] for name in COMMANDS}
        for turn in range(ROUNDS + 1):
            for name in sorted(running, reverse=bool(turn % 2)):
                found[name].append(one_round(running[name], pages, env))
        memory = {name: megabytes(child.pid) for name, (_, child) in running.items()}
        ends = {name: ended(*running[name], env) for name in running}
    return {
        name: Served(
            {kind: webhooks.best([each[kind][0] for each in found[name][1:]]) for kind in found[name][0]},
            {kind: min(each[kind][1] for each in found[name][1:]) for kind in found[name][0]},
            memory[name],
            *ends[name],
        )
        for name in COMMANDS
    }


def one_round(
    running: tuple[int, processes.Child], pages: Mapping[str, Any], env: Mapping[str, str]
) -> dict[str, tuple[Measured, float]]:
    """Every kind of request once, each with the milliseconds of PostgreSQL's CPU for it."""
    database = postmaster(env["DATABASE_URL"])

    def beside(ask: Callable[[], Measured], number: int) -> tuple[Measured, float]:
        before = busy(database)
        return ask(), 1000 * (busy(database) - before) / number

    rates = {kind: beside(partial(drawn, running, pages[kind], number), number) for kind, number in REQUESTS.items()}
    return {**rates, "webhook": beside(partial(webhooks.one_round, running, OUR_HOOK, env), webhooks.EVENTS)}


def drawn(running: tuple[int, processes.Child], page: tuple[str, Mapping[str, str]], number: int) -> Measured:
    """Let a process of its own ask for a page so often."""
    (port, child), (path, headers) = running, page
    before = webhooks.cpu_seconds(child.pid)
    command = [sys.executable, "-m", "tests.performance.gets", str(port), path, str(number), str(CLIENTS)]
    done = subprocess.run(command, input=json.dumps(headers), capture_output=True, text=True, check=True)
    said = json.loads(done.stdout)
    if said["refused"]:
        raise RuntimeError(f"{said['refused']} of {number} requests for {path} were not answered with 200")
    spent = webhooks.cpu_seconds(child.pid) - before
    return Measured(per_second=number / said["seconds"], cpu_milliseconds=1000 * spent / number)


@contextmanager
def serving(name: str, folder: Path, env: Mapping[str, str]) -> Iterator[tuple[int, processes.Child]]:
    """One server with the product behind it."""
    port, log = free_port(), folder / f"{name}.log"
    command = [sys.executable, "-m", *(each.format(port=port) for each in COMMANDS[name])]
    paths = os.pathsep.join((str(CHECKOUT), str(PLACE)))
    child = processes.start(command, log=log, env={**env, "PYTHONPATH": paths})
    try:
        webhooks.wait_for(port, child, log)
        yield port, child
    finally:
        processes.stop(child)


def megabytes(pid: int) -> float:
    """Return the memory of a server and its processes; what they share is counted once (Linux)."""
    family = [own for own, fields in webhooks.stats() if own == pid or int(fields[1]) == pid]
    kilobytes = 0
    for each in family:
        lines = Path(f"/proc/{each}/smaps_rollup").read_text().splitlines()
        kilobytes += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes / 1024


def ended(port: int, child: processes.Child, env: Mapping[str, str]) -> tuple[int, float]:
    """Ask a server to end while each of its processes has a request in hand; how many of these it still answers."""
    answered: list[bool] = []
    secret = env["STRIPE_WEBHOOK_SECRET"]
    threads = [
        threading.Thread(target=deliver, args=(port, load.signed(number, f"end-{port}", secret), answered))
        for number in range(WORKERS)
    ]
    with psycopg.connect(env["DATABASE_URL"]) as connection:
        # Nobody stores an event until this is over.
        connection.execute(f"LOCK TABLE {webhooks.EVENT_TABLE}")
        for thread in threads:
            thread.start()
        time.sleep(1)
        began = time.monotonic()
        child.send_signal(signal.SIGTERM)
        time.sleep(1)
        connection.rollback()
    for thread in threads:
        thread.join()
    child.wait(timeout=60)
    return sum(answered), time.monotonic() - began - 1


def deliver(port: int, delivery: load.Delivery, answered: list[bool]) -> None:
    """Send one webhook; a connection that breaks is no answer."""
    refused: list[int] = []
    try:
        load.send(port, OUR_HOOK, [delivery], refused)
    except OSError:
        return
    answered.append(not refused)


def install() -> None:
    """Lay granian beside the product, once for each state of its requirements."""
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    stamp = PLACE / "installed"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("Installing granian beside the product (once) …", flush=True)
    quiet = ["--disable-pip-version-check", "--no-input", "-qq", "--require-hashes", "--upgrade"]
    command = [sys.executable, "-m", "pip", "install", *quiet, "--target", str(PLACE), "-r", str(REQUIREMENTS)]
    subprocess.run(command, check=True)
    stamp.write_text(wanted, encoding="utf-8")
