"""No child outlives the program that started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from site_config import processes

SLEEPER = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(60)",
]
PARENT = """
import sys, time
from pathlib import Path
from site_config import processes
child = processes.start([sys.executable, "-c", "import time; time.sleep(60)"], log=Path(sys.argv[1]))
print(child.pid, flush=True)
time.sleep(60)
"""


def wait_for(condition, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """A zombie has ended, though nobody has asked how."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(("command", "exit_code"), [(SLEEPER, -signal.SIGTERM), (STUBBORN, -signal.SIGKILL)])
def test_stop_ends_a_child_by_force_if_it_must(tmp_path: Path, command: list[str], exit_code: int):
    log = tmp_path / "log"
    child = processes.start(command, log=log)
    wait_for(lambda: log.read_text() == "up\n")
    processes.stop(child, patience=0.3)
    assert child.returncode == exit_code


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can promise it")
def test_killed_parent_leaves_no_orphan(tmp_path: Path):
    command = [sys.executable, "-c", PARENT, str(tmp_path / "log")]
    parent = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    with parent.stdout:
        child = int(parent.stdout.readline())
    assert is_running(child)
    parent.kill()
    parent.wait()
    wait_for(lambda: not is_running(child))


def test_interruption_is_raised_once():
    with pytest.raises(processes.Interrupted, match="SIGTERM"), processes.interruptible():
        terminate_twice()


def terminate_twice() -> None:
    """The second signal comes while the first is being handled, and must not disturb it."""
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.01)
