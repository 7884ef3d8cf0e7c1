"""What guests and staff do, by the real views or by what these call."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from django.db import transaction

from bookings import assignment, bulk, lifecycle
from bookings.models import Booking, BookingStatus, BulkRow, PaymentMethod
from cancellations import cancel, no_show
from payments import checkout, decisions, external, ledger, payouts, refund_requests, reopen
from payments.models import Refund
from tests.factories import BookingFactory
from tests.faults import actions, presses
from tests.faults.forks import Job
from tests.faults.simulation.acts import Act, told
from tests.faults.simulation.stage import Stage
from tests.payments import moving
from tests.stays import GOOD_CARD, REFUSED_CARD, by_guest, by_staff, fresh

S = BookingStatus
LIVE: Final = (S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED)
# So many that are not over, and so many in all.
ALIVE, MOST = 4, 10
# Pays at once; is declined; is disputed a minute after the capture; is inquired about; its refund is pending first;
# its refund fails in the end.
CARDS: Final = (
    *(GOOD_CARD,) * 8,
    REFUSED_CARD,
    "4000000000000259",
    "4000000000001976",
    "4000000000007726",
    "4000000000005126",
)


def books(stage: Stage) -> Act | None:
    """Staff enter a booking, and offer its room."""
    dice = stage.dice
    found = stage.all_bookings()
    if len(found) == MOST or sum(each.status in LIVE for each in found) >= ALIVE:
        return None
    room, first, nights = dice.choice(stage.rooms), dice.choice((1, 2, 5, 10, 10, 16, 16, 30)), dice.randint(1, 3)
    method = dice.choice((PaymentMethod.ONLINE,) * 5 + (PaymentMethod.ARRIVAL,))

    def book() -> str:
        with transaction.atomic():
            made: Any = BookingFactory(
                room=room,
                check_in=stage.clock.day(first),
                check_out=stage.clock.day(first + nights),
                payment_method=method,
                total_amount=room.room_type.nightly_rate * nights,
            )
        return told(lambda: lifecycle.submit(fresh(made)), by=by_staff(stage.owner))

    words = (
        f"staff book room {stage.rooms.index(room) + 1} in {first} days for {nights} nights, paid {method.lower()}"
    )
    return Act(words, book, is_ours=stage.number > 1)


def guest_opens_page(stage: Stage) -> Act | None:
    """The guest presses "Pay"."""
    booking = stage.some(S.PENDING_PAYMENT) if dice_says(stage) else stage.some(*S.values)
    return booking and by_view(stage, booking, "asks for the payment page", actions.guest_pay)


def guest_tries_again(stage: Stage) -> Act | None:
    """The guest asks for another page."""
    booking = stage.some(S.PENDING_PAYMENT, S.CONFIRMED)
    name = f"the guest of {stage.name(booking)} tries another card" if booking else ""
    return booking and Act(name, lambda: told(lambda: checkout.retry_payment(fresh(booking)), by=by_guest()))


def guest_pays(stage: Stage) -> Act | None:
    """The guest enters a card on Stripe's page, the newest that there is; mostly on one that is open."""
    dice = stage.dice
    pages = stage.pages(is_open=dice.random() < 0.9)
    if not pages:
        return None
    payment, card = dice.choice(pages), dice.choice(CARDS)
    words = f"the guest of {stage.name(payment.booking)} pays by {card} on page {payment.attempt_number}"
    pay = partial(stage.simulator.control, f"pay/{payment.stripe_checkout_session_id}", card=card)
    return Act(words, lambda: stage.outside(pay), is_ours=False)


def guest_pays_slowly(stage: Stage) -> Act | None:
    """The guest pays by a method that takes days; or the bank says yes or no."""
    pages = stage.pages(is_open=False)
    if not pages:
        return None
    payment, what = stage.dice.choice(pages), stage.dice.choice(("delayed", "settle", "settle"))
    status = stage.dice.choice(("succeeded", "succeeded", "failed"))
    words = f"the guest of {stage.name(payment.booking)} pays slowly: {what} {status if what == 'settle' else ''}"
    more = {"status": status} if what == "settle" else {}
    pay = partial(stage.simulator.control, f"pay/{payment.stripe_checkout_session_id}/{what}", **more)
    return Act(words.rstrip(), lambda: stage.outside(pay), is_ours=False)


def guest_returns(stage: Stage) -> Act | None:
    """The guest comes back from Stripe's page."""
    booking = stage.some(S.PENDING_PAYMENT, S.PENDING_PAYMENT, S.CONFIRMED, S.PENDING_APPROVAL)
    return booking and by_view(stage, booking, "comes back from Stripe", actions.guest_returns)


