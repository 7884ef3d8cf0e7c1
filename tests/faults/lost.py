"""Stripe's answer is lost, late, garbled or an error. Nobody knows what happened until it is looked up."""

import re
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from bookings.models import Booking
from payments.models import OperationStatus, PaymentOperation
from tests.faults import invariants, worklist
from tests.faults.flows import CLOSE, OPEN, Ask, Flow
from tests.faults.forks import Job
from tests.faults.scenes import EVERY_TRY
from tests.faults.world import World

# How long we wait for an answer that is slow (seconds).
PATIENCE: Final = 0.4
DAY_AND_MORE: Final = 25 * 3600


@dataclass(frozen=True)
class Loss:
    """A way of not hearing from Stripe, and the number of keys that a flow uses up by it."""

    name: str
    kind: str
    times: int = EVERY_TRY
    keys: int = 1
    options: dict[str, Any] = field(default_factory=dict)
    # Stripe has forgotten the key before anybody looks.
    forgotten: bool = False


LOSSES: Final = (
    Loss("dropped before acting", "drop_before"),
    Loss("dropped after acting", "drop_after"),
    Loss("500 saved for ever", "error_500", times=1, keys=2),
    Loss("500 after acting", "error_500_after", times=1),
    Loss("429", "error_429", times=1),
    Loss("409", "error_409"),
    Loss("malformed", "malformed", times=1),
    Loss("slow", "slow", options={"seconds": 2 * PATIENCE}),
    Loss("slow after acting", "slow_after", times=1, options={"seconds": 3 * PATIENCE}),
    Loss("forgotten, nothing done", "drop_before", keys=2, forgotten=True),
    Loss("forgotten, but done", "drop_after", forgotten=True),
)


def lose(world: World, flow: Flow, loss: Loss, *, build: str = "", later: float = 0, asked: int = 0) -> list[str]:
    """Lose the answer to one of a flow's requests, recover, do it again; return what is wrong."""
    world.empty()  # Stripe's clock, too
    booking = flow.prepare(world)
    job = {**flow.job(world, booking), "broken": build}
    ask = flow.asks[asked]
    for _ in range([each.path for each in flow.asks[:asked]].count(ask.path)):
        world.plan_fault("slow", path=ask.path)  # by no second at all: the answer to an earlier request comes in
    world.plan_fault(loss.kind, times=loss.times, path=ask.path, **loss.options)
    wrong = first_try(world, ask, booking, {**job, **({"timeout": PATIENCE} if loss.options else {})})
    world.clear_faults()
    time.sleep(loss.options.get("seconds", 0))  # until Stripe has acted at last
    if loss.forgotten:
        day_passes(world, booking)
    world.recover(broken=build, later=later)
    again = world.forks.one(job)
    if again.error or again.answer not in (flow.done, *flow.again):
        wrong.append(f"done again: {again.answer} {again.words}{again.error}")
    return [*wrong, *world.broken_by(booking, flow.result), *wrong_keys(world, booking, loss, ask.path)]


def first_try(world: World, ask: Ask, booking: Booking, job: Job) -> list[str]:
    """Do it once. Whoever did must be told that the answer is awaited, and staff must see it."""
    before = world.truth(booking)
    ended = world.forks.one(job)
    if ended.error or ended.answer != ask.waits:
        return [f"answered {ended.answer} {ended.words}{ended.error} instead of {ask.waits}"]
    shown = world.shown(booking)
    is_open = booking.operations.filter(status=OperationStatus.PENDING).exists()
    seen = [f"h: not on “{worklist.WAITING}”, only on {shown}"] if is_open and worklist.WAITING not in shown else []
    return [*seen, *invariants.unexplained(booking, before, world.truth(booking), lambda _: shown)]


def day_passes(world: World, booking: Booking) -> None:
    """Let so much time pass that Stripe has forgotten the key."""
    world.simulator.control("clock", advance=DAY_AND_MORE)
    issued = timezone.now() - timedelta(seconds=DAY_AND_MORE)
    booking.operations.filter(status=OperationStatus.PENDING).update(key_issued_at=issued)


def wrong_keys(world: World, booking: Booking, loss: Loss, path: str) -> list[str]:
    """A new key is taken only when the old one is of no use, and only after a look-up."""
    requests = world.simulator.look("requests")
    keys = [
        each["idempotency_key"] for each in requests if each["method"] == "POST" and re.search(path, each["path"])
    ]
    operations = list(booking.operations.filter(idempotency_key__in=keys))
    used = sorted(keys_of(operation) for operation in operations)
    if used != [*[1] * (len(operations) - 1), loss.keys]:
        return [f"{used} keys for {operations}, and not {loss.keys} for one of them"]
    renewed = [operation.idempotency_key for operation in operations if keys_of(operation) > 1]
    for key in renewed:
        first = next(number for number, each in enumerate(requests) if each["idempotency_key"] == key)
        if requests[first - 1]["method"] != "GET":
            return [f"key {key} was taken without a look-up"]
    return []


def keys_of(operation: PaymentOperation) -> int:
    """Return how many keys an operation has used up."""
    return operation.attempt_number - operation.history.earliest("history_id").attempt_number + 1


def fits(loss: Loss, ask: Ask) -> bool:
    """Whether an answer can be lost that way."""
    if loss.forgotten:
        return ask.path not in (OPEN.path, CLOSE.path)  # no page outlives the day that it takes
    return not (loss.kind == "error_500_after" and ask.is_refused)
