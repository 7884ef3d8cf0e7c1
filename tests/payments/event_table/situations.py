"""What has happened at Stripe when an event comes: each situation of the tables, made through the product and Stripe.

A function returns a booking that is in the state. The product has not heard yet of what its name says happened last,
unless that is old news.
"""

from typing import Final

from bookings.models import Booking
from payments import decisions
from tests.payments.event_table.lives import (
    deleted_if,
    draft,
    hear,
    instant,
    led,
    paid,
    paid_at_second_try,
    refund,
    run_out,
    status_of,
    with_page,
)
from tests.payments.event_table.naming import Situations
from tests.payments.event_table.stage import Stage, newest
from tests.stays import REFUSED_CARD, by_staff, fresh, guest_cancels, pay

SITUATIONS: Final = Situations()
# Where the event is forged: signed well, and about something that such an event is never raised for.
FORGED: Final = "forged, about the booking's own payment"
STRANGER: Final = "somebody else's payment that names this booking"
FIRST_ATTEMPT: Final = "old news of a first attempt"
# Where the event tells of the first attempt, not of the newest.
OF_FIRST_ATTEMPT: Final = (
    FIRST_ATTEMPT,
    "old news of a slow payment that failed before a card was taken",
    "the refund of an earlier round arrives",
    "the refund of an earlier round fails",
    "the refund of an earlier round comes back",
    "the guest's bank disputes a payment whose refund is on its way",
)


@SITUATIONS.named(STRANGER)
def _stranger(stage: Stage, state: str) -> Booking:
    return deleted_if(state, draft(stage, state))


@SITUATIONS.named(FORGED)
def _forged(stage: Stage, state: str) -> Booking:
    if state == "PENDING_PAYMENT":
        return fresh(with_page(draft(stage, state)).booking)
    return led(stage, paid(stage, draft(stage, state)), state)


@SITUATIONS.named("old news")
def _old_news(stage: Stage, state: str) -> Booking:
    return led(stage, paid(stage, draft(stage, state)), state)


@SITUATIONS.named(FIRST_ATTEMPT)
def _first_attempt(stage: Stage, state: str) -> Booking:
    return led(stage, paid_at_second_try(stage, draft(stage, state)), state)


@SITUATIONS.named("old news of a cancelled request")
def _cancelled_request(stage: Stage, state: str) -> Booking:
    guest_cancels(booking := paid(stage, draft(stage, state)))
    return deleted_if(state, booking)


@SITUATIONS.named("old news of a closed page")
def _closed_page(stage: Stage, state: str) -> Booking:
    booking = with_page(draft(stage, state)).booking
    if status_of(state) == "CANCELLED":
        guest_cancels(booking)
    else:
        run_out(stage, booking)
    return deleted_if(state, booking)


@SITUATIONS.named("the guest pays")
def _pays(stage: Stage, state: str) -> Booking:
    return fresh(pay(stage.simulator, with_page(draft(stage, state))).booking)


@SITUATIONS.named("the guest pays in an instant hotel")
def _pays_instantly(stage: Stage, state: str) -> Booking:
    return fresh(pay(stage.simulator, with_page(instant(stage, state))).booking)


@SITUATIONS.named("the card is refused")
def _refused(stage: Stage, state: str) -> Booking:
    return fresh(pay(stage.simulator, with_page(draft(stage, state)), REFUSED_CARD).booking)


@SITUATIONS.named("the page runs out")
def _page_runs_out(stage: Stage, state: str) -> Booking:
    payment = with_page(draft(stage, state))
    stage.simulator.control(f"expire/{payment.stripe_checkout_session_id}")
    return fresh(payment.booking)


@SITUATIONS.named("the page runs out after a refused card")
def _page_runs_out_after_refusal(stage: Stage, state: str) -> Booking:
    payment = pay(stage.simulator, with_page(draft(stage, state)), REFUSED_CARD)
    hear(payment)
    stage.simulator.control(f"expire/{payment.stripe_checkout_session_id}")
    return fresh(payment.booking)


@SITUATIONS.named("a hold that nobody heard of is released at Stripe")
def _unheard_hold_released(stage: Stage, state: str) -> Booking:
    payment = pay(stage.simulator, with_page(draft(stage, state)))
    stage.at_dashboard(payment, "cancel")
    return fresh(payment.booking)


