"""Bookings brought to where a no-show or a change of their stay begins."""

from datetime import timedelta

from django.utils import timezone

from bookings.models import Booking, KeptStay
from cancellations.models import CancellationTier
from payments import checkout
from tests.faults.scenes import draft, heard, payment_of, with_money_held, with_money_taken
from tests.faults.world import World
from tests.payments import moving
from tests.stays import by_guest, confirmed, fresh, pay, with_page


def with_nobody_there(world: World) -> Booking:
    """A confirmed booking whose check-in began yesterday, in a hotel that keeps half after arrival."""
    booking = draft(days=-1, name="Harbour House")
    CancellationTier.objects.filter(policy__hotel=booking.hotel, at_least=0).update(fee_value=50)
    return confirmed(world.simulator, booking)


def with_page_open(_world: World) -> Booking:
    """A booking that waits for its guest to pay, its page open."""
    return fresh(with_page(draft()).booking)


def with_less_to_capture(world: World) -> Booking:
    """A request that became cheaper after its money was held."""
    booking = with_money_held(world)
    moving.move(booking, nights=1)
    return fresh(booking)


def with_difference_due(world: World) -> Booking:
    """A confirmed booking that was moved to three nights; the page for the difference is open."""
    booking = with_money_taken(world)
    moving.move(booking, nights=3)
    with by_guest():
        checkout.open_payment_page(fresh(booking))
    return fresh(booking)


def with_difference_paid_at_stripe(world: World) -> Booking:
    """The guest has paid the difference, which the desk has not heard of."""
    booking = with_difference_due(world)
    pay(world.simulator, payment_of(booking))
    return booking


def with_two_payments(world: World) -> Booking:
    """A confirmed booking that was paid in two parts."""
    return heard(with_difference_paid_at_stripe(world))


def with_difference_overdue(world: World) -> Booking:
    """The difference was not paid in time; its page is still open."""
    booking = with_difference_due(world)
    KeptStay.objects.filter(booking=booking).update(due_at=timezone.now() - timedelta(minutes=1))
    return fresh(booking)


def with_difference_overdue_and_paid(world: World) -> Booking:
    """The guest pays the difference in the minute in which its time ends."""
    booking = with_difference_overdue(world)
    pay(world.simulator, payment_of(booking))
    return booking
