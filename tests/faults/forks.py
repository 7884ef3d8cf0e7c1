"""The tests' side of the server: hand over jobs, get back what became of them."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

type Job = dict[str, Any]


@dataclass(frozen=True)
class Ended:
    """What became of a job: its answer in one word, the points it passed, and whether it was killed."""

    answer: str
    words: str
    error: str
    seconds: float
    killed: bool
    points: list[str]

    @property
    def last(self) -> str:
        """Where it was killed."""
        return f"{len(self.points)}, {self.points[-1]}" if self.points else "0"


class Forks:
    """A running child. It does jobs one after the other, or several at the same moment."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self.child = child

    def together(self, *jobs: Job) -> list[Ended]:
        """Do jobs at the same moment, each in a process of its own."""
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(json.dumps(jobs) + "\n")
        self.child.stdin.flush()
        line = self.child.stdout.readline()
        assert line, "the child has ended; its log says why"
        return [Ended(**each) for each in json.loads(line)]

    def one(self, job: Job) -> Ended:
        """Do one job."""
        (ended,) = self.together(job)
        return ended


@contextmanager
def running(*, database: str, stripe: str, log: Path) -> Iterator[Forks]:
    """Start a child that works on a database and a Stripe; it ends with its stdin."""
    command = [sys.executable, "-m", "tests.faults.child", database, stripe]
    with (
        log.open("ab") as output,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output, text=True) as child,
    ):
        yield Forks(child)
