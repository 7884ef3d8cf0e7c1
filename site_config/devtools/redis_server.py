"""A Redis for the tests: a temporary one of our own, from the system's program."""

import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from site_config import processes

START_SECONDS = 20
NOT_RUN = "the tests with Redis: it is not installed (Debian: apt install redis-server)"


def find() -> str | None:
    """The server's program, or None."""
    return shutil.which("redis-server")


@contextmanager
def running(folder: Path, *, port: int) -> Iterator[processes.Child]:
    """Start a server that keeps nothing on disk, and stop it afterwards."""
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(folder)]
    child = processes.start([str(find()), *options], log=folder / "redis.log")
    try:
        wait_until_open(port, child, folder / "redis.log")
        yield child
    finally:
        processes.stop(child)


def wait_until_open(port: int, child: processes.Child, log: Path) -> None:
    """Return when something listens on a port of loopback."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"nothing listens on {port}: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.02)