@SITUATIONS.named("a hold is released at Stripe after a refused card")
def _second_card_released(stage: Stage, state: str) -> Booking:
    payment = pay(stage.simulator, with_page(draft(stage, state)), REFUSED_CARD)
    hear(payment)
    pay(stage.simulator, payment)
    stage.at_dashboard(payment, "cancel")
    return fresh(payment.booking)


@SITUATIONS.named("a hold that nobody heard of runs out")
def _unheard_hold_runs_out(stage: Stage, state: str) -> Booking:
    payment = pay(stage.simulator, with_page(draft(stage, state)))
    stage.days_pass(8)
    return fresh(payment.booking)


@SITUATIONS.named("a hold that nobody heard of is captured at Stripe")
def _unheard_hold_captured(stage: Stage, state: str) -> Booking:
    payment = pay(stage.simulator, with_page(draft(stage, state)))
    stage.at_dashboard(payment, "capture")
    return fresh(payment.booking)


@SITUATIONS.named("a payment that nobody heard of is refunded at Stripe")
def _unheard_payment_refunded(stage: Stage, state: str) -> Booking:
    payment = pay(stage.simulator, with_page(instant(stage, state)))
    stage.at_dashboard(payment, "refund")
    return fresh(payment.booking)


@SITUATIONS.named("the hold is released at Stripe")
def _hold_released(stage: Stage, state: str) -> Booking:
    booking = paid(stage, draft(stage, state))
    stage.at_dashboard(newest(booking), "cancel")
    return booking


@SITUATIONS.named("the hold runs out")
def _hold_runs_out(stage: Stage, state: str) -> Booking:
    booking = paid(stage, draft(stage, state))
    stage.days_pass(8)
    return booking


@SITUATIONS.named("the hold is captured at Stripe")
def _hold_captured(stage: Stage, state: str) -> Booking:
    booking = paid(stage, draft(stage, state))
    stage.at_dashboard(newest(booking), "capture")
    return booking


@SITUATIONS.named("a part of the hold is captured at Stripe")
def _part_captured(stage: Stage, state: str) -> Booking:
    booking = paid(stage, draft(stage, state))
    stage.at_dashboard(newest(booking), "capture", amount=10000)
    return booking


@SITUATIONS.named("Stripe's answer to the approval is lost")
def _approval_unanswered(stage: Stage, state: str) -> Booking:
    booking = paid(stage, draft(stage, state))
    lose_answers(stage, "capture")
    with by_staff():
        assert decisions.approve(booking).state == "in_progress"
    return fresh(booking)


@SITUATIONS.named("Stripe's answer to the refund of a part is lost")
def _refund_unanswered(stage: Stage, state: str) -> Booking:
    booking = led(stage, paid(stage, draft(stage, state)), state)
    lose_answers(stage, "refunds")
    return refund(booking)


@SITUATIONS.named("Stripe's answer to the cancellation's refund is lost")
def _cancellation_unanswered(stage: Stage, state: str) -> Booking:
    booking = led(stage, paid(stage, draft(stage, state)), state)
    lose_answers(stage, "refunds")
    guest_cancels(booking)
    return fresh(booking)


@SITUATIONS.named("a page that was given up here is paid")
def _given_up_paid(stage: Stage, state: str) -> Booking:
    return deleted_if(state, given_up_and_paid(stage, state))


@SITUATIONS.named("a page that was given up here is paid, and captured at Stripe")
def _given_up_captured(stage: Stage, state: str) -> Booking:
    booking = given_up_and_paid(stage, state)
    stage.at_dashboard(newest(booking), "capture")
    return deleted_if(state, booking)


def given_up_and_paid(stage: Stage, state: str) -> Booking:
    """Our booking has expired while Stripe still shows its page, as after restoring a backup."""
    payment = with_page(draft(stage, state))
    booking = fresh(payment.booking)
    booking.expire()
    booking.save()
    pay(stage.simulator, payment)
    return fresh(booking)


def lose_answers(stage: Stage, path: str) -> None:
    """Let Stripe act on the next request and on its library's repetitions, and answer none of them."""
    stage.simulator.control("faults", kind="drop_after", times=3, match={"method": "POST", "path_regex": path})
