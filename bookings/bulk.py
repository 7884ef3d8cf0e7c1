"""One decision for many bookings, carried out in the background, row by row, by the same services as a single one.

A run and its rows are written down first. Whichever worker has time takes rows that are due by a counted update;
when it dies they are due again, and since every service is safe to repeat, a row that was half done is finished and
one that was done is only reported. No row stops another.
"""

import math
import os
import tempfile
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Count, QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_noop

from bookings import audit, happenings, side_by_side
from bookings.admin.actions import BY_NAME, OFFERS
from bookings.bulk_standing import Standing
from bookings.lifecycle import Outcome
from bookings.models import (
    OPEN_ROWS,
    UNFINISHED_RUNS,
    Booking,
    BulkRow,
    BulkRun,
    MoneyMove,
    RowState,
    RunState,
)
from bookings.refusals import Refused
from bookings.side_by_side import Rows
from payments import pace
from payments.gateway import Declined
from payments.models import RefundRequest

logger = structlog.get_logger(__name__)

# More bookings than this are chosen in several runs: nobody reads a longer list before pressing the button.
MOST: Final = 1000
# Stripe's answers are what rows wait for. SQLite has one writer, so that more threads would only queue for it.
THREADS: Final = 8
THREADS_SQLITE: Final = 4
# A worker that died gives its rows back after this time; longer than all tries of one request take.
LEASE: Final = timedelta(minutes=2)
# When to look again at what Stripe has not answered.
AGAIN: Final = timedelta(seconds=30)
BATCH: Final = 200
# One process does so many rows a second, which keeps a core busy. Another one takes two seconds to start.
EACH_PER_SECOND: Final = 20
FEWEST: Final = 60
# Stored with a row in English, and told again to whoever reads it.
BROKE: Final = gettext_noop("Something broke here. Try this booking again.")
NO_RIGHT: Final = gettext_noop("%(who)s has no right to do this any more.")


def start(*, key: str, rows: Iterable[BulkRow], **facts: Any) -> BulkRun:
    """Write down a run in the name of whoever acts now, with the rows that were promised; a worker takes it up.

    The same key makes one run, however often the button is pressed.
    """
    actor = audit.current_actor()
    assert actor.user_id is not None  # only a person who is signed in starts a run
    rows = list(rows)
    run = BulkRun(
        key=key,
        actor=actor.as_json(),
        started_by_id=actor.user_id,
        request_id=actor.request_id,
        total=len(rows),
        **facts,
    )
    try:
        with transaction.atomic():
            return written(run, rows)
    except IntegrityError:
        return BulkRun.objects.get(key=key, started_by=actor.user_id)


def written(run: BulkRun, rows: list[BulkRow]) -> BulkRun:
    """Save a run and its rows."""
    save(run, "start", run.reason)
    now = timezone.now()
    for row in rows:
        row.run, row.due_at = run, now
    BulkRow.objects.bulk_create(rows)
    return run


def save(run: BulkRun, transition: str, reason: str = "") -> None:
    """Save a run once, with the history row that names what happened."""
    with audit.change(transition, reason):
        run.save()


def stop(run: BulkRun) -> bool:
    """Let nothing more be begun; what is under way ends. Whether there was anything to stop."""
    with transaction.atomic():
        run = locked(run.pk)
        if run.state not in (RunState.WAITING, RunState.RUNNING):
            return False
        run.state = RunState.STOPPING
        save(run, "stop")
        run.rows.filter(state=RowState.WAITING).update(state=RowState.STOPPED, settled_at=timezone.now())
    end_finished()
    return True


def locked(pk: int) -> BulkRun:
    """Return a run afresh, its row locked until the transaction ends."""
    return BulkRun.objects.select_for_update(of=("self",)).get(pk=pk)


def unfinished(_now: datetime) -> int:
    """Return how many runs are not over; the worker looks after them, beside its other work."""
    return BulkRun.objects.filter(state__in=UNFINISHED_RUNS).count()


@dataclass(frozen=True)
class Share:
    """The rows that one of several processes takes first; of two that want the same row one comes in vain."""

    place: int = 0
    of: int = 1

    def due_keys(self, handed_out: Collection[int]) -> list[int]:
        """Return rows that are due and not handed out: the process's own, or once these are taken, anybody's."""
        found = due(timezone.now()).values_list("pk", flat=True)[:BATCH]
        keys = [key for key in found if key not in handed_out]
        return [key for key in keys if key % self.of == self.place] or keys


