"""How long `./run demo` takes until its pages answer, when it was started before."""

import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Final

from site_config import processes
from site_config.devtools.postgresql import free_port

CHECKOUT: Final = Path(__file__).resolve().parents[2]
GOAL_SECONDS, PATIENCE = 5, 300


def second_start() -> float:
    """Seconds from the command to the first page, at the second start."""
    started()
    return started()


def started() -> float:
    """Start it on a port of its own, wait for the sign-in page, stop it; in seconds."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        command = [sys.executable, "run", "demo", "--port", str(port)]
        child = processes.start(command, log=Path(folder) / "log", cwd=CHECKOUT)
        try:
            wait_for(f"http://127.0.0.1:{port}/admin/login/", child, Path(folder) / "log")
            return time.monotonic() - began
        finally:
            processes.stop(child, patience=30)


def wait_for(address: str, child: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until the page answers. Raises RuntimeError with what the demo said when it does not."""
    deadline = time.monotonic() + PATIENCE
    while not answers(address):
        if child.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(log.read_text(encoding="utf-8", errors="replace")[-3000:])
        time.sleep(0.05)


def answers(address: str) -> bool:
    """Whether a page is there."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False
