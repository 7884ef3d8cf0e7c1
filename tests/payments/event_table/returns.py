"""Situations about money that goes back: refunds made here and at Stripe, and banks that take it."""

from typing import Final

from bookings.models import Booking
from payments.models import Payment, Refund
from tests.payments.event_table.lives import (
    FAR,
    HALF_KEPT,
    deleted_if,
    draft,
    hear,
    instant,
    led,
    paid,
    refund,
    reopened,
    run_out,
    status_of,
    with_page,
)
from tests.payments.event_table.naming import Situations
from tests.payments.event_table.stage import Stage, newest
from tests.stays import fresh, guest_cancels

SITUATIONS: Final = Situations()
ALL: Final = 34000


@SITUATIONS.named("a part is refunded at Stripe")
def _part_refunded(stage: Stage, state: str) -> Booking:
    booking = led(stage, paid(stage, draft(stage, state)), state)
    stage.at_dashboard(newest(booking), "refund", amount=5000)
    return booking


@SITUATIONS.named("the rest is refunded at Stripe")
def _rest_refunded(stage: Stage, state: str) -> Booking:
    booking = led(stage, paid(stage, draft(stage, state, days=HALF_KEPT)), state)
    stage.at_dashboard(newest(booking), "refund")
    return booking


@SITUATIONS.named("everything is refunded at Stripe, and the hotel wants to be asked")
def _all_refunded_ask(stage: Stage, state: str) -> Booking:
    return all_refunded(stage, state, "ask")


@SITUATIONS.named("everything is refunded at Stripe, and the hotel then cancels")
def _all_refunded_cancel(stage: Stage, state: str) -> Booking:
    return all_refunded(stage, state, "cancel")


@SITUATIONS.named("everything is refunded at Stripe, and the hotel then asks for the money again")
def _all_refunded_reopen(stage: Stage, state: str) -> Booking:
    return all_refunded(stage, state, "reopen")


def all_refunded(stage: Stage, state: str, answer: str) -> Booking:
    """Somebody refunds everything at Stripe."""
    booking = led(stage, paid(stage, draft(stage, state, external_refunds=answer)), state)
    stage.at_dashboard(newest(booking), "refund")
    return booking


@SITUATIONS.named("the refund on its way arrives")
def _refund_arrives(stage: Stage, state: str) -> Booking:
    return end_refund(stage, with_refund_on_its_way(stage, state), "succeeded")


@SITUATIONS.named("the refund on its way fails")
def _refund_fails(stage: Stage, state: str) -> Booking:
    return end_refund(stage, with_refund_on_its_way(stage, state), "failed")


@SITUATIONS.named("the refund on its way is canceled")
def _refund_canceled(stage: Stage, state: str) -> Booking:
    return end_refund(stage, with_refund_on_its_way(stage, state), "canceled")


@SITUATIONS.named("the refund of an earlier round arrives")
def _earlier_refund_arrives(stage: Stage, state: str) -> Booking:
    return end_refund(stage, with_earlier_round(stage, state), "succeeded")


@SITUATIONS.named("the refund of an earlier round fails")
def _earlier_refund_fails(stage: Stage, state: str) -> Booking:
    return end_refund(stage, with_earlier_round(stage, state), "failed")


@SITUATIONS.named("the refund of an earlier round comes back")
def _earlier_refund_comes_back(stage: Stage, state: str) -> Booking:
    return end_refund(stage, with_earlier_round(stage, state, how="succeeded"), "failed")


@SITUATIONS.named("the refund comes back after it had arrived")
def _refund_comes_back(stage: Stage, state: str) -> Booking:
    return end_refund(stage, with_refund(stage, state), "failed")


@SITUATIONS.named("the refund's reference number arrives")
def _reference_arrives(stage: Stage, state: str) -> Booking:
    booking = with_refund(stage, state)
    stage.simulator.control(f"refunds/{refund_of(booking).stripe_refund_id}/reference")
    return booking


def with_refund_on_its_way(stage: Stage, state: str) -> Booking:
    """A cancelled stay's refund of everything, staff's refund of a part, or the return of late money."""
    if status_of(state) == "EXPIRED":
        booking = slowly_paid_after_its_end(stage, state)
        stage.simulator.control("refund_outcome", mode="pending")
        return hear(newest(booking))
    if status_of(state) == "CANCELLED":
        booking = paid(stage, draft(stage, state))
        stage.simulator.control("refund_outcome", mode="pending")
        return led(stage, booking, state)
    booking = led(stage, paid(stage, draft(stage, state)), state)
    stage.simulator.control("refund_outcome", mode="pending")
    return refund(booking)


def with_refund(stage: Stage, state: str) -> Booking:
    """The same, arrived and known."""
    if status_of(state) == "EXPIRED":
        booking = slowly_paid_after_its_end(stage, state)
        hear(newest(booking))
        return deleted_if(state, booking)
    booking = led(stage, paid(stage, draft(stage, state)), status_of(state))
    if status_of(state) != "CANCELLED":
        refund(booking)
    return deleted_if(state, booking)