def run_due(_now: datetime) -> int:
    """Carry out the rows that are due, also those that become due meanwhile; return how many were done here."""
    number = processes_for(due(timezone.now())[:FEWEST].count())
    share = Share(of=number)

    def keys(handed_out: Collection[int]) -> list[int]:
        begin_waiting()
        end_finished()
        return share.due_keys(handed_out)

    with tempfile.TemporaryFile() as file, beside(number, file.fileno()):
        rows = side_by_side.Rows(keys)
        carry_out(rows, pace.SharedPacer(file.fileno()))
    end_finished()
    return len(rows.handed_out)


def processes_for(rows: int) -> int:
    """Return how many processes are worth it: this one alone for few rows, or where the pace is the limit."""
    if rows < FEWEST or connection.vendor == "sqlite":
        return 1
    return min(os.cpu_count() or 1, math.ceil(pace.per_second() / EACH_PER_SECOND))


def beside(number: int, file: int) -> AbstractContextManager[None]:
    """Let all but the first of some processes work meanwhile, at one pace, which they keep in a file."""
    step = str(1 / pace.per_second())
    commands = [["bulk_process", str(place), str(number), step, str(file)] for place in range(1, number)]
    return side_by_side.processes(commands, keep_open=[file])


def due(now: datetime) -> QuerySet[BulkRow]:
    """Return the rows that wait, whose worker died, or whose answer is to be looked up again."""
    return BulkRow.objects.filter(state__in=OPEN_ROWS, due_at__lte=now).order_by("due_at", "pk")


def begin_waiting() -> None:
    """Note that runs have begun."""
    for pk in BulkRun.objects.filter(state=RunState.WAITING).values_list("pk", flat=True):
        with transaction.atomic():
            run = locked(pk)
            if run.state == RunState.WAITING:
                run.state, run.begun_at = RunState.RUNNING, timezone.now()
                save(run, "begin")


def end_finished() -> None:
    """Note the end of runs of which nothing is open any more, with what came of them."""
    runs = BulkRun.objects.filter(state__in=UNFINISHED_RUNS)
    for pk in runs.exclude(rows__state__in=OPEN_ROWS).values_list("pk", flat=True):
        with transaction.atomic():
            run = locked(pk)
            if run.is_unfinished:
                stopped = run.state == RunState.STOPPING
                run.state, run.ended_at = RunState.STOPPED if stopped else RunState.DONE, timezone.now()
                save(run, "end", summary(run.rows.all()))


def counts(rows: QuerySet[BulkRow]) -> dict[str, int]:
    """Return how many rows are in which state, in one query."""
    return dict(rows.order_by().values_list("state").annotate(number=Count("pk")))


@translation.override(settings.LANGUAGE_CODE)  # what is stored is English
def summary(rows: QuerySet[BulkRow]) -> str:
    """Return what came of some rows: "37 done, 1 failed"."""
    found = counts(rows)
    return ", ".join(f"{found[state]} {state.label.lower()}" for state in RowState if found.get(state))


def carry_out(rows: Rows, pacer: pace.Pacer) -> None:
    """Carry out rows side by side until none is left, no faster in all than Stripe likes."""
    most = THREADS_SQLITE if connection.vendor == "sqlite" else THREADS
    # A row that is alone needs no thread of its own.
    side_by_side.in_threads(min(most, len(rows.waiting)), partial(take_all, rows, pacer))


def take_all(rows: Rows, pacer: pace.Pacer) -> None:
    """Carry out rows until none is left."""
    standing = Standing()
    with pace.keeping(pacer):
        while (pk := rows.next()) is not None:
            take(pk, standing)


def take(pk: int, standing: Standing) -> None:
    """Carry out one row, if it is still due and ours to take. What breaks is noted and stops no other."""
    row = claimed(pk)
    if row is None:
        return
    row.run = standing.run(row.run_id)
    with audit.acting(audit.Actor(**row.run.actor)):
        try:
            note = attempt(row, standing)
        except Exception:  # noted with its traceback; somebody may try the row again
            logger.exception("bulk.row_failed", run=row.run_id, booking=row.reference)
            note = partial(noted, state=RowState.FAILED, words=BROKE)
        note(row)


