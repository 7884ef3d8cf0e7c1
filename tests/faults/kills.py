"""Kill a flow at a point, recover, do it again: the same single effect, whatever the point was."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from bookings.models import Booking, Message, MessageStatus
from payments.models import StripeWebhookEvent
from tests.faults import broken, invariants
from tests.faults.flows import Flow
from tests.faults.forks import Ended, Job
from tests.faults.world import World, only, recovery

# The simulator's summary and the worklists show every booking: emptied now and then they stay quick.
EMPTY_AFTER = 25


@dataclass
class Tally:
    """A line of the table at the end. `recovered` counts the recoveries whose result was checked."""

    flow: str
    points: int = 0
    killed: int = 0
    recovery_kills: int = 0
    recovered: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def numbers(self) -> tuple[int, ...]:
        """What is added up below the table."""
        return self.points, self.killed, self.recovery_kills, self.recovered

    @property
    def result(self) -> str:
        """How it ended."""
        return f"{len(self.problems)} problems" if self.problems else "ok"


@dataclass
class Harness:
    """Kills a flow again and again, each time with a fresh booking."""

    world: World
    flow: Flow
    tally: Tally
    build: str = ""
    runs: int = 0

    def start(self) -> tuple[Booking, Job]:
        """Prepare a booking and the job that acts on it."""
        if self.flow.is_alone or self.runs % EMPTY_AFTER == 0:
            self.world.empty()
        self.runs += 1
        with broken.build(self.build):
            booking = self.flow.prepare(self.world)
        # The mails so far have left: a recovery then passes the same points each time.
        Message.objects.filter(status=MessageStatus.QUEUED).update(status=MessageStatus.SENT)
        return booking, {**self.flow.job(self.world, booking), "broken": self.build}

    def count_points(self) -> list[str]:
        """Do the flow in peace, once for the child to load what it needs; return the points it passes."""
        for options in ({}, {"fork": True}):
            booking, job = self.start()
            ended = only(self.world.forks.one({**job, **options}))
            if ended.answer != self.flow.done:
                self.note("in peace", [f"{ended.answer} {ended.words}"])
            self.note("in peace", self.world.broken_by(booking, self.flow.result))
        self.tally.points = len(ended.points)
        return ended.points

    def count_recovery_points(self, kill_at: int) -> list[str]:
        """Kill the flow once and recover in peace; return the points that the recovery passes."""
        _, job = self.start()
        self.world.forks.one({**job, "kill_at": kill_at})
        return only(self.world.forks.one({**recovery(broken=self.build), "fork": True})).points

    def kill_at(self, points: Iterable[int]) -> None:
        """Kill the flow at each of the points."""
        for point in points:
            booking, job = self.start()
            where = self.kill(booking, job, point)
            self.finish(where, booking, job)

    def kill_recovery_at(self, kill_at: int, points: Iterable[int]) -> None:
        """Kill the flow at one point, then its recovery at each of the others, then recover again."""
        for point in points:
            booking, job = self.start()
            where = self.kill(booking, job, kill_at)
            ended = self.world.forks.one({**recovery(broken=self.build), "kill_at": point})
            # A worker whose chores are not due passes fewer points, and may be done before the last of them.
            if ended.error:
                self.expect_killed(ended)
            self.tally.recovery_kills += ended.killed
            self.finish(f"{where}, recovery killed at {ended.last}", booking, job)

    def kill(self, booking: Booking, job: Job, point: int) -> str:
        """Kill the flow at a point; return in words where it was."""
        before = self.world.truth(booking)
        ended = self.world.forks.one({**job, "kill_at": point})
        self.expect_killed(ended)
        self.tally.killed += 1
        where = f"killed at {ended.last}"
        self.note(where, invariants.unexplained(booking, before, self.world.truth(booking), self.world.shown))
        return where

    def expect_killed(self, ended: Ended) -> None:
        """Each point that was counted must be met again."""
        if not ended.killed:
            self.note(f"not killed after {ended.last}", [f"{ended.answer}{ended.error}"])

    def finish(self, where: str, booking: Booking, job: Job) -> None:
        """Recover, look at everything, do it again, and compare with what the flow must come to."""
        self.world.recover(broken=self.build)
        self.tally.recovered += 1
        # Nothing but Stripe knows of an event that was not stored: it comes again.
        if is_known(job) and not self.flow.has_news:
            self.note(f"{where}, recovered", self.world.violations(booking, external=self.flow.result.external))
        again = self.world.forks.one({**job, "kill_at": 0})
        if again.error or again.answer not in (self.flow.done, *self.flow.again):
            self.note(f"{where}, done again", [f"{again.answer} {again.words}{again.error}"])
        self.note(f"{where}, in the end", self.world.broken_by(booking, self.flow.result))

    def note(self, where: str, problems: list[str]) -> None:
        """Note what is wrong."""
        self.tally.problems += [f"{where}: {problem}" for problem in problems]


def is_known(job: Job) -> bool:
    """Whether recovery alone can finish a job: not where it was the delivery of an event that was not stored."""
    if job["do"] != "webhook":
        return True
    return StripeWebhookEvent.objects.filter(event_id=json.loads(job["body"])["id"]).exists()
