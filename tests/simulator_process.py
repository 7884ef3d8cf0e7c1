"""The simulated Stripe as a process of its own, and the levers that tests pull on it."""

import json
import os
import re
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from site_config import processes

STARTED = re.compile(r"Stripe simulator on (http://\S+)")
START_SECONDS = 20


class StripeSimulator:
    """A running simulator. `control` reaches the addresses that payments/simulator/README.md lists."""

    def __init__(self, url: str) -> None:
        self.url = url

    def control(self, path: str, **body: Any) -> Any:
        """POST to `/_sim/{path}` and return the answer."""
        return self._send("POST", path, json.dumps(body).encode())

    def look(self, path: str) -> Any:
        """GET `/_sim/{path}`."""
        return self._send("GET", path, None)

    def reset(self) -> None:
        """Forget everything, the clock and the faults too."""
        self.control("reset")

    def _send(self, method: str, path: str, body: bytes | None) -> Any:
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/_sim/{path}", body, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


@contextmanager
def running(folder: Path, *, api_key: str) -> Iterator[StripeSimulator]:
    """Start a simulator on a free port, with its state in `folder`, and stop it afterwards."""
    log = folder / "simulator.log"
    arguments = ["--port", "0", "--state", str(folder / "simulator.sqlite3"), "--api-key", api_key]
    command = [sys.executable, "-m", "payments.simulator", *arguments]
    child = processes.start(command, log=log, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    try:
        yield StripeSimulator(wait_for_url(child, log))
    finally:
        processes.stop(child)


def wait_for_url(child: processes.Child, log: Path) -> str:
    """The address it prints when it is ready."""
    deadline = time.monotonic() + START_SECONDS
    while not (found := STARTED.search(log.read_text())):
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"the simulator did not start: {log.read_text()}")
        time.sleep(0.02)
    return found[1]
