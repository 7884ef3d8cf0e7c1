"""`manage.py worker`: everything that happens without a person pressing a button."""

import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections, connections
from django.utils import timezone

from bookings import audit, bulk, outbox, realtime
from cancellations import links
from payments import chores, ending_authorizations, heartbeat, reconcile, webhooks

logger = structlog.get_logger(__name__)

POLL = 0.3  # seconds
# What is done at every turn, and what only now and then. The rows themselves say what is due, so a worker may
# be killed at any moment, and several may run side by side.
ALWAYS: tuple[Callable[[datetime], int], ...] = (
    outbox.deliver_due,
    links.answer_requests,
    webhooks.process_due,
)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(seconds=60)
PERIODIC: tuple[tuple[timedelta, Callable[[datetime], int]], ...] = (
    (heartbeat.EVERY, heartbeat.beat),
    (MINUTE, reconcile.reconcile),
    (MINUTE, ending_authorizations.warn_due),
)


class Command(BaseCommand):
    """Process webhooks, send mails, reconcile with Stripe, expire holds."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """`--once` does what is due now and ends."""
        parser.add_argument("--once", action="store_true", help="do what is due and end")

    def handle(self, *args: Any, **options: Any) -> None:
        """Turn until told to stop; SIGTERM ends after the current piece of work."""
        self.running = True
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        beside = (
            Beside(chores.do_due, every=MINUTE),
            Beside(bulk.run_due, every=SECOND, wanted=bulk.unfinished),
            # A server for events that is slow or gone delays neither mails nor webhooks.
            Beside(realtime.publish_due, every=timedelta(), wanted=realtime.waiting),
        )
        last = dict.fromkeys(range(len(PERIODIC)), datetime.min.replace(tzinfo=timezone.now().tzinfo))
        while self.running:
            busy = turn(last)
            if options["once"]:
                for each in beside:
                    attempt(each.work, timezone.now())
                return
            for each in beside:
                each.start_due(timezone.now())
            if not busy:
                time.sleep(POLL)

    def stop(self, *_: Any) -> None:
        """Finish the current piece of work, then end."""
        self.running = False


class Beside:
    """Does long work in a thread of its own, so that no mail and no webhook waits for it: a turn now and then."""

    def __init__(
        self,
        work: Callable[[datetime], int],
        *,
        every: timedelta,
        wanted: Callable[[datetime], int] = lambda _now: 1,
    ) -> None:
        self.work, self.every, self.wanted = work, every, wanted
        self.thread = threading.Thread()
        self.last = datetime.min.replace(tzinfo=UTC)

    def start_due(self, now: datetime) -> None:
        """Begin a turn unless the last one goes on. It dies with the worker, and may be killed at any moment, too."""
        if now - self.last < self.every or self.thread.is_alive():
            return
        self.last = now
        # A thread has a connection of its own to the database, which is not worth it for nothing.
        if not attempt(self.wanted, now):
            return
        self.thread = threading.Thread(target=self.run, args=(now,), daemon=True)
        self.thread.start()

    def run(self, now: datetime) -> None:
        """Do the work, and give back the thread's own connection to the database."""
        try:
            attempt(self.work, now)
        finally:
            connections.close_all()


def turn(last: dict[int, datetime]) -> bool:
    """Do everything that is due once; whether there was anything."""
    now = timezone.now()
    due = [work for number, (period, work) in enumerate(PERIODIC) if now - last[number] >= period]
    for number, (period, _) in enumerate(PERIODIC):
        if now - last[number] >= period:
            last[number] = now
    # Every kind of work gets its turn, so the sum and not any().
    return sum(attempt(work, now) for work in (*ALWAYS, *due)) > 0


def attempt(work: Callable[[datetime], int], now: datetime) -> int:
    """Do one kind of work. Neither a database that is gone for a moment nor a row that breaks ends the worker."""
    with audit.acting(audit.Actor(kind=audit.ActorKind.WORKER, request_id=audit.new_request_id())):
        try:
            close_old_connections()
            return work(now)
        except Exception:  # the other kinds of work go on
            logger.exception("worker.failed", work=work.__name__)
            time.sleep(1)
            return 0
