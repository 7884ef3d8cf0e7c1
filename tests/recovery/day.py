"""The day that a restored backup has lost: bookings as they were in the evening, and what was done with them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bookings.models import Booking
from payments import checkout, decisions
from tests.factories import days_ahead
from tests.payments.books import by_a_person
from tests.simulator_process import StripeSimulator
from tests.stays import (
    by_guest,
    by_staff,
    confirmed,
    fresh,
    guest_cancels,
    paid,
    pay,
    with_page,
)

CAPTURES: Final = {"method": "POST", "path_regex": "/capture$"}


@dataclass(frozen=True)
class Scene:
    """One booking: how it stood at the backup, what happened then, and where it stands after the recovery."""

    evening: Callable[[StripeSimulator], Booking]
    day: Callable[[StripeSimulator, Booking], object]
    status: str
    # Captured and refunded at Stripe in the end, in minor units; captures, voids and refunds made there, ever.
    money: tuple[int, int] = (0, 0)
    deeds: tuple[int, int, int] = (0, 0, 0)


def approve(_simulator: StripeSimulator, booking: Booking) -> None:
    with by_staff():
        decisions.approve(fresh(booking))


def decline(_simulator: StripeSimulator, booking: Booking) -> None:
    with by_staff():
        decisions.decline(fresh(booking), reason="We are full")


def refund(_simulator: StripeSimulator, booking: Booking) -> None:
    with by_staff():
        decisions.refund(fresh(booking), amount=5000, note="The heating broke")


def cancel(_simulator: StripeSimulator, booking: Booking) -> None:
    guest_cancels(booking)


def pays(simulator: StripeSimulator, booking: Booking) -> None:
    pay(simulator, booking.payments.get())


def begins_to_pay(simulator: StripeSimulator, booking: Booking) -> None:
    with by_guest():
        _, payment = checkout.open_payment_page(fresh(booking))
    pay(simulator, payment)


def refund_in_dashboard(simulator: StripeSimulator, booking: Booking) -> None:
    by_a_person(simulator, booking, "refund", amount=2000)


def nothing(_simulator: StripeSimulator, _booking: Booking) -> None:
    """Nobody touched it."""


def refunded_once(simulator: StripeSimulator) -> Booking:
    booking = confirmed(simulator)
    refund(simulator, booking)
    return booking


def on_its_page(_simulator: StripeSimulator) -> Booking:
    return with_page().booking


def half_approved(simulator: StripeSimulator) -> Booking:
    """Stripe has captured, and nobody here knows yet."""
    booking = paid(simulator)
    simulator.control("faults", match=CAPTURES, kind="drop_after", times=3)
    approve(simulator, booking)
    assert booking.operations.filter(status="pending").count() == 1
    return booking


def soon(simulator: StripeSimulator) -> Booking:
    """A stay so near that half of its price is kept when it is cancelled."""
    return confirmed(simulator, check_in=days_ahead(10))


SCENES: Final = {
    "kept": Scene(confirmed, nothing, "CONFIRMED", (34000, 0), (1, 0, 0)),
    "approved": Scene(paid, approve, "CONFIRMED", (34000, 0), (1, 0, 0)),
    "half approved": Scene(half_approved, nothing, "CONFIRMED", (34000, 0), (1, 0, 0)),
    "declined": Scene(paid, decline, "PENDING_APPROVAL", (0, 0), (0, 1, 0)),
    "paid": Scene(on_its_page, pays, "PENDING_APPROVAL"),
    "cancelled": Scene(confirmed, cancel, "CONFIRMED", (34000, 34000), (1, 0, 1)),
    "cancelled for a fee": Scene(soon, cancel, "CONFIRMED", (34000, 17000), (1, 0, 1)),
    "refunded": Scene(confirmed, refund, "CONFIRMED", (34000, 5000), (1, 0, 1)),
    "refunded again": Scene(refunded_once, refund, "CONFIRMED", (34000, 10000), (1, 0, 2)),
    "refunded at Stripe": Scene(confirmed, refund_in_dashboard, "CONFIRMED", (34000, 2000), (1, 0, 1)),
}
