"""The moments at which a process can die: before and after each SQL statement, commit and request to Stripe.

They are found by wrapping what every one of them passes through, so that a new statement is a new point without
anybody listing it.
"""

import re
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any, Final
from unittest import mock

import requests
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

HTTP, COMMIT = "http", "commit"
# SIGKILL runs no `finally` and no handler; a stopped process goes on when it is told to.
KILLED: Final = partial(signal.raise_signal, signal.SIGKILL)
STOPPED: Final = partial(signal.raise_signal, signal.SIGSTOP)
TABLE = re.compile(r'\b(?:FROM|INTO|UPDATE)\s+"(\w+)"')
IDENTIFIER = re.compile(r"\b(?:cs|pi|ch|re|du|evt)_\w+")


class Points:
    """Counts the points that a process passes, tells each one, and lets happen what is planned for the chosen one."""

    def __init__(self, planned: Mapping[int, Callable[[], None]], *, tell: Callable[[str], None]) -> None:
        self.planned, self.tell = planned, tell
        self.passed = 0

    def reach(self, label: str) -> None:
        """Pass a point, and meet there what is planned for it."""
        self.passed += 1
        self.tell(label)
        if self.passed in self.planned:
            self.planned[self.passed]()

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Count inside."""
        with (
            connection.execute_wrapper(self.around_statement),
            mock.patch.object(BaseDatabaseWrapper, "_commit", self.around_commit()),
            mock.patch.object(requests.Session, "send", self.around_request()),
        ):
            yield

    def around_statement(self, execute: Callable[..., Any], sql: Any, *rest: Any) -> Any:
        """Called by Django for each statement."""
        name = statement_name(str(sql))
        self.reach(f"before {name}")
        result = execute(sql, *rest)
        self.reach(f"after {name}")
        return result

    def around_commit(self) -> Callable[..., Any]:
        """What takes the place of Django's way to commit."""
        commit = BaseDatabaseWrapper._commit  # type: ignore[attr-defined]  # django-stubs leaves it out

        def counted(database: BaseDatabaseWrapper) -> Any:
            self.reach(f"before {COMMIT}")
            result = commit(database)
            self.reach(f"after {COMMIT}")
            return result

        return counted

    def around_request(self) -> Callable[..., Any]:
        """What takes the place of the way out to Stripe: after it, Stripe has acted and we know nothing yet."""
        send = requests.Session.send

        def counted(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
            name = f"{HTTP} {request.method} {IDENTIFIER.sub('…', str(request.path_url).split('?')[0])}"
            self.reach(f"before {name}")
            result = send(session, request, **options)
            self.reach(f"after {name}")
            return result

        return counted


def statement_name(sql: str) -> str:
    """Return the verb and the table of a statement: "UPDATE bookings_booking"."""
    table = TABLE.search(sql)
    return f"{sql.split(maxsplit=1)[0]} {table[1] if table else ''}".strip()


def is_edge(label: str) -> bool:
    """Whether a point lies directly beside a commit or a request to Stripe."""
    return label.split()[1] in (HTTP, COMMIT)


def edges(labels: list[str]) -> set[int]:
    """Return the numbers (from 1) of the points at commits and requests."""
    return {number for number, label in enumerate(labels, 1) if is_edge(label)}


def writes(labels: list[str]) -> list[int]:
    """Return the points before each new row and each request."""
    wanted = (f"before {HTTP}", "before INSERT")
    return [number for number, label in enumerate(labels, 1) if label.startswith(wanted)]


def changes(labels: list[str]) -> list[int]:
    """Return the points before each statement that changes a row."""
    wanted = ("before INSERT", "before UPDATE", "before DELETE")
    return [number for number, label in enumerate(labels, 1) if label.startswith(wanted)]


def places(labels: list[str]) -> list[int]:
    """Return the points that matter most: around the last request that moves money, and before its settling commits.

    Where no money moves, the last commit.
    """
    numbered = list(enumerate(labels, 1))
    asked = [n for n, label in numbered if label.startswith(f"before {HTTP} POST")]
    commits = [n for n, label in numbered if label == f"before {COMMIT}"]
    if not asked:
        return commits[-1:] or [len(labels) // 2]
    settled = next(n for n in commits if n > asked[-1])
    return [asked[-1], asked[-1] + 1, settled]
