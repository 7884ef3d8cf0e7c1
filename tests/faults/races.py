"""Two or more people, or a person and a machine, act on one booking at the same moment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from bookings.models import Booking
from tests.faults import flows
from tests.faults.flows import APPROVED, CANCELLED, DECLINED, OFFERED, REFUNDED, RELEASED_BY_GUEST, WAITING
from tests.faults.forks import Ended, Job
from tests.faults.invariants import State
from tests.faults.world import World
from tests.stays import pay

SLOWEST: Final = 5.0  # seconds


@dataclass(frozen=True)
class Race:
    """Jobs that start together, and the states that they may come to: whoever wins, each is right."""

    name: str
    prepare: Callable[[World], Booking]
    jobs: Callable[[World, Booking], list[Job]]
    results: tuple[State, ...]
    answers: tuple[str, ...] = ("done", "already", "in_progress")
    # Let Stripe take this many seconds over the first request that moves money.
    slow: float = 0.0


def run(world: World, race: Race, *, build: str = "") -> list[str]:
    """Run a race once; return what is wrong after it."""
    booking = race.prepare(world)
    jobs = [{**job, "broken": build} for job in race.jobs(world, booking)]
    if race.slow:
        world.plan_fault("slow", seconds=race.slow)
    ended = world.forks.together(*jobs)
    world.recover(broken=build)
    wrong = [problem for each in ended for problem in misbehaved(each, race)]
    return [*wrong, *world.broken_by(booking, *race.results), *second_page(world, booking)]


def misbehaved(ended: Ended, race: Race) -> list[str]:
    """What is wrong with how one of them ended."""
    if ended.error:
        return [f"error: {ended.error}"]
    if ended.answer not in race.answers:
        return [f"answered {ended.answer}: {ended.words}"]
    return [f"took {ended.seconds:.1f} s"] if ended.seconds > SLOWEST + race.slow else []


def second_page(world: World, booking: Booking) -> list[str]:
    """Two live payment pages of one booking could both be paid."""
    pages = len(world.sessions(booking))
    return [f"c: {pages} payment pages"] if pages != 1 else []


def times(number: int, flow: flows.Flow) -> Callable[[World, Booking], list[Job]]:
    """Several people press the same button."""
    return lambda world, booking: [flow.job(world, booking) for _ in range(number)]


def both(*jobs: Callable[[World, Booking], Job]) -> Callable[[World, Booking], list[Job]]:
    """Each does something else."""
    return lambda world, booking: [job(world, booking) for job in jobs]


def janitor_after(delay: float, job: Callable[[World, Booking], Job]) -> Callable[[World, Booking], list[Job]]:
    """A person acts, and the janitor looks while Stripe has not answered."""
    return lambda world, booking: [job(world, booking), {"do": "janitor", "delay": delay}]


def refresh(_world: World, booking: Booking) -> Job:
    """The worker re-reads the payment, as for a webhook."""
    return {"do": "refresh", "booking": booking.pk}


def guest_returns(world: World, booking: Booking) -> Job:
    """The guest comes back from Stripe's page."""
    return world.guest_job(booking, "guest_returns")


def paid_after_the_hold(world: World) -> Booking:
    """The guest pays in the minute in which the hold ends."""
    booking = flows.with_hold_over(world)
    pay(world.simulator, booking.payments.get())
    return booking


WITH_REFUSAL: Final = ("done", "already", "in_progress", "refused", "declined")
NOT_EXPIRED: Final = replace(WAITING, operations=(flows.PAGE, "expire_session failed"))
WHOLE: Final = replace(flows.STAFF_REFUND, job=flows.refund_whole, result=REFUNDED)
PAY: Final = next(flow for flow in flows.FLOWS if flow.name == "open payment page")

RACES: Final = (
    Race("approve × approve", flows.with_money_held, times(2, flows.APPROVE), (APPROVED,)),
    Race("approve × 8", flows.with_money_held, times(8, flows.APPROVE), (APPROVED,)),
    Race(
        "approve × decline",
        flows.with_money_held,
        both(flows.approve, flows.decline),
        (APPROVED, DECLINED),
        WITH_REFUSAL,
    ),
    # A guest who was told that cancelling is free is asked again once the stay is confirmed.
    Race(
        "approve × guest cancel",
        flows.with_money_held,
        both(flows.approve, flows.guest_cancel),
        (APPROVED, RELEASED_BY_GUEST),
        WITH_REFUSAL,
    ),
    Race("guest cancel × guest cancel", flows.with_money_taken, times(2, flows.GUEST_CANCEL), (CANCELLED,)),
    Race("guest cancel × 8", flows.with_money_taken, times(8, flows.GUEST_CANCEL), (CANCELLED,)),
    Race("refund × refund, whole", flows.with_money_taken, times(2, WHOLE), (REFUNDED,), WITH_REFUSAL),
    Race(
        "refund × refund, part",
        flows.with_money_taken,
        times(2, flows.STAFF_REFUND),
        (flows.PARTLY_REFUNDED,),
        WITH_REFUSAL,
    ),
    Race("approve × reconcile", flows.with_money_held, janitor_after(0.1, flows.approve), (APPROVED,), slow=0.4),
    Race(
        "refund × reconcile",
        flows.with_money_taken,
        janitor_after(0.1, flows.refund_part),
        (flows.PARTLY_REFUNDED,),
        slow=0.4,
    ),
    Race("approve × webhook", flows.with_money_held, both(flows.approve, refresh), (APPROVED,)),
    Race(
        "webhook × return page",
        flows.with_news_at_stripe,
        both(flows.authorized_event, guest_returns),
        (WAITING,),
    ),
    Race("pay × pay", flows.offered, times(2, PAY), (OFFERED,)),
    Race(
        "expire × authorize",
        paid_after_the_hold,
        both(flows.expire, flows.authorized_event),
        (WAITING, NOT_EXPIRED),
        WITH_REFUSAL,
    ),
)
