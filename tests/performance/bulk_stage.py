"""Five hundred confirmed bookings with real payments at a simulated Stripe, and the two ways to cancel them."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from bookings import bulk
from bookings.admin import bulk_plan
from bookings.models import Booking, BulkRun, FeeChoice, RowState, User
from cancellations import cancel
from payments import pace
from tests import simulator_process
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory, days_ahead
from tests.simulator_process import StripeSimulator
from tests.stays import by_staff, confirmed

REASON = "Hotel closed"


@contextmanager
def stripe(folder: Path) -> Iterator[StripeSimulator]:
    """Run a simulated Stripe that the product talks to as fast as a live key allows."""
    pace.SANDBOX_PER_SECOND = pace.LIVE_PER_SECOND
    with simulator_process.running(folder, api_key=os.environ["STRIPE_SECRET_KEY"]) as simulator:
        settings.STRIPE_API_BASE = simulator.url
        yield simulator


def prepared(simulator: StripeSimulator, number: int) -> list[Booking]:
    """Confirmed and paid bookings of one hotel, ten days ahead: half would be kept."""
    room_type = RoomTypeFactory(hotel=HotelFactory())
    return [
        confirmed(simulator, BookingFactory(room=RoomFactory(room_type=room_type), check_in=days_ahead(10)))
        for _ in range(number)
    ]


def answers_take(simulator: StripeSimulator, seconds: float) -> None:
    """Let every refund take its time."""
    match = {"method": "POST", "path_regex": "^/v1/refunds$"}
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
    lines = bulk_plan.lines_of(rows, "cancel", fee=FeeChoice.POLICY, now=timezone.now())
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
