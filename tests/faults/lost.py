"""Stripe's answer is lost, late, garbled or an error. Nobody knows what happened until it is looked up."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from bookings.models import Booking
from payments.models import OperationStatus
from tests.faults import invariants
from tests.faults.flows import Flow
from tests.faults.forks import Job
from tests.faults.world import World

# Stripe's library asks three times by itself.
EVERY_TRY: Final = 3
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
    Loss("slow", "slow", options={"seconds": 0.5}),
    Loss("slow after acting", "slow_after", times=1, options={"seconds": 0.5}),
    Loss("forgotten, nothing done", "drop_before", keys=2, forgotten=True),
    Loss("forgotten, but done", "drop_after", forgotten=True),
)


def lose(world: World, flow: Flow, loss: Loss, *, build: str = "", later: float = 0) -> list[str]:
    """Lose the answer to a flow's request, recover, press again; return what is wrong."""
    world.simulator.reset()  # its clock, too
    booking = flow.prepare(world)
    job = {**flow.job(world, booking), "broken": build}
    world.plan_fault(loss.kind, times=loss.times, **loss.options)
    wrong = first_press(world, booking, {**job, "timeout": 0.2})
    world.clear_faults()
    if loss.forgotten:
        day_passes(world, booking)
    world.recover(broken=build, later=later)
    pressed = world.forks.one(job)
    if pressed.error or pressed.answer not in ("done", *flow.again):
        wrong.append(f"pressed again: {pressed.answer} {pressed.words}{pressed.error}")
    return [*wrong, *world.broken_by(booking, flow.result), *wrong_keys(world, booking, loss)]


def first_press(world: World, booking: Booking, job: Job) -> list[str]:
    """Press once. Whoever pressed must be told that the answer is awaited, and staff must see it."""
    before = world.rows(booking)
    ended = world.forks.one(job)
    if ended.error or ended.answer != "in_progress":
        return [f"answered {ended.answer} {ended.words}{ended.error} instead of in_progress"]
    waiting = booking.operations.filter(status=OperationStatus.PENDING).count()
    seen = [] if waiting == 1 else [f"h: {waiting} open operations"]
    return [*seen, *invariants.unexplained(booking, before, world.rows(booking))]


def day_passes(world: World, booking: Booking) -> None:
    """Let so much time pass that Stripe has forgotten the key."""
    world.simulator.control("clock", advance=DAY_AND_MORE)
    issued = timezone.now() - timedelta(seconds=DAY_AND_MORE)
    booking.operations.filter(status=OperationStatus.PENDING).update(key_issued_at=issued)


def wrong_keys(world: World, booking: Booking, loss: Loss) -> list[str]:
    """A new key is taken only when the old one is of no use, and only after a look-up."""
    operation = booking.operations.order_by("-pk")[0]
    if operation.attempt_number != loss.keys:
        return [f"key {operation.idempotency_key} is not the {loss.keys}."]
    requests = world.simulator.look("requests")
    first = next(n for n, each in enumerate(requests) if each["idempotency_key"] == operation.idempotency_key)
    if loss.keys > 1 and requests[first - 1]["method"] != "GET":
        return [f"key {operation.idempotency_key} was taken without a look-up"]
    return []
