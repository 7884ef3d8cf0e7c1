"""Stripe's webhooks arrive days late, in any order and twice, when everything has been settled without them."""

import random
from typing import Any

from bookings.models import Booking
from payments.models import Refund
from tests.faults import actions
from tests.faults.world import World, delivery


def tell_late(world: World, booking: Booking, *, seed: int, build: str = "") -> list[str]:
    """Deliver every event of a booking, let the worker process them; return what changed by it."""
    before = everything(world, booking)
    events = world.events(booking) * 2
    random.Random(seed).shuffle(events)
    for event in events:
        answer, _ = actions.deliver(delivery(event))
        assert answer == "done"
    world.recover(broken=build)
    failed = booking.webhook_events.filter(processing_result__in=("received", "failed"))
    wrong = [f"{event} {event.processing_result}: {event.error_message[-200:]}" for event in failed]
    after = everything(world, booking)
    return [
        *wrong,
        *(f"{name}: {after[name]} after {before[name]}" for name in before if after[name] != before[name]),
    ]


def everything(world: World, booking: Booking) -> dict[str, Any]:
    """Whatever late news could change by mistake."""
    payments = list(booking.payments.order_by("pk"))
    return {
        "state": world.state(booking),
        "booking rows": booking.history.count(),
        "payment rows": [payment.history.count() for payment in payments],
        "refund rows": sum(each.history.count() for each in Refund.objects.filter(payment__booking=booking)),
        "operation rows": sum(each.history.count() for each in booking.operations.all()),
        "amounts": [(each.amount_authorized, each.amount_captured, each.amount_refunded) for each in payments],
    }
