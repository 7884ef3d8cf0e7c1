"""A run of a seed: so many steps, each with or without trouble; then everything comes to rest and is looked at."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from unittest import mock

from django.db.models import QuerySet

from payments import catch_up, reconcile, webhooks
from payments.full_reconcile import full_reconcile
from tests.faults import actions, broken
from tests.faults.simulation import elsewhere, people, verdict
from tests.faults.simulation.acts import Act
from tests.faults.simulation.mishaps import Mishap, dies, hang_up, lets_in
from tests.faults.simulation.stage import Stage
from tests.faults.world import World
from tests.logged import Log, logged
from tests.trail.watch import WATCH

STEPS: Final = 100
DRAWN: Final = (*people.STEPS, *elsewhere.STEPS)
# What Stripe can do to an answer. Which takes time by itself is said by `mishaps.Post` instead.
KINDS: Final = ("drop_before", "drop_after", "error_500", "error_500_after", "error_409", "error_429", "malformed")
TROUBLES: Final = ("answer",) * 4 + ("death",) * 4 + ("slow",) * 1 + ("rival",) * 2 + ("none",) * 11
ROUNDS: Final = 8
TWO_HOURS: Final = timedelta(hours=2)


class Play:
    """One seed, from its first step to the last word about it."""

    def __init__(self, seed: int, world: World, *, build: str = "") -> None:
        self.seed, self.stage, self.patched = seed, Stage(seed, world), build
        self.protocol: list[str] = []
        self.log = Log()

    def run(self, steps: int = STEPS) -> list[str]:
        """Do so many steps, let everything settle; return what is wrong."""
        with self.around() as log:
            self.log = log
            self.stage.build()
            for number in range(1, steps + 1):
                if wrong := self.step(number):
                    return [f"step {number}: {problem}" for problem in wrong]
            try:
                self.settle()
            except Exception:  # what nobody expects is what is looked for
                return [f"in the end: {traceback.format_exc()}"]
            return [*verdict.broken(log), *verdict.wrong(self.stage)]

    @contextmanager
    def around(self) -> Iterator[Log]:
        """The clock, and no chance but the dice's."""
        order_by = QuerySet.order_by

        def in_order(rows: Any, *names: Any) -> Any:
            return order_by(rows, *("pk" if name == "?" else name for name in names))

        with (
            self.stage.clock.running(),
            broken.build(self.patched),
            mock.patch.object(QuerySet, "order_by", in_order),
            mock.patch.object(webhooks, "FEWEST", 10**6),  # threads would take turns by chance
            logged() as log,
        ):
            yield log

    def step(self, number: int) -> list[str]:
        """Do one step; return what is wrong at once."""
        stage = self.stage
        stage.number = number
        stage.clock.tell_stripe()
        act = self.drawn()
        trouble = stage.dice.choice(TROUBLES) if act.is_ours else "none"
        self.protocol.append(f"{number:>3} {act.words}")
        try:
            answer = TROUBLE[trouble](self, act)
        except Exception:  # what nobody expects is what is looked for
            return [f"{act.words}: {traceback.format_exc()}"]
        self.protocol[-1] += f" → {answer[:150]}"
        return verdict.wrong_at_once(stage)

    def drawn(self) -> Act:
        """Draw an act that is possible now."""
        weights = [weight for weight, _ in DRAWN]
        draws: list[Callable[[Stage], Act | None]] = [draw for _, draw in DRAWN]
        if not self.stage.all_bookings():
            draws, weights = [people.books], [1]
        while True:
            (draw,) = self.stage.dice.choices(draws, weights)
            if act := draw(self.stage):
                return act

    def in_peace(self, act: Act) -> str:
        """Nothing comes between."""
        return act.do()

    def with_lost_answer(self, act: Act) -> str:
        """Stripe's answers go wrong, one or all of those that the library asks for by itself, or for some steps."""
        dice, simulator = self.stage.dice, self.stage.simulator
        kind, times = dice.choice(KINDS), dice.choice((1, 3, 3, 6))
        match = {"path_regex": "^/v1/", **({"method": "POST"} if dice.random() < 0.7 else {})}
        self.protocol[-1] += f" [{kind} × {times}{'' if 'method' in match else ', also reading'}]"
        simulator.control("faults", kind=kind, times=times, match=match)
        try:
            return act.do()
        finally:
            self.stage.world.clear_faults()

    def with_late_request(self, act: Act) -> str:
        """What is asked of Stripe arrives when we no longer wait for it."""
        times = self.stage.dice.choice((1, 3))
        with self.stage.post.slow(times):
            answer = act.do()
        if self.stage.post.waiting:
            self.protocol[-1] += f" [{len(self.stage.post.waiting)} requests under way]"
        return answer

    def with_death(self, act: Act) -> str:
        """The process dies in the middle."""
        mishap, logged_so_far = self.mishap(dies), self.log.stream.tell()
        owed = {table: [*places] for table, places in WATCH.owed.items()}
        with mishap.watched():
            try:
                answer = act.do()
            except BaseException:
                # Whatever a dying process still stumbles over is nobody's business.
                if not mishap.is_dead:
                    raise
        if not mishap.is_dead:
            return answer
        hang_up()
        WATCH.owed = owed  # a row without its history went with its transaction
        self.log.stream.seek(logged_so_far)
        self.log.stream.truncate()
        self.protocol[-1] += f" [died {mishap.where}]"
        return "nobody knows"

    def with_rival(self, act: Act) -> str:
        """Somebody else does something in the middle."""
        other = self.drawn()
        if not other.is_ours:
            return act.do()
        mishap = self.mishap(lets_in(other.do))
        try:
            with mishap.watched():
                answer = act.do()
        finally:
            theirs = mishap.rival.ended() if mishap.rival else ""
        if mishap.rival:
            self.protocol[-1] += f" [{mishap.where}: {other.words} → {theirs[:100]}]"
        return answer

    def mishap(self, happens: Callable[[Mishap], None]) -> Mishap:
        """Draw the point at which something happens."""
        dice = self.stage.dice
        edges = dice.random() < 0.6
        return Mishap(dice.randint(1, 12 if edges else 90), happens, edges=edges)

    def settle(self) -> None:
        """Let everything come to rest: what is under way arrives, missed events are fetched, the worker goes on."""
        stage = self.stage
        stage.world.clear_faults()
        stage.number += 1
        for _ in range(ROUNDS):
            stage.post.arrives()
            stage.clock.passes(TWO_HOURS)
            with actions.as_worker():
                catch_up.fetch_missed_events(stage.clock.now(), since=stage.clock.at - timedelta(days=30))
            stage.worker()
            if verdict.is_at_rest():
                break
        with actions.as_worker():
            full_reconcile(stage.clock.now(), days=400)
            reconcile.reconcile(stage.clock.now() + reconcile.GRACE)


TROUBLE: Final[dict[str, Callable[[Play, Act], str]]] = {
    "none": Play.in_peace,
    "answer": Play.with_lost_answer,
    "death": Play.with_death,
    "slow": Play.with_late_request,
    "rival": Play.with_rival,
}