def claimed(pk: int) -> BulkRow | None:
    """Return a row if it is due and was ours to take."""
    row = due(timezone.now()).filter(pk=pk).first()
    if row is None:
        return None
    lease = timezone.now() + LEASE
    # Claimed by a counted update: if it is not 1, another thread or worker got there, or somebody pressed "Stop".
    mine = BulkRow.objects.filter(pk=pk, state=row.state, due_at=row.due_at)
    if mine.update(state=RowState.RUNNING, due_at=lease) != 1:
        return None
    row.state, row.due_at = RowState.RUNNING, lease
    return row


def attempt(row: BulkRow, standing: Standing) -> Callable[[BulkRow], None]:
    """Do to a booking what the run is about; return what is to be noted on its row."""
    person = standing.of(row.run)
    if person is None:
        who = row.run.started_by.get_full_name() or row.run.started_by.get_username()
        return refused(row, NO_RIGHT % {"who": who}, code="ERR_FORBIDDEN")
    # Every decision reads it again under its lock, so that only what names it is read here.
    named = Booking.objects.visible_to(person).only("booking_id", "hotel_id", "status", "record_state").order_by()
    booking = named.filter(pk=row.booking_id or 0).first()
    if booking is None:
        return refused(row, gettext_noop("This booking was not found."), code="ERR_NOT_FOUND")
    action = row.run.action
    try:
        outcome: Any = BY_NAME[action].run(booking, **OFFERS[action].decision(row))
    except Refused as refusal:
        if was_asked_by(row):
            return partial(noted, state=RowState.ASKED, words=refusal.message)
        return refused(row, refusal.message, code=refusal.code)
    except Declined as declined:
        return refused(row, declined.message, code="ERR_STRIPE", state=RowState.FAILED)
    return come_to(row, outcome)


def refused(row: BulkRow, words: str, *, code: str, state: str = RowState.REFUSED) -> Callable[[BulkRow], None]:
    """Record that it was refused, and return what is to be noted on the row."""
    happenings.record_bulk_refusal(row, code=code, words=words)
    return partial(noted, state=state, words=words)


def come_to(row: BulkRow, outcome: Outcome) -> Callable[[BulkRow], None]:
    """Return what an outcome means for a row. What the run itself did before its worker died counts as done."""
    if outcome.state == Outcome.IN_PROGRESS:
        return partial(noted_unknown, words=outcome.message)
    if outcome.state == Outcome.ASKED:
        return partial(noted, state=RowState.ASKED, words=outcome.message)
    if outcome.state == Outcome.ALREADY and not was_done_by(row):
        return partial(noted, state=RowState.ALREADY, words=outcome.message)
    return partial(noted, state=RowState.DONE, moved=moved(row, outcome.booking))


def was_done_by(row: BulkRow) -> bool:
    """Whether this very run did it: the history row of the transition carries the run's request id."""
    done = Booking.history.filter(id=row.booking_id, transition=row.run.action, request_id=row.run.request_id)
    return bool(done.exists())


def was_asked_by(row: BulkRow) -> bool:
    """Whether this very run has asked a second person, and its worker died before it was noted."""
    asked = RefundRequest.history.filter(booking=row.booking_id, transition="ask", request_id=row.run.request_id)
    return bool(asked.exists())


def moved(row: BulkRow, booking: Booking) -> int:
    """Return what moved, in minor units: a refund as it was decided, which is what was promised."""
    return booking.refund_amount or 0 if row.move == MoneyMove.REFUND else row.amount


def noted(row: BulkRow, *, state: str, words: str = "", moved: int | None = None) -> None:
    """Note the end of a row, unless another worker has taken it since."""
    mine = BulkRow.objects.filter(pk=row.pk, state=RowState.RUNNING, due_at=row.due_at)
    mine.update(state=state, words=words, moved=moved, settled_at=timezone.now())


def noted_unknown(row: BulkRow, *, words: str) -> None:
    """Note that Stripe's answer is awaited; it is looked up again soon."""
    mine = BulkRow.objects.filter(pk=row.pk, state=RowState.RUNNING, due_at=row.due_at)
    mine.update(state=RowState.UNKNOWN, words=words, due_at=timezone.now() + AGAIN)
