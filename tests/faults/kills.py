"""Kill a flow at a point, recover, press again: the same single effect, whatever the point was."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field

from bookings.models import Booking, Message, MessageStatus
from payments.models import StripeWebhookEvent
from tests.faults import invariants
from tests.faults.flows import Flow
from tests.faults.forks import Ended, Job
from tests.faults.world import World, only

# The simulator's summary lists every payment: emptied now and then it stays quick.
EMPTY_AFTER = 25


@dataclass
class Tally:
    """A line of the table at the end."""

    flow: str
    points: int = 0
    killed: int = 0
    recovery_kills: int = 0
    problems: list[str] = field(default_factory=list)


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
        if self.runs % EMPTY_AFTER == 0:
            self.world.simulator.reset()
        self.runs += 1
        booking = self.flow.prepare(self.world)
        # The mails so far have left: a recovery then passes the same points each time.
        Message.objects.filter(status=MessageStatus.QUEUED).update(status=MessageStatus.SENT)
        return booking, {**self.flow.job(self.world, booking), "broken": self.build}

    def count_points(self) -> list[str]:
        """Do the flow once in peace; return the points it passes."""
        booking, job = self.start()
        ended = only(self.world.forks.one(job))
        assert ended.answer == "done", (ended.answer, ended.words)
        self.note("in peace", booking)
        self.tally.points = len(ended.points)
        return ended.points

    def count_recovery_points(self, kill_at: int) -> list[str]:
        """Kill the flow once and recover in peace; return the points that the recovery passes."""
        _, job = self.start()
        self.world.forks.one({**job, "kill_at": kill_at})
        return only(self.world.forks.one(self.recovery())).points

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
            ended = self.world.forks.one({**self.recovery(), "kill_at": point})
            self.expect_killed(ended)
            self.tally.recovery_kills += 1
            self.finish(f"{where}, recovery killed at {ended.last}", booking, job)

    def recovery(self) -> Job:
        """The job that recovers."""
        return {"do": "recover", "broken": self.build}

    def kill(self, booking: Booking, job: Job, point: int) -> str:
        """Kill the flow at a point; return in words where it was."""
        before = self.world.rows(booking)
        ended = self.world.forks.one({**job, "kill_at": point})
        self.expect_killed(ended)
        self.tally.killed += 1
        where = f"killed at {ended.last}"
        for problem in invariants.unexplained(booking, before, self.world.rows(booking)):
            self.tally.problems.append(f"{where}: {problem}")
        return where

    def expect_killed(self, ended: Ended) -> None:
        """Each point that was counted must be met again."""
        if not ended.killed:
            self.tally.problems.append(f"not killed after {ended.last}: {ended.answer}{ended.error}")

    def finish(self, where: str, booking: Booking, job: Job) -> None:
        """Recover, press again, and compare with what the flow must come to."""
        self.world.recover(broken=self.build)
        for problem in self.world.violations(booking) if is_known(job) else ():
            self.tally.problems.append(f"{where}, recovered: {problem}")
        pressed = self.world.forks.one({**job, "kill_at": 0})
        if pressed.error or pressed.answer not in ("done", *self.flow.again):
            self.tally.problems.append(f"{where}, pressed again: {pressed.answer} {pressed.words}{pressed.error}")
        self.note(where, booking)

    def note(self, where: str, booking: Booking) -> None:
        """Compare a booking with what the flow must come to, and note what is wrong."""
        for problem in self.world.broken_by(booking, self.flow.result):
            self.tally.problems.append(f"{where}, in the end: {problem}")


def is_known(job: Job) -> bool:
    """Whether recovery alone can finish a job. Stripe alone knows of an event that was not stored: it comes again."""
    if job["do"] != "webhook":
        return True
    return StripeWebhookEvent.objects.filter(event_id=json.loads(job["body"])["id"]).exists()
