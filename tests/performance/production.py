"""The processes of an installation, as its units start them: web behind a socket that outlives it, and the worker."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg

from site_config import processes
from tests.performance.webhooks import stats

# As deploy/systemd/innkeep-web.service starts it, without the address: the socket is handed in.
SERVE: Final = (
    *("gunicorn", "site_config.wsgi", "--workers", "2", "--preload"),
    *("--worker-tmp-dir", "/dev/shm", "--graceful-timeout", "30"),  # noqa: S108
)
WAITING: Final = 2048


class Installation:
    """Web and worker, each of which can be started anew while requests come in."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self.folder, self.env = folder, env
        # What systemd does with innkeep-web.socket: whoever comes while nobody serves waits in its queue.
        self.socket = socket.create_server(("127.0.0.1", 0), backlog=WAITING)
        self.port: int = self.socket.getsockname()[1]
        self.spent: dict[str, float] = {"web": 0.0, "worker": 0.0}
        self.web, self.worker = self.serve(), self.work()

    def serve(self) -> "subprocess.Popen[bytes]":
        """Start the servers on the socket."""
        number = self.socket.fileno()
        command = [sys.executable, "-m", *SERVE, "--bind", f"fd://{number}"]
        with (self.folder / "web.log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                env=self.env,
                pass_fds=[number],
                start_new_session=True,
                preexec_fn=processes.end_with_parent(),  # noqa: PLW1509  (no thread was started)
            )

    def work(self) -> processes.Child:
        """Start the worker."""
        command = [sys.executable, "-m", "tests.performance.live_worker"]
        return processes.start(command, log=self.folder / "worker.log", env=self.env)

    def restart_web(self) -> float:
        """Ask the servers to end, and start others once they have; return the seconds without any."""
        began = time.monotonic()
        self.end("web", self.web)
        self.web = self.serve()
        return time.monotonic() - began

    def restart_worker(self) -> None:
        """Ask the worker to end, and start another one once it has."""
        self.end("worker", self.worker)
        self.worker = self.work()

    def end(self, name: str, child: "subprocess.Popen[bytes]") -> None:
        """Ask one to end, and remember how long it kept a core busy."""
        self.spent[name] += busy(child.pid)
        child.send_signal(signal.SIGTERM)
        child.wait(timeout=60)

    def close(self) -> None:
        """End both."""
        self.end("web", self.web)
        self.end("worker", self.worker)
        self.socket.close()


@contextmanager
def installation(folder: Path, env: Mapping[str, str]) -> Iterator[Installation]:
    """Run web and worker, and end them."""
    running = Installation(folder, env)
    try:
        yield running
    finally:
        running.close()


def busy(pid: int) -> float:
    """Return for how many seconds a process and its children, past ones too, have kept a core busy (Linux)."""
    ticks = 0
    for own, fields in stats():
        if own == pid:
            ticks += sum(map(int, fields[11:15]))
        elif int(fields[1]) == pid:
            ticks += sum(map(int, fields[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def postmaster(url: str) -> int:
    """Return the process of a PostgreSQL server on this machine."""
    with psycopg.connect(url) as connection:
        backend: int = connection.info.backend_pid
        return next(int(fields[1]) for own, fields in stats() if own == backend)
