"""What comes between in the middle of a step: the process dies, somebody else acts, or a request takes long.

A process that dies is one that reaches nothing any more, neither its database nor Stripe: whatever it tries to clean
up goes nowhere. `test_kills` does the same with real processes; here it costs no process, and no chance.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread, get_ident
from typing import Any, Final
from unittest import mock

import requests
from django.db import connection, connections

from payments import gateway
from tests.faults.points import Points, is_edge
from tests.faults.simulation.clock import REALLY_SLEEP

PATIENCE: Final = 20.0  # seconds until somebody who neither ends nor waits for a lock counts as hanging


class Died(BaseException):
    """The process ends here: no `except Exception` may catch it."""


class Mishap(Points):
    """What is planned for the chosen point of a step: of all points, or only of those at a commit or a request.

    A second thread passes by: only the thread that began is watched.
    """

    def __init__(self, at: int, happens: "Callable[[Mishap], None]", *, edges: bool) -> None:
        super().__init__({}, tell=lambda _label: None)
        self.at, self.happens, self.edges = at, happens, edges
        self.thread, self.is_dead, self.where = get_ident(), False, ""
        self.rival: Rival | None = None

    def reach(self, label: str) -> None:
        """Pass a point."""
        if get_ident() != self.thread:
            return
        if self.is_dead:
            raise Died
        if self.rival and label == "after commit":
            self.rival.comes_as_far_as_it_can()
        if self.edges and not is_edge(label):
            return
        self.passed += 1
        if self.passed == self.at:
            self.where = label
            self.happens(self)


def dies(mishap: Mishap) -> None:
    """The process dies, and its connection to the database with it."""
    mishap.is_dead = True
    if connection.connection:
        connection.connection.close()
    raise Died


def lets_in(act: Callable[[], str]) -> Callable[[Mishap], None]:
    """Somebody else acts meanwhile."""

    def happens(mishap: Mishap) -> None:
        mishap.rival = Rival(act)
        mishap.rival.start()
        mishap.rival.comes_as_far_as_it_can()

    return happens


class Rival(Thread):
    """Somebody who acts in a thread of their own, while the first one stands still or waits for them."""

    def __init__(self, act: Callable[[], str]) -> None:
        super().__init__(daemon=True)
        self.act, self.answer, self.process = act, "", 0
        self.error: BaseException | None = None

    def run(self) -> None:
        """Act."""
        try:
            connection.ensure_connection()
            self.process = connection.connection.info.backend_pid
            self.answer = self.act()
        except BaseException as error:  # it belongs to whoever waits for this thread
            self.error = error
        finally:
            connections.close_all()

    def comes_as_far_as_it_can(self) -> None:
        """Return when it has ended or waits for a lock."""
        end = time.monotonic() + PATIENCE
        with connection.get_new_connection(connection.get_connection_params()) as other:
            other.autocommit = True
            while self.is_alive() and time.monotonic() < end and not self.waits(other):
                REALLY_SLEEP(0.002)

    def waits(self, other: Any) -> bool:
        """Whether the database lets it wait."""
        asked = "SELECT 1 FROM pg_stat_activity WHERE pid = %s AND wait_event_type = 'Lock'"
        return bool(self.process and other.execute(asked, [self.process]).fetchone())

    def ended(self) -> str:
        """Wait for its end and return its answer."""
        self.join(PATIENCE)
        if self.is_alive():
            raise AssertionError("the rival hangs")
        if self.error:
            raise self.error
        return self.answer


class Post:
    """Requests that are under way for so long that we give up waiting; they arrive later all the same."""

    def __init__(self) -> None:
        self.waiting: list[tuple[requests.PreparedRequest, dict[str, Any]]] = []

    @contextmanager
    def slow(self, times: int) -> Iterator[None]:
        """Keep back so many of the next requests that change something."""
        send, left = requests.Session.send, iter(range(times))

        def kept(session: requests.Session, request: requests.PreparedRequest, **options: Any) -> Any:
            if request.method == "POST" and next(left, None) is not None:
                self.waiting.append((request, options))
                raise requests.exceptions.ReadTimeout("no answer yet")
            return send(session, request, **options)

        with mock.patch.object(requests.Session, "send", kept):
            yield

    def arrives(self) -> int:
        """Let everything that is under way arrive; nobody waits for the answers. Return how much it was."""
        came, self.waiting = self.waiting, []
        for request, _ in came:
            with requests.Session() as session:
                session.send(request, timeout=10)
        return len(came)


def hang_up() -> None:
    """What is left of a process that died: nothing. The next one connects anew."""
    if connection.connection:
        connection.connection.close()
    connection.connection = None
    # It may have died in the middle of leaving a transaction.
    connection.in_atomic_block = connection.needs_rollback = connection.closed_in_transaction = False
    connection.run_on_commit.clear()
    connections.close_all()
    if gateway._client.cache_info().currsize:
        gateway.client()._requestor._client.close()
        gateway._client.cache_clear()
