"""Bookings led to a state the way people do it, on the stage's clock; such as "CANCELLED/deleted"."""

from typing import Any, Final

from django.utils import timezone

from bookings import audit, lifecycle
from bookings.audit import ActorKind
from bookings.models import Booking
from cancellations import no_show
from payments import checkout, decisions, operations, reconcile, reopen
from payments.models import Payment
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory
from tests.payments.event_table.stage import Stage, newest
from tests.stays import REFUSED_CARD, by_guest, by_staff, fresh, guest_cancels, pay, submitted

# Cancelling 30 days before check-in is free, 10 days before it the hotel keeps half.
FAR, HALF_KEPT, TOMORROW = 30, 10, 1
PAST: Final = ("COMPLETED", "NO_SHOW")


def draft(stage: Stage, state: str, *, days: int = FAR, **hotel: Any) -> Booking:
    """A draft for two nights and 340.00, soon enough for what the state needs."""
    first = stage.days_ahead(TOMORROW if status_of(state) in PAST else days)
    last = stage.days_ahead(3 if status_of(state) in PAST else days + 2)
    room = RoomFactory(room_type=RoomTypeFactory(hotel=HotelFactory(**hotel)))
    return BookingFactory(room=room, check_in=first, check_out=last)


def instant(stage: Stage, state: str, **more: Any) -> Booking:
    """A draft of a hotel that confirms whoever has paid."""
    return draft(stage, state, booking_mode="instant", **more)


def status_of(state: str) -> str:
    """Return the status in a state's name."""
    return state.partition("/")[0]


def with_page(booking: Booking) -> Payment:
    """Submit a draft, if it is one, and open the page to pay on."""
    booking = submitted(booking) if booking.status == "DRAFT" else booking
    with by_guest():
        _, payment = checkout.open_payment_page(booking)
    assert payment is not None
    return payment


def hear(payment: Payment) -> Booking:
    """Let the product read an attempt at Stripe, as it does when the guest returns from the page."""
    with audit.acting_as(ActorKind.STRIPE):
        operations.refresh(Payment.objects.get(pk=payment.pk))
    return fresh(payment.booking)


def paid(stage: Stage, booking: Booking) -> Booking:
    """The guest pays, and the product knows."""
    return hear(pay(stage.simulator, with_page(booking)))


def paid_at_second_try(stage: Stage, booking: Booking) -> Booking:
    """The first card is refused, so the guest asks for another page, and pays there."""
    hear(pay(stage.simulator, with_page(booking), REFUSED_CARD))
    with by_guest():
        _, payment = checkout.retry_payment(fresh(booking))
    assert payment is not None
    return hear(pay(stage.simulator, payment))


def led(stage: Stage, booking: Booking, state: str) -> Booking:
    """Lead a booking that is paid (held, or captured in an instant hotel) on to a state."""
    status, _, record = state.partition("/")
    if status == "DECLINED":
        with by_staff():
            decisions.decline(booking, reason="The room is being painted.")
    elif status == "EXPIRED":
        stage.days_pass(8)  # an authorization lasts seven days
        hear(newest(booking))
    elif status != "PENDING_APPROVAL":
        stay(stage, booking, status)
    return deleted(booking) if record else fresh(booking)


def stay(stage: Stage, booking: Booking, status: str) -> None:
    """Confirm a booking, and lead it on to a status that a confirmed one may come to."""
    if booking.status == "PENDING_APPROVAL":
        with by_staff():
            decisions.approve(booking)
    if status == "CANCELLED":
        guest_cancels(booking)
    if status in PAST:
        end_stay(stage, booking, status)


def end_stay(stage: Stage, booking: Booking, status: str) -> None:
    """Let the days of the stay pass."""
    stage.days_pass(4)
    if status == "COMPLETED":
        with by_staff():
            lifecycle.complete(booking)
        return
    with by_staff():
        no_show.mark_no_show(fresh(booking))


def deleted(booking: Booking) -> Booking:
    """Delete a booking softly."""
    with by_staff():
        decisions.soft_delete(fresh(booking), reason="Entered twice.")
    return fresh(booking)


def deleted_if(state: str, booking: Booking) -> Booking:
    """Delete a booking softly where its state says so."""
    return deleted(booking) if state.endswith("/deleted") else fresh(booking)


def run_out(stage: Stage, booking: Booking) -> None:
    """Let the hold of a room run out, and the worker notice."""
    stage.days_pass(2)
    # The first turn learns that the page cannot be closed where a payment is on its way.
    for _ in range(2):
        reconcile.expire_due(timezone.now())


def reopened(booking: Booking) -> Booking:
    """Ask the guest for the money again."""
    with by_staff():
        return reopen.reopen(fresh(booking), reason="The guest comes after all.").booking


def refund(booking: Booking, amount: int = 5000) -> Booking:
    """Staff refund a part, in cents."""
    with by_staff():
        return decisions.refund(fresh(booking), amount=amount, note="Noise at night.").booking