def guest_cancels(stage: Stage) -> Act | None:
    """The guest cancels."""
    booking = stage.some(*LIVE) if dice_says(stage) else stage.some(*S.values)
    return booking and by_view(stage, booking, "cancels", actions.guest_cancel)


def dice_says(stage: Stage) -> bool:
    """Whether somebody does what is possible, as nearly always."""
    return stage.dice.random() < 0.9


def by_view(stage: Stage, booking: Booking, words: str, action: Callable[[Job], actions.Answer]) -> Act:
    """What the guest does on their own page, with the amounts that it shows now."""
    job = stage.world.guest_job(booking, action.__name__)
    return Act(f"the guest of {stage.name(booking)} {words}", lambda: answered(action, job))


def answered(action: Callable[[Job], actions.Answer], job: Job) -> str:
    """Return what a view answered; pages that are not there are an answer, too."""
    try:
        return " ".join(action(job)).strip()
    except KeyError as status:
        if int(str(status)) in (403, 404, 410):
            return f"{status}"
        raise


# By which status each decision is possible, and how staff come to it.
DECISIONS: Final[dict[str, tuple[str, ...]]] = {
    "approve": (S.PENDING_APPROVAL,),
    "decline": (S.PENDING_APPROVAL,),
    "cancel": (S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED, S.CONFIRMED),
    "no show": (S.CONFIRMED,),
    "complete": (S.CONFIRMED,),
    "reopen": (S.EXPIRED, S.CANCELLED, S.DECLINED, S.CONFIRMED),
    "mark paid": (S.CONFIRMED,),
    "delete": (S.EXPIRED, S.CANCELLED, S.DECLINED, S.DRAFT),
    "restore": (S.EXPIRED, S.CANCELLED, S.DECLINED, S.DRAFT),
}
VIEWS: Final = {
    "approve": presses.approve,
    "decline": presses.decline,
    "cancel": presses.staff_cancel,
    "no show": presses.mark_no_show,
    "reopen": presses.reopen,
}


def staff_decide(stage: Stage) -> Act | None:
    """Staff press a button; one time in eight a button that this booking does not have."""
    dice = stage.dice
    what = dice.choice((*("approve",) * 8, *DECISIONS))
    booking = stage.some(*(S.values if dice.random() < 1 / 8 else DECISIONS[what]))
    if booking is None:
        return None
    acts: dict[str, Callable[[], Any]] = {
        "approve": lambda: decisions.approve(fresh(booking)),
        "decline": lambda: decisions.decline(fresh(booking), reason="Full."),
        "cancel": lambda: cancel.cancel_booking(fresh(booking), reason="Full."),
        "no show": lambda: no_show.mark_no_show(fresh(booking)),
        "complete": lambda: lifecycle.complete(fresh(booking)),
        "reopen": lambda: reopen.reopen(fresh(booking)),
        "mark paid": lambda: decisions.mark_paid(fresh(booking), method="cash"),
        "delete": lambda: decisions.soft_delete(fresh(booking), reason="Entered twice."),
        "restore": lambda: lifecycle.restore(fresh(booking)),
    }
    words = f"staff {what} {stage.name(booking)}"
    if what in VIEWS and dice.random() < 0.3 and (job := stage.pressed(VIEWS[what], booking)):
        return Act(f"{words} in a dialog", lambda: " ".join(actions.staff(job)))
    return staff_act(stage, words, acts[what])


def staff_act(stage: Stage, words: str, work: Callable[[], Any]) -> Act:
    """What an owner does."""
    return Act(words, lambda: told(work, by=by_staff(stage.owner)))


