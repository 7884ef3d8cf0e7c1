"""Five hundred confirmed bookings with real payments at a simulated Stripe, and the two ways to cancel them."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from bookings import bulk
from bookings.admin import bulk_plan
from bookings.admin.actions import BY_NAME
from bookings.models import Booking, BulkRun, FeeChoice, RowState, User
from bookings.models.booking import new_reference
from cancellations import cancel
from payments import gateway, pace
from tests import simulator_process
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory, days_ahead
from tests.simulator_process import StripeSimulator
from tests.stays import GOOD_CARD, by_staff, confirmed

REASON = "Hotel closed"


@contextmanager
def stripe(folder: Path) -> Iterator[StripeSimulator]:
    """Run a simulated Stripe that the product talks to as fast as a live key allows."""
    pace.SANDBOX_PER_SECOND = pace.LIVE_PER_SECOND
    with simulator_process.running(folder, api_key=os.environ["STRIPE_SECRET_KEY"]) as simulator:
        settings.STRIPE_API_BASE = os.environ["STRIPE_API_BASE"] = simulator.url
        yield simulator


def prepared(simulator: StripeSimulator, number: int) -> list[Booking]:
    """Confirmed and paid bookings of one hotel, ten days ahead: half would be kept.

    One is made as people make it; the others are its copies, each with a payment of its own at Stripe.
    """
    logging.disable(logging.INFO)
    room_type = RoomTypeFactory(hotel=HotelFactory())
    room = RoomFactory(room_type=room_type)
    first = confirmed(simulator, BookingFactory(room=room, check_in=days_ahead(10)))
    page = first.operations.get(kind="create_session").details["request"]
    return [first, *(copied(simulator, first, page) for _ in range(number - 1))]


def copied(simulator: StripeSimulator, first: Booking, page: dict[str, Any]) -> Booking:
    """Return another booking like the first one, without a room, and with its money taken at Stripe."""
    payment = first.payments.get()
    booking = Booking.objects.get(pk=first.pk)
    booking.pk, booking.booking_id, booking.room, booking._state.adding = None, new_reference(), None, True
    metadata = {"booking": booking.booking_id}
    opened = gateway.create_session({**page, "metadata": metadata}, key=f"open:{booking.booking_id}")
    simulator.control(f"pay/{opened.session_id}", card=GOOD_CARD)
    paid = gateway.read(session_id=opened.session_id, intent_id=None)
    key = f"capture:{booking.booking_id}"
    taken = gateway.capture(str(paid.intent_id), amount=payment.amount, operation="", key=key)
    booking.payment_reference = taken.intent_id
    booking.save()
    payment.pk, payment.booking, payment._state.adding = None, booking, True
    payment.stripe_checkout_session_id, payment.stripe_payment_intent_id = opened.session_id, taken.intent_id
    payment.stripe_charge_id = taken.charge_id
    payment.save()
    return booking


def answers_take(simulator: StripeSimulator, seconds: float) -> None:
    """Let everything that Stripe is asked take its time."""
    match = {"path_regex": "^/v1/"}
    simulator.control("faults", kind="slow", seconds=seconds, times=10**6, match=match)


def owner() -> User:
    """Whoever decides."""
    return User.objects.filter(is_superuser=True).first() or UserFactory(role="owner")


def cancel_alone(booking: Booking) -> None:
    """Cancel one booking as its own dialog does."""
    with by_staff(owner()):
        assert cancel.cancel_booking(booking, reason=REASON).state == "done"


def started(bookings: list[Booking]) -> BulkRun:
    """Start a run over all of them, with what its page would promise."""
    rows = Booking.objects.filter(pk__in=[each.pk for each in bookings])
    lines = bulk_plan.lines_of(rows, BY_NAME["cancel"], fee=FeeChoice.POLICY, now=timezone.now())
    with by_staff(owner()):
        return bulk.start(key="bench", rows=[line.row() for line in lines], action="cancel", reason=REASON)


def carry_out() -> None:
    """Do what the worker does."""
    bulk.run_due(timezone.now())


def check(simulator: StripeSimulator, run: BulkRun, bookings: list[Booking]) -> None:
    """Make sure that everybody got half back, once."""
    assert bulk.counts(run.rows.all()) == {RowState.DONE: run.total}, bulk.counts(run.rows.all())
    refunds = [[each["amount"] for each in row["refunds"]] for row in simulator.look("summary")]
    assert refunds == [[17000]] * len(bookings)
