"""The flows that are killed: where each begins, what is done, and what it must come to."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from bookings.models import Booking
from tests.faults import moved_results, moved_scenes, presses, results, scenes
from tests.faults.forks import Job
from tests.faults.state import State
from tests.faults.world import World


@dataclass(frozen=True)
class Ask:
    """A request that moves money, by its address at Stripe, and the answer here when Stripe's is lost."""

    path: str
    waits: str = "in_progress"
    # Stripe refuses it, so that its faults after acting have nothing to come after.
    is_refused: bool = False


OPEN, CLOSE, REFUND = Ask("^/v1/checkout/sessions$"), Ask("/expire$"), Ask("^/v1/refunds$")
CAPTURE, VOID = Ask("/capture$"), Ask("/cancel$")


@dataclass(frozen=True)
class Flow:
    """One action: the booking it begins with, the job that performs it, and what it comes to.

    `done` is the answer when it is done, `again` are those to whoever does the same once more. `asks` is what it asks
    of Stripe, in order: each answer can be lost.
    """

    name: str
    prepare: Callable[[World], Booking]
    job: Callable[[World, Booking], Job]
    result: State
    again: tuple[str, ...] = ("already",)
    asks: tuple[Ask, ...] = ()
    done: str = "done"
    # Killed at every commit and request, even in the quick part, and killed once more while it recovers.
    is_named: bool = False
    # Looks at all bookings, so there must be no other.
    is_alone: bool = False
    # Stripe knows something that no event has told us; a recovery that has nothing to finish cannot hear of it.
    has_news: bool = False


