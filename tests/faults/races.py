"""Two or more people, or a person and a machine, act on one booking at the same moment."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import cycle, islice
from typing import Final

from bookings.models import Booking
from tests.faults import moved_results, moved_scenes, presses, results, scenes
from tests.faults.forks import Ended, Job
from tests.faults.presses import Press
from tests.faults.results import PAGE, VOID
from tests.faults.state import State
from tests.faults.world import World

# Seconds: nobody hangs, even on a machine that has much else to do.
SLOWEST: Final = 20.0
SMOOTH: Final = ("done", "already", "in_progress")
WITH_REFUSAL: Final = (*SMOOTH, "refused", "declined")


@dataclass(frozen=True)
class Race:
    """What is done at the same moment, and the states that it may come to: whoever wins, each is right."""

    name: str
    prepare: Callable[[World], Booking]
    presses: tuple[Press, ...]
    results: tuple[State, ...]
    answers: tuple[str, ...] = SMOOTH
    # Let Stripe take this many seconds over the first request that moves money.
    slow: float = 0.0
    # Whether it is one that has to be run often, or one more.
    is_extra: bool = False

    def jobs(self, world: World, booking: Booking, number: int) -> list[Job]:
        """Return as many jobs as there are people; they share out the presses."""
        return list(islice(cycle([press(world, booking) for press in self.presses]), number))


def run(world: World, race: Race, *, number: int = 2, build: str = "") -> list[str]:
    """Run a race once; return what is wrong after it."""
    booking = race.prepare(world)
    jobs = [{**job, "broken": build} for job in race.jobs(world, booking, number)]
    return outcome(world, race, booking, jobs, build)


def run_interleaved(world: World, race: Race, first: Press, second: Press, at: int, *, build: str = "") -> list[str]:
    """Stop one at a point of its way, let the other come as far as it can, and let the first go on."""
    booking = race.prepare(world)
    jobs = [{**press(world, booking), "broken": build} for press in (first, second)]
    jobs[0]["pause_at"] = at
    return [f"stopped at {at}: {problem}" for problem in outcome(world, race, booking, jobs, build)]


def points_of(world: World, race: Race, press: Press) -> list[str]:
    """Return the points that one of them passes when nobody disturbs it."""
    booking = race.prepare(world)
    return world.forks.one(press(world, booking)).points


def outcome(world: World, race: Race, booking: Booking, jobs: list[Job], build: str) -> list[str]:
    """Do the jobs, recover, and return what is wrong."""
    if race.slow:
        world.plan_fault("slow", seconds=race.slow)
    ended = world.forks.together(*jobs)
    world.recover(broken=build)
    wrong = [problem for each in ended for problem in misbehaved(each, race)]
    return [*wrong, *world.broken_by(booking, *race.results)]


def misbehaved(ended: Ended, race: Race) -> list[str]:
    """What is wrong with how one of them ended."""
    if ended.error:
        return [f"error: {ended.error}"]
    if ended.answer not in race.answers:
        return [f"answered {ended.answer}: {ended.words}"]
    return [f"took {ended.seconds:.1f} s"] if ended.seconds > SLOWEST + race.slow else []


def janitor(_world: World, _booking: Booking) -> Job:
    """The janitor looks while Stripe has not answered."""
    return {"do": "janitor", "delay": 0.1}


NOT_CLOSED: Final = "expire_session failed"
WAITING: Final = (results.WAITING, replace(results.WAITING, operations=(PAGE, NOT_CLOSED)))
PAID_AFTER_REFUSAL: Final = tuple(replace(each, steps=("open_session", "fail", "authorize")) for each in WAITING)
# The guest had paid when the cancellation wanted to close the page: the hold is released instead.
RELEASED_UNHEARD: Final = replace(
    results.RELEASED_BY_GUEST,
    transitions=("submit", "cancel"),
    operations=(PAGE, NOT_CLOSED, VOID),
    mails=("pay_link", "cancelled_by_guest"),
)
REOPENED_IN_TIME: Final = (results.REOPENED, results.REOPENED_AFTER_CLOSING, results.EXPIRED)
# Money of the round before came in: it goes back, whether the guest is asked again or not.
BACK_UNHEARD: Final = replace(results.SENT_BACK, operations=(PAGE, NOT_CLOSED, VOID))
BACK_AND_REOPENED: Final = tuple(
    replace(
        each,
        status="PENDING_PAYMENT",
        transitions=(*each.transitions, "reopen"),
        mails=(*each.mails, "pay_link"),
    )
    for each in (results.SENT_BACK, BACK_UNHEARD)
)
COMPLETED: Final = presses.event("checkout.session.completed")
SHORTER, A_DAY_LATER = presses.reschedule(nights=1), presses.reschedule(days=1)
PART, WHOLE = presses.refund("100.00"), presses.refund("340.00")

RACES: Final = (
    Race("approve × approve", scenes.with_money_held, (presses.approve,), (results.APPROVED,)),
    Race(
        "approve × decline",
        scenes.with_money_held,
        (presses.approve, presses.decline),
        (results.APPROVED, results.DECLINED),
        WITH_REFUSAL,
    ),
    # A guest who was told that cancelling is free is asked again once the stay is confirmed.
    Race(
        "approve × cancel",
        scenes.with_money_held,
        (presses.approve, presses.guest_cancel),
        (results.APPROVED, results.RELEASED_BY_GUEST),
        WITH_REFUSAL,
    ),
    Race("cancel × cancel", scenes.with_money_taken, (presses.guest_cancel,), (results.CANCELLED,)),
    Race(
        "cancel × webhook",
        scenes.with_news_at_stripe,
        (presses.guest_cancel, COMPLETED),
        (results.RELEASED_BY_GUEST, RELEASED_UNHEARD),
        WITH_REFUSAL,
    ),
    Race("refund × refund", scenes.with_money_taken, (PART,), (results.PARTLY_REFUNDED,), WITH_REFUSAL, slow=0.05),
    Race(
        "retry × webhook",
        scenes.with_refused_card_and_paid,
        (presses.guest_pay, COMPLETED),
        PAID_AFTER_REFUSAL,
        WITH_REFUSAL,
    ),
    Race(
        "two sessions",
        scenes.with_two_pages_paid,
        (presses.event_of(0, "checkout.session.completed"), presses.event_of(1, "checkout.session.completed")),
        results.PAID_TWICE,
    ),
    Race(
        "reconcile × caller",
        scenes.with_money_taken,
        (PART, janitor),
        (results.PARTLY_REFUNDED,),
        WITH_REFUSAL,
        slow=0.3,
    ),
    Race(
        "expire × authorize",
        scenes.with_hold_over_and_paid,
        (presses.expire, COMPLETED),
        WAITING,
        WITH_REFUSAL,
    ),
    Race(
        "reschedule × cancel",
        scenes.with_money_taken,
        (SHORTER, presses.guest_cancel),
        (moved_results.SHORTENED, results.CANCELLED),
        WITH_REFUSAL,
    ),
    Race("reschedule × reschedule", scenes.with_money_taken, (SHORTER,), (moved_results.SHORTENED,)),
    Race(
        "reschedule × another reschedule",
        scenes.with_money_taken,
        (SHORTER, A_DAY_LATER),
        (moved_results.SHORTENED, moved_results.LATER),
        WITH_REFUSAL,
        is_extra=True,
    ),
    Race(
        "undo × webhook",
        moved_scenes.with_difference_overdue_and_paid,
        (presses.undo, COMPLETED),
        (
            moved_results.LONGER_PAID,
            replace(moved_results.LONGER_PAID, operations=(*moved_results.LONGER.operations, NOT_CLOSED)),
        ),
        WITH_REFUSAL,
    ),
    Race(
        "cancel × cancel, two payments",
        moved_scenes.with_two_payments,
        (presses.guest_cancel,),
        (moved_results.CANCELLED_IN_PARTS,),
        is_extra=True,
    ),
    Race(
        "reschedule × webhook",
        scenes.with_news_at_stripe,
        (presses.reschedule(nights=3), COMPLETED),
        WAITING,
        WITH_REFUSAL,
    ),
    Race(
        "four eyes × four eyes",
        scenes.with_refund_asked,
        (presses.agree, presses.agree_by_another),
        (results.AGREED,),
    ),
    Race(
        "whoever asked × four eyes",
        scenes.with_refund_asked,
        (presses.agree, presses.agree_to_own),
        (results.AGREED,),
        WITH_REFUSAL,
        is_extra=True,
    ),
    Race(
        "withdraw × four eyes",
        scenes.with_refund_asked,
        (presses.agree, presses.withdraw),
        (results.AGREED, results.WITHDRAWN),
        WITH_REFUSAL,
        is_extra=True,
    ),
    Race(
        "refund × refund, whole",
        scenes.with_money_taken,
        (WHOLE,),
        (results.REFUNDED,),
        WITH_REFUSAL,
        is_extra=True,
    ),
    Race(
        "approve × reconcile",
        scenes.with_money_held,
        (presses.approve, janitor),
        (results.APPROVED,),
        slow=0.3,
        is_extra=True,
    ),
    Race(
        "approve × webhook",
        scenes.with_money_held,
        (presses.approve, presses.refresh),
        (results.APPROVED,),
        is_extra=True,
    ),
    Race(
        "webhook × return page",
        scenes.with_news_at_stripe,
        (COMPLETED, presses.guest_returns),
        (results.WAITING,),
        is_extra=True,
    ),
    Race("pay × pay", scenes.offered, (presses.guest_pay,), (results.OFFERED,), is_extra=True),
    Race("retry × retry", scenes.with_refused_card, (presses.guest_pay,), (results.RETRIED,), is_extra=True),
    Race(
        "reopen × expire",
        scenes.with_hold_and_page_over,
        (presses.reopen, presses.expire),
        REOPENED_IN_TIME,
        WITH_REFUSAL,
        is_extra=True,
    ),
    Race(
        "reopen × webhook",
        scenes.with_hold_nearly_over_and_paid,
        (presses.reopen, COMPLETED),
        WAITING,
        WITH_REFUSAL,
        is_extra=True,
    ),
    Race(
        "reopen × late money",
        scenes.with_late_money,
        (presses.reopen, COMPLETED),
        (results.SENT_BACK, BACK_UNHEARD, *BACK_AND_REOPENED),
        WITH_REFUSAL,
        is_extra=True,
    ),
    Race(
        "pay out × send again",
        scenes.with_refund_owed,
        (presses.pay_out, presses.send_again),
        (results.PAID_OUT, results.SENT_AGAIN),
        WITH_REFUSAL,
        is_extra=True,
    ),
    Race("pay out × pay out", scenes.with_refund_owed, (presses.pay_out,), (results.PAID_OUT,), is_extra=True),
    Race(
        "the same news twice",
        scenes.with_refund_coming_back,
        (presses.event("refund.failed"), presses.event("charge.refund.updated")),
        (results.OWED,),
        is_extra=True,
    ),
)


def named(name: str) -> Race:
    """Return one race."""
    (found,) = (race for race in RACES if race.name == name)
    return found
