"""The same work in several threads, and in several processes beside this one."""

import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import structlog
from django.conf import settings
from django.db import connections

logger = structlog.get_logger(__name__)

# A process that ends finishes what it has in hand; whatever takes longer than this is taken up by somebody else.
PATIENCE: Final = 120.0  # seconds
# How long one thread computes while another one could.
TURN: Final = 0.0005  # seconds

type Read = Callable[[Collection[int]], Sequence[int]]


class Rows:
    """Keys of rows that wait, handed out one by one to however many threads, none of them twice.

    `read` returns some that wait, without those that it is given; it is asked again when all are handed out.
    `stopping` may be set at any time: from then on nothing is handed out.
    """

    def __init__(self, read: Read, *, stopping: threading.Event | None = None) -> None:
        self.read, self.stopping = read, stopping or threading.Event()
        self.handed_out: set[int] = set()
        self.waiting = deque(read(self.handed_out))
        self.lock = threading.Lock()

    def next(self) -> int | None:
        """Return a key that no other thread of this process got; None when there is nothing left to do."""
        with self.lock:
            if self.stopping.is_set() or not self.waiting:
                return None
            key = self.waiting.popleft()
            self.handed_out.add(key)
            if not self.waiting:
                self.waiting.extend(self.read(self.handed_out))
            return key


def in_threads(number: int, work: Callable[[], None]) -> None:
    """Do the same in some threads, this one among them; the others die with the process, whenever it is killed."""
    others = [threading.Thread(target=do_and_hang_up, args=(work,), daemon=True) for _ in range(number - 1)]
    with taking_turns():
        for thread in others:
            thread.start()
        work()
        for thread in others:
            thread.join()


@contextmanager
def taking_turns() -> Iterator[None]:
    """Let threads take turns more often than Python's five milliseconds.

    Whoever holds a lock in the database gets its answers late while others compute, and everybody else waits for it.
    """
    usual = sys.getswitchinterval()
    sys.setswitchinterval(TURN)
    try:
        yield
    finally:
        sys.setswitchinterval(usual)


def do_and_hang_up(work: Callable[[], None]) -> None:
    """Do something in a thread, and give back its connection to the database."""
    try:
        work()
    finally:
        connections.close_all()


@contextmanager
def processes(commands: Sequence[Sequence[str]], *, keep_open: Sequence[int]) -> Iterator[None]:
    """Run commands of `manage.py` meanwhile; `keep_open` are the files (descriptors) that they share with us.

    Each holds the other end of a pipe from us, and ends in order when it closes: when we are done, and by the kernel
    when we are killed. One that cannot be started is missed by nobody: the others do its work.
    """
    children = [child for command in commands if (child := started(command, keep_open)) is not None]
    try:
        yield
    finally:
        for child in children:
            assert child.stdin is not None
            child.stdin.close()
        for child in children:
            ended(child)


def started(command: Sequence[str], keep_open: Sequence[int]) -> "subprocess.Popen[bytes] | None":
    """Start a command of `manage.py`; None where the system refuses."""
    line = [sys.executable, str(settings.BASE_DIR / "manage.py"), *command]
    try:
        return subprocess.Popen(line, stdin=subprocess.PIPE, pass_fds=tuple(keep_open))
    except OSError as error:
        logger.warning("process.not_started", command=command[0], error=type(error).__name__)
        return None


def ended(child: "subprocess.Popen[bytes]") -> None:
    """Wait until a process has ended, which it was told to."""
    try:
        child.wait(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def until_parent_ends(stopping: threading.Event) -> None:
    """Set an event, in a thread of its own, when the process that started this one closes its pipe or dies."""

    def watch() -> None:
        # Not by `sys.stdin`, whose lock a thread must not hold when Python ends.
        while os.read(0, 1):
            pass
        stopping.set()

    threading.Thread(target=watch, daemon=True).start()