def with_earlier_round(stage: Stage, state: str, *, how: str = "pending") -> Booking:
    """A stay that was confirmed, refunded and reopened; then, for some states, paid once more."""
    booking = led(stage, paid(stage, draft(stage, state)), "CONFIRMED")
    stage.simulator.control("refund_outcome", mode=how)
    booking = reopened(refund(booking, ALL))
    if state == "PENDING_PAYMENT":
        return booking
    return led(stage, paid(stage, booking), state)


def end_refund(stage: Stage, booking: Booking, status: str) -> Booking:
    """Let the bank end a refund."""
    stage.simulator.control(f"refunds/{refund_of(booking).stripe_refund_id}/resolve", status=status)
    return fresh(booking)


def refund_of(booking: Booking) -> Refund:
    """Return the only refund of a booking."""
    return Refund.objects.get(payment__booking=booking)


@SITUATIONS.named("a slow payment arrives")
def _slow_arrives(stage: Stage, state: str) -> Booking:
    payment = slow_page(stage, instant(stage, state))
    bank_says(stage, payment, "succeeded")
    return fresh(payment.booking)


@SITUATIONS.named("a slow payment fails")
def _slow_fails(stage: Stage, state: str) -> Booking:
    payment = slow_page(stage, instant(stage, state))
    bank_says(stage, payment, "failed")
    return fresh(payment.booking)


@SITUATIONS.named("old news of a slow payment")
def _slow_known(stage: Stage, state: str) -> Booking:
    payment = slow_page(stage, instant(stage, state))
    bank_says(stage, payment, "succeeded")
    return led(stage, hear(payment), state)


@SITUATIONS.named("old news of a slow payment that failed before a card was taken")
def _slow_failed_first(stage: Stage, state: str) -> Booking:
    payment = slow_page(stage, instant(stage, state))
    bank_says(stage, payment, "failed")
    return led(stage, paid(stage, hear(payment)), state)


@SITUATIONS.named("a slow payment arrives for a stay that has ended")
def _slow_arrives_late(stage: Stage, state: str) -> Booking:
    return slowly_paid_after_its_end(stage, state)


@SITUATIONS.named("a slow payment fails for a stay that has ended")
def _slow_fails_late(stage: Stage, state: str) -> Booking:
    return ended_while_on_its_way(stage, state, "failed")


def slowly_paid_after_its_end(stage: Stage, state: str) -> Booking:
    """A slow payment arrives after the stay was cancelled, or its hold ran out."""
    return ended_while_on_its_way(stage, state, "succeeded")


def ended_while_on_its_way(stage: Stage, state: str, status: str) -> Booking:
    """The stay ends while a slow payment is on its way, which cannot be stopped."""
    payment = slow_page(stage, instant(stage, state))
    if status_of(state) == "CANCELLED":
        guest_cancels(payment.booking)
    else:
        run_out(stage, payment.booking)
    booking = deleted_if(state, payment.booking)
    bank_says(stage, payment, status)
    return booking


def slow_page(stage: Stage, booking: Booking) -> Payment:
    """The guest chooses a way of paying that takes days."""
    payment = with_page(booking)
    stage.simulator.control(f"pay/{payment.stripe_checkout_session_id}/delayed")
    return payment


def bank_says(stage: Stage, payment: Payment, status: str) -> None:
    """The slow payment succeeds or fails."""
    stage.simulator.control(f"pay/{payment.stripe_checkout_session_id}/settle", status=status)


@SITUATIONS.named("the guest's bank disputes the payment")
def _disputed(stage: Stage, state: str) -> Booking:
    booking = led(stage, paid(stage, draft(stage, state, days=HALF_KEPT)), state)
    stage.at_dashboard(newest(booking), "dispute")
    return booking


@SITUATIONS.named("the guest's bank disputes a payment whose refund is on its way")
def _disputed_while_refunding(stage: Stage, state: str) -> Booking:
    booking = with_refund_on_its_way(stage, state) if state == "EXPIRED" else with_earlier_round(stage, state)
    stage.at_dashboard(booking.payments.earliest("attempt_number"), "dispute")
    return booking


@SITUATIONS.named("the bank looks at the hotel's evidence")
def _dispute_reviewed(stage: Stage, state: str) -> Booking:
    return at_bank(stage, state, "review")


@SITUATIONS.named("the hotel wins the dispute")
def _dispute_won(stage: Stage, state: str) -> Booking:
    return at_bank(stage, state, "close", status="won")


@SITUATIONS.named("the hotel loses the dispute")
def _dispute_lost(stage: Stage, state: str) -> Booking:
    return at_bank(stage, state, "close", status="lost")


def at_bank(stage: Stage, state: str, what: str, **given: str) -> Booking:
    """A known dispute goes on. Of a deleted booking nobody has heard of it: an open one cannot be deleted."""
    # What was wholly refunded before the dispute could not be disputed.
    days = HALF_KEPT if state == "CANCELLED/deleted" else FAR
    confirmed = led(stage, paid(stage, draft(stage, state, days=days)), "CONFIRMED")
    if state.endswith("/deleted"):
        booking = led(stage, confirmed, state)
        dispute = stage.at_dashboard(newest(booking), "dispute")
    else:
        dispute = stage.at_dashboard(newest(confirmed), "dispute")
        booking = led(stage, hear(newest(confirmed)), state)
    stage.simulator.control(f"dashboard/disputes/{dispute['id']}/{what}", **given)
    return booking
