"""The product's web server as a process of its own, on the tests' database, and who calls it."""

import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from site_config import processes
from site_config.devtools.postgresql import free_port

START_SECONDS = 60
PROBE = "/healthz"


@dataclass(frozen=True)
class Server:
    """A running server; `log` is what it has printed."""

    url: str
    log: Path

    def faults(self) -> list[str]:
        """The lines that tell of a fault of ours."""
        return [line for line in self.log.read_text().splitlines() if "http.error" in line or "Traceback" in line]


@contextmanager
def running(folder: Path, *, database: str, stripe: str, **more: str) -> Iterator[Server]:
    """Start gunicorn with two workers, as in production, and stop it afterwards; `more` are variables of its own."""
    port, log = free_port(), folder / "web.log"
    url = f"http://127.0.0.1:{port}"
    env = {**os.environ, "DATABASE_URL": database, "STRIPE_API_BASE": stripe, "SITE_URL": url, **more}
    options = ("--workers", "2", "--preload", "--log-level", "warning", "--bind", f"127.0.0.1:{port}")
    child = processes.start([sys.executable, "-m", "gunicorn", "site_config.wsgi", *options], log=log, env=told(env))
    try:
        wait_for(url, child, log)
        yield Server(url, log)
    finally:
        processes.stop(child)


def told(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of the process: the product's own settings, which strangers' tries are not counted in."""
    return {**env, "DJANGO_SETTINGS_MODULE": "site_config.settings", "CACHE_URL": "dummycache://"}


def wait_for(url: str, child: processes.Child, log: Path) -> None:
    """Return when the server answers."""
    deadline = time.monotonic() + START_SECONDS
    while not answers(url):
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the server did not start: {log.read_text()}")
        time.sleep(0.1)


def answers(url: str) -> bool:
    """Whether it is up."""
    try:
        with urllib.request.urlopen(url + PROBE, timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