def staff_refund(stage: Stage) -> Act | None:
    """Staff refund a part, or cancel for another fee than the policy names."""
    booking, percent = (
        stage.some(S.CONFIRMED) if dice_says(stage) else stage.some(*S.values),
        stage.dice.choice((1, 5, 10, 30, 100)),
    )
    left = ledger.resting_balance(booking).left if booking else 0
    if booking is None or not left:
        return None
    amount = max(1, left * percent // 100)
    if stage.dice.random() < 0.25:
        words = f"staff cancel {stage.name(booking)} for a fee of {amount}"
        return staff_act(stage, words, lambda: cancel.cancel_booking(fresh(booking), reason="Agreed.", fee=amount))
    # As the dialog does: what is not left any more by then is not refunded.
    seen = {"amount": amount, "note": "Noise.", "seen_left": decisions.to_refund(booking)[1]}
    refund = partial(decisions.refund, **seen)
    if ledger.resting(booking) and all(each.provider == "manual" for each in ledger.resting(booking)):
        refund = partial(payouts.refund_by_hand, **seen, method="cash")
    return staff_act(stage, f"staff refund {amount} of {stage.name(booking)}", lambda: refund(fresh(booking)))


def staff_move(stage: Stage) -> Act | None:
    """Staff move a booking: dearer, cheaper, to other days, or to another room."""
    booking = stage.some(S.CONFIRMED, S.CONFIRMED, S.PENDING_APPROVAL, S.PENDING_PAYMENT)
    if booking is None:
        return None
    dice = stage.dice
    if dice.random() < 0.2:
        room = dice.choice(stage.rooms)
        words = f"staff give {stage.name(booking)} room {stage.rooms.index(room) + 1}"
        return staff_act(stage, words, lambda: assignment.assign_room(fresh(booking), room=room))
    nights, days = dice.randint(1, 4), dice.choice((0, 0, 1, 20))

    def move() -> str:
        wish = moving.wish_for(booking, nights=nights, days=days)
        return told(lambda: moving.press(booking, wish, person=stage.owner), by=by_staff(stage.owner))

    return Act(f"staff move {stage.name(booking)} by {days} days, {nights} nights", move)


def staff_settle_owed(stage: Stage) -> Act | None:
    """Staff pay out what could not be refunded, send it again, or write it off."""
    owed = [each for each in stage.refunds() if each.is_owed]
    if not owed:
        return None
    refund, what = stage.dice.choice(owed), stage.dice.choice(("pay out", "send again", "send again", "write off"))
    acts: dict[str, Callable[[Refund], Any]] = {
        "pay out": lambda owed: payouts.pay_out(owed, method="cash"),
        "send again": payouts.send_again,
        "write off": lambda owed: payouts.write_off(owed, reason="The guest doesn't want it."),
    }
    words = f"staff {what} {refund.amount} owed to {stage.name(refund.payment.booking)}"
    return staff_act(stage, words, lambda: acts[what](Refund.objects.get(pk=refund.pk)))


def staff_answer_external(stage: Stage) -> Act | None:
    """Staff say what becomes of a booking whose money was refunded at Stripe."""
    waiting = [each for each in stage.refunds() if each.is_external and each.reviewed_at is None]
    if not waiting:
        return None
    refund, keeps = stage.dice.choice(waiting), stage.dice.random() < 0.5
    words = f"staff {'keep' if keeps else 'cancel'} {stage.name(refund.payment.booking)}, refunded at Stripe"
    if keeps:
        return staff_act(stage, words, lambda: external.keep_booking(Refund.objects.get(pk=refund.pk)))
    return staff_act(
        stage, words, lambda: external.cancel_booking_too(Refund.objects.get(pk=refund.pk), reason="Agreed.")
    )


def second_person(stage: Stage) -> Act | None:
    """A second person agrees, or not; or whoever asked takes it back."""
    booking = next((each for each in stage.all_bookings() if each.refund_requests.filter(status="pending")), None)
    if booking is None:
        return None
    wish, what = booking.refund_requests.get(status="pending"), stage.dice.choice(("approve", "approve", "reject"))
    work: dict[str, Callable[[], Any]] = {
        "approve": lambda: refund_requests.approve(wish),
        "reject": lambda: refund_requests.reject(wish, reason="No."),
    }
    words = f"a second person would {what} {wish.amount} of {stage.name(booking)}"
    return Act(words, lambda: told(work[what], by=by_staff(stage.partner)))


def staff_cancel_in_bulk(stage: Stage) -> Act | None:
    """Staff start a run that cancels one booking; the worker takes it up."""
    booking = stage.some(S.CONFIRMED)
    if booking is None:
        return None
    shown = cancel.quote(booking, at=stage.clock.now())
    row = BulkRow(
        booking=booking,
        reference=booking.booking_id,
        hotel=booking.hotel,
        move="refund",
        fee=shown.fee,
        amount=shown.refund,
        currency=booking.currency,
    )
    start = partial(
        bulk.start, key=f"{booking.booking_id} {stage.number}", rows=[row], action="cancel", reason="Shut"
    )
    return staff_act(stage, f"staff start a run that cancels {stage.name(booking)}", start)


STEPS: Final = (
    (8, books),
    (8, guest_opens_page),
    (2, guest_tries_again),
    (10, guest_pays),
    (1, guest_pays_slowly),
    (5, guest_returns),
    (3, guest_cancels),
    (14, staff_decide),
    (12, staff_refund),
    (6, staff_move),
    (4, staff_settle_owed),
    (3, staff_answer_external),
    (3, second_person),
    (1, staff_cancel_in_bulk),
)
