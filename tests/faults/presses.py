"""What people, Stripe and the clock do to a booking: each as the job that a process is killed in."""

from collections.abc import Callable
from typing import Any

from bookings import bulk
from bookings.models import Booking, BulkRow
from payments.models import Refund
from payments.reschedule import plan_of
from tests.faults import scenes
from tests.faults.forks import Job
from tests.faults.world import World
from tests.payments import moving
from tests.stays import by_staff, fresh

type Press = Callable[[World, Booking], Job]


def approve(world: World, booking: Booking) -> Job:
    """Staff agree."""
    return world.press(booking, "approve")


def decline(world: World, booking: Booking) -> Job:
    """Staff refuse."""
    return world.press(booking, "decline", reason="No room available", note="Full house")


def staff_cancel(world: World, booking: Booking) -> Job:
    """Staff cancel."""
    return world.press(booking, "cancel", reason="Hotel closed", note="")


def cancel_for_fee(world: World, booking: Booking) -> Job:
    """Staff cancel and keep 50.00 instead of what the policy names."""
    fee = {"fee": "custom", "custom_fee": "50.00"}
    return world.press(booking, "cancel", reason="Hotel closed", note="", **fee)


def mark_no_show(world: World, booking: Booking) -> Job:
    """Staff note that nobody came."""
    return world.press(booking, "mark_no_show", note="Called twice.")


def reschedule(**wish: Any) -> Press:
    """Staff move a booking after they have looked at what that does."""

    def press(world: World, booking: Booking) -> Job:
        asked = moving.wish_for(booking, **wish)
        data = {
            "check_in": asked.check_in.isoformat(),
            "check_out": asked.check_out.isoformat(),
            "room": asked.room.pk if asked.room else "",
            "reason": "The guest asked for it",
            "seen": plan_of(fresh(booking), asked).seen(),
        }
        return world.press(booking, "reschedule", **data)

    return press


def reopen(world: World, booking: Booking) -> Job:
    """Staff ask the guest for the money again."""
    return world.press(booking, "reopen", note="The guest called.")


def refund(amount: str, *, by_partner: bool = False) -> Press:
    """Staff give back an amount."""
    said = {"amount": amount, "stripe_reason": "duplicate", "note": "Noise"}
    return lambda world, booking: world.press(booking, "refund", by=world.partner if by_partner else None, **said)


def agree(world: World, booking: Booking) -> Job:
    """A second person agrees to what was asked for."""
    return world.press(scenes.request_of(booking), "approve", note="")


def agree_to_own(world: World, booking: Booking) -> Job:
    """Whoever asked presses the second person's button."""
    return world.press(scenes.request_of(booking), "approve", by=world.partner, note="")


def agree_by_another(world: World, booking: Booking) -> Job:
    """A third person agrees, too."""
    return world.press(scenes.request_of(booking), "approve", by=world.third, note="")


def withdraw(world: World, booking: Booking) -> Job:
    """Whoever asked takes it back."""
    return world.press(scenes.request_of(booking), "withdraw", by=world.partner, note="")


def pay_out(world: World, booking: Booking) -> Job:
    """Staff record that they have paid an owed refund out themselves."""
    return world.press(owed(booking), "pay_out", method="Bank transfer", note="TR-1")


def send_again(world: World, booking: Booking) -> Job:
    """Staff send an owed refund through Stripe."""
    return world.press(owed(booking), "send_again")


def owed(booking: Booking) -> Refund:
    """The refund that the hotel owes."""
    return Refund.objects.get(payment__booking=booking, provider="manual")


def guest_cancel(world: World, booking: Booking) -> Job:
    """The guest cancels."""
    return world.guest_job(booking, "guest_cancel")


def guest_pay(world: World, booking: Booking) -> Job:
    """The guest asks for the payment page."""
    return world.guest_job(booking, "guest_pay")


def guest_returns(world: World, booking: Booking) -> Job:
    """The guest comes back from Stripe's page."""
    return world.guest_job(booking, "guest_returns")


def event(kind: str) -> Press:
    """Stripe tells of something, and the worker takes it up."""
    return lambda world, booking: world.webhook_job(booking, kind)


def event_of(number: int, kind: str) -> Press:
    """Stripe tells of the newest, or the one before, of several such events."""
    return lambda world, booking: world.webhook_job(booking, kind, number=number)


def refresh(_world: World, booking: Booking) -> Job:
    """The worker re-reads the payment, as for a webhook."""
    return {"do": "refresh", "booking": booking.pk}


def undo(_world: World, booking: Booking) -> Job:
    """The worker finds that a difference was not paid in time."""
    return {"do": "undo", "booking": booking.pk}


def expire(_world: World, booking: Booking) -> Job:
    """The worker finds the time over."""
    return {"do": "expire", "booking": booking.pk}


def machine(do: str) -> Press:
    """The worker, the janitor or the comparison with Stripe takes its turn."""
    return lambda _world, _booking: {"do": do}


def bulk_cancel(world: World, booking: Booking) -> Job:
    """Staff have started a run that keeps half; the worker takes it up."""
    row = BulkRow(
        booking=booking,
        reference=booking.booking_id,
        hotel=booking.hotel,
        move="refund",
        fee=17000,
        amount=17000,
        currency="EUR",
    )
    with by_staff(world.owner.user):
        bulk.start(key=booking.booking_id, rows=[row], action="cancel", reason="Hotel closed")
    return {"do": "bulk_turn"}
