"""Child processes that never outlive the one that started them."""

import ctypes
import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

type Child = subprocess.Popen[bytes]

PR_SET_PDEATHSIG = 1  # prctl(2)
STOPPING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(Exception):
    """A person or the system asked this program to stop."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Inside, Ctrl-C and a request to end raise `Interrupted`, so that `finally` blocks stop the children."""
    before = {number: signal.signal(number, raise_interrupted) for number in STOPPING_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def raise_interrupted(number: int, _frame: FrameType | None) -> None:
    """Raise once: whoever presses Ctrl-C twice must not interrupt the stopping."""
    for other in STOPPING_SIGNALS:
        signal.signal(other, signal.SIG_IGN)
    raise Interrupted(signal.Signals(number).name)


def start(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    cwd: Path | None = None,
) -> Child:
    """Start a child that writes to `log` and gets SIGTERM when this process ends, in whatever way it ends.

    The child leads a session of its own: Ctrl-C reaches only us, and we stop the children in order.
    """
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=end_with_parent(),  # noqa: PLW1509  (no thread was started)
            **identity(user),
        )


def stop(*children: Child, patience: float = 10) -> None:
    """Ask each to end; after `patience` seconds end it, and whatever it started, by force."""
    for child in children:
        child.terminate()
    deadline = time.monotonic() + patience
    for child in children:
        try:
            child.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()


def attend(command: Sequence[str], *, env: Mapping[str, str]) -> int:
    """Run a child in the foreground, with the terminal, and return its exit code.

    When we are interrupted it gets SIGINT and a while to clean up. Ctrl-C has reached it already.
    """
    child = subprocess.Popen(command, env=env)
    try:
        return child.wait()
    except Interrupted as interruption:
        if str(interruption) != signal.SIGINT.name:
            child.send_signal(signal.SIGINT)
        try:
            child.wait(timeout=10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        raise


def identity(user: str | None) -> dict[str, Any]:
    """Arguments that make a child run as another user of the system; only root may name one."""
    if user is None:
        return {}
    return {"user": user, "group": pwd.getpwnam(user).pw_gid, "extra_groups": []}


def end_with_parent() -> Callable[[], None] | None:
    """What a child runs first, so that a SIGKILLed parent leaves no orphan. Linux only: elsewhere None."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask_the_kernel() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we could ask
            os._exit(1)

    return ask_the_kernel