APPROVE: Final = Flow(
    "approve", scenes.with_money_held, presses.approve, results.APPROVED, asks=(CAPTURE,), is_named=True
)
DECLINE: Final = Flow(
    "decline", scenes.with_money_held, presses.decline, results.DECLINED, asks=(VOID,), is_named=True
)
GUEST_CANCEL: Final = Flow(
    "guest cancel", scenes.with_money_taken, presses.guest_cancel, results.CANCELLED, asks=(REFUND,), is_named=True
)
# Free until 14 days before check-in; five days later half is kept.
FREE_CANCEL: Final = Flow(
    "guest cancel, free", scenes.with_money_taken_early, presses.guest_cancel, results.CANCELLED_FREE, asks=(REFUND,)
)
STAFF_REFUND: Final = Flow(
    "staff refund",
    scenes.with_money_taken,
    presses.refund("100.00"),
    results.PARTLY_REFUNDED,
    ("refused",),
    asks=(REFUND,),
    is_named=True,
)
SECOND_REFUND: Final = Flow(
    "second refund",
    scenes.with_part_refunded,
    presses.refund("50.00"),
    results.TWICE_REFUNDED,
    ("refused",),
    asks=(REFUND,),
)
PAY: Final = Flow("open payment page", scenes.offered, presses.guest_pay, results.OFFERED, ("done",), asks=(OPEN,))
RETRY: Final = Flow(
    "retry after refused card",
    scenes.with_refused_card,
    presses.guest_pay,
    results.RETRIED,
    ("done",),
    # Whether the page is closed is looked up before another one is opened, all in one press.
    asks=(replace(CLOSE, waits="done"), OPEN),
)
PAY_OUT: Final = Flow("record payout", scenes.with_refund_owed, presses.pay_out, results.PAID_OUT)
SEND_AGAIN: Final = Flow(
    "send refund again", scenes.with_refund_owed, presses.send_again, results.SENT_AGAIN, asks=(REFUND,)
)
FOUR_EYES: Final = Flow(
    "approve refund request", scenes.with_refund_asked, presses.agree, results.AGREED, asks=(REFUND,)
)
REFUND_FAILED: Final = Flow(
    "refund comes back", scenes.with_refund_coming_back, presses.event("refund.failed"), results.OWED, ("done",)
)
NAMED: Final = (APPROVE, DECLINE, GUEST_CANCEL, STAFF_REFUND)
MOVES: Final = (
    Flow("no show", moved_scenes.with_nobody_there, presses.mark_no_show, moved_results.NO_SHOW, asks=(REFUND,)),
    Flow(
        "reschedule cheaper",
        scenes.with_money_taken,
        presses.reschedule(nights=1),
        moved_results.SHORTENED,
        asks=(REFUND,),
    ),
    Flow("reschedule at the same price", scenes.with_money_taken, presses.reschedule(days=1), moved_results.LATER),
    Flow(
        "reschedule dearer while waiting for approval",
        scenes.with_money_held,
        presses.reschedule(nights=3),
        moved_results.ASKED_AGAIN,
        asks=(VOID,),
    ),
    Flow(
        "approve what became cheaper",
        moved_scenes.with_less_to_capture,
        presses.approve,
        moved_results.CAPTURED_LESS,
        asks=(CAPTURE,),
    ),
    Flow(
        "cancel with two payments",
        moved_scenes.with_two_payments,
        presses.guest_cancel,
        moved_results.CANCELLED_IN_PARTS,
        asks=(REFUND, REFUND),
    ),
    Flow(
        "refund with two payments",
        moved_scenes.with_two_payments,
        presses.refund("200.00"),
        moved_results.REFUNDED_IN_PARTS,
        ("refused",),
        asks=(REFUND, REFUND),
    ),
    Flow(
        "difference paid",
        moved_scenes.with_difference_paid_at_stripe,
        presses.event("checkout.session.completed"),
        moved_results.LONGER_PAID,
        ("done",),
    ),
    Flow(
        "difference not paid in time",
        moved_scenes.with_difference_overdue,
        presses.undo,
        moved_results.LONGER_UNPAID,
        ("done",),
        asks=(CLOSE,),
    ),
    Flow(
        "reschedule unpaid",
        moved_scenes.with_page_open,
        presses.reschedule(nights=3),
        moved_results.ASKED_FOR_MORE,
        asks=(CLOSE,),
    ),
)
BY_STAFF: Final = (
    Flow("staff cancel", scenes.with_money_held, presses.staff_cancel, results.RELEASED_BY_STAFF, asks=(VOID,)),
    Flow(
        "staff cancel for a fee",
        scenes.with_money_taken,
        presses.cancel_for_fee,
        results.CANCELLED_FOR_FEE,
        asks=(REFUND,),
    ),
    SECOND_REFUND,
    *MOVES,
    Flow("reopen", scenes.expired, presses.reopen, results.REOPENED, ("refused",)),
    Flow(
        "reopen, closing the page",
        scenes.with_hold_nearly_over,
        presses.reopen,
        results.REOPENED_AFTER_CLOSING,
        ("refused",),
        asks=(CLOSE,),
    ),
    PAY_OUT,
    SEND_AGAIN,
    Flow(
        "ask for refund",
        scenes.in_careful_hotel,
        presses.refund("300.00", by_partner=True),
        results.ASKED,
        ("refused",),
        done="already",
    ),
    FOUR_EYES,
)
BY_GUEST: Final = (
    PAY,
    RETRY,
    Flow(
        "pay in the fallback currency",
        scenes.in_hotel_with_fallback,
        presses.guest_pay,
        results.CONVERTED,
        ("done",),
        asks=(replace(OPEN, is_refused=True), OPEN),  # in euro, then in dollars
    ),
    Flow("cancel in dispute", scenes.in_dispute, presses.guest_cancel, results.CANCELLED_IN_DISPUTE),
    Flow(
        "cancel into a dispute",
        scenes.with_dispute_at_stripe,
        presses.guest_cancel,
        results.CANCELLED_INTO_DISPUTE,
        asks=(replace(REFUND, is_refused=True),),
        has_news=True,
    ),
)
BY_STRIPE: Final = (
    Flow(
        "authorize by webhook",
        scenes.with_news_at_stripe,
        presses.event("checkout.session.completed"),
        results.WAITING,
        ("done",),
    ),
    Flow(
        "confirm by webhook",
        scenes.with_news_of_an_instant_stay,
        presses.event("checkout.session.completed"),
        results.PAID_AT_ONCE,
        ("done",),
    ),
    Flow(
        "authorize in dollars",
        scenes.with_news_of_dollars,
        presses.event("checkout.session.completed"),
        results.CONVERTED_WAITING,
        ("done",),
    ),
    Flow(
        "send late money back",
        scenes.with_late_money,
        presses.event("checkout.session.completed"),
        results.SENT_BACK,
        ("done",),
        asks=(replace(VOID, waits="done"),),
    ),
    REFUND_FAILED,
    Flow(
        "refund at Stripe: ask",
        scenes.with_refund_at_stripe("ask"),
        presses.event("charge.refunded"),
        results.EXTERNAL,
        ("done",),
    ),
    Flow(
        "refund at Stripe: cancel",
        scenes.with_refund_at_stripe("cancel"),
        presses.event("charge.refunded"),
        results.EXTERNAL_CANCELLED,
        ("done",),
    ),
    Flow(
        "refund at Stripe: reopen",
        scenes.with_refund_at_stripe("reopen"),
        presses.event("charge.refunded"),
        results.EXTERNAL_REOPENED,
        ("done",),
    ),
    Flow(
        "dispute opened",
        scenes.with_dispute_at_stripe,
        presses.event("charge.dispute.created"),
        results.DISPUTED,
        ("done",),
    ),
    Flow(
        "dispute lost",
        scenes.with_dispute_lost_at_stripe,
        presses.event("charge.dispute.closed"),
        results.LOST,
        ("done",),
    ),
    Flow(
        "authorization gone",
        scenes.with_authorization_gone,
        presses.event("payment_intent.canceled"),
        results.AUTHORIZATION_GONE,
        ("done",),
    ),
)
BY_THE_CLOCK: Final = (
    Flow(
        "expire hold",
        scenes.with_hold_over,
        presses.expire,
        results.EXPIRED,
        ("done",),
        asks=(CLOSE,),
    ),
    Flow(
        "expire authorization",
        scenes.with_authorization_over,
        presses.expire,
        results.AUTHORIZATION_OVER,
        ("done",),
        asks=(VOID,),
    ),
    Flow("warn of its end", scenes.with_authorization_ending, presses.machine("worker"), results.WARNED, ("done",)),
    Flow(
        "reconcile what was done",
        scenes.with_unanswered_approval,
        presses.machine("janitor"),
        results.APPROVED,
        ("done",),
        is_alone=True,
    ),
    Flow(
        "reconcile what was not",
        scenes.with_unheard_approval,
        presses.machine("janitor"),
        results.APPROVED,
        ("done",),
        is_alone=True,
        asks=(replace(CAPTURE, waits="done"),),
    ),
    Flow(
        "compare with Stripe",
        scenes.with_capture_at_stripe,
        presses.machine("compare"),
        results.CAPTURED_ELSEWHERE,
        ("done",),
        is_alone=True,
        has_news=True,
    ),
)
# The worker carries out a row of a run that staff have started.
BULK: Final = Flow(
    "bulk cancel",
    scenes.with_money_taken,
    presses.bulk_cancel,
    results.CANCELLED_IN_BULK,
    ("done",),
    asks=(replace(REFUND, waits="done"),),
)
FLOWS: Final = (*NAMED, *BY_STAFF, *BY_GUEST, *BY_STRIPE, *BY_THE_CLOCK, BULK)
ASKING: Final = tuple(flow for flow in FLOWS if flow.asks)
