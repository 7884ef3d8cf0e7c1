"""Bookings brought to a state the way people do it, with the simulated Stripe holding the money."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from unittest import mock

from django.db.models import Q
from django.utils import timezone

from bookings import audit, lifecycle
from bookings.audit import Actor, ActorKind
from bookings.lifecycle import Outcome
from bookings.models import Booking, User
from cancellations import cancel
from payments import checkout, decisions, operations
from payments.models import Payment
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory
from tests.simulator_process import StripeSimulator

NOTICE = Q(kind__startswith="hotel_")
GOOD_CARD, REFUSED_CARD = "4242424242424242", "4000000000000002"


@contextmanager
def by_staff(person: User | None = None) -> Iterator[None]:
    """Act as a member of staff."""
    actor = Actor(ActorKind.STAFF, person.pk if person else None, "192.0.2.1", "Desk", "request-of-staff")
    with audit.acting(actor):
        yield


@contextmanager
def by_guest() -> Iterator[None]:
    """Act as the booking's guest."""
    with audit.acting(Actor(ActorKind.GUEST, None, "198.51.100.7", "Phone", "request-of-guest")):
        yield


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Stop the product's clock at a moment."""
    with mock.patch.object(timezone, "now", return_value=moment):
        yield


def in_instant_hotel(**fields: Any) -> Booking:
    """A draft in a yen hotel that confirms at once."""
    hotel = HotelFactory(booking_mode="instant", currency="JPY", time_zone="Asia/Tokyo")
    room = RoomFactory(room_type=RoomTypeFactory(hotel=hotel, nightly_rate=18000))
    return BookingFactory(room=room, total_amount=36000, **fields)


def submitted(booking: Booking | None = None, **fields: Any) -> Booking:
    """A booking that waits for its payment."""
    return lifecycle.submit(booking or BookingFactory(**fields)).booking


def with_page(booking: Booking | None = None, **fields: Any) -> Payment:
    """The payment of a booking whose payment page is open."""
    with by_guest():
        _, payment = checkout.open_payment_page(submitted(booking, **fields))
    assert payment is not None
    return payment


def pay(simulator: StripeSimulator, payment: Payment, card: str = GOOD_CARD) -> Payment:
    """Pay on the page as the guest does; the desk has not heard of it yet."""
    simulator.control(f"pay/{payment.stripe_checkout_session_id}", card=card)
    return payment


def paid(simulator: StripeSimulator, booking: Booking | None = None, **fields: Any) -> Booking:
    """A booking whose guest has paid: it needs approval, or is confirmed in an instant hotel."""
    payment = pay(simulator, with_page(booking, **fields))
    with audit.acting_as(ActorKind.STRIPE):
        operations.refresh(payment)
    return fresh(payment.booking)


def confirmed(simulator: StripeSimulator, booking: Booking | None = None, **fields: Any) -> Booking:
    """A booking that staff approved, its money captured."""
    waiting = paid(simulator, booking, **fields)
    with by_staff():
        return decisions.approve(waiting).booking


def guest_cancels(booking: Booking) -> Outcome:
    """Cancel as the guest does, at the amount that the page shows."""
    shown = cancel.quote(fresh(booking), at=timezone.now()).signed(booking)
    with by_guest():
        return cancel.cancel_booking(booking, reason="", signed_quote=shown)


def fresh(booking: Booking) -> Booking:
    """The booking as it is stored now."""
    return Booking.objects.select_related("hotel", "room", "room_type").get(pk=booking.pk)


@dataclass(frozen=True)
class AtStripe:
    """What Stripe holds for one booking, in minor units, and how often each thing was done."""

    captured: int = 0
    refunded: int = 0
    captures: int = 0
    voids: int = 0
    refunds: int = 0


def at_stripe(simulator: StripeSimulator, booking: Booking) -> AtStripe:
    """Sum up the simulated Stripe's own records of a booking."""
    rows = [row for row in simulator.look("summary") if row["metadata"].get("booking") == booking.booking_id]
    return AtStripe(
        captured=sum(row["captured"] for row in rows),
        refunded=sum(row["refunded"] for row in rows),
        captures=sum(row["captures"] for row in rows),
        voids=sum(row["voids"] for row in rows),
        refunds=sum(len(row["refunds"]) for row in rows),
    )


def transitions(booking: Booking) -> list[str]:
    """The transitions in a booking's history, the oldest first; other changes are left out."""
    rows = booking.history.order_by("history_id").values_list("transition", flat=True)
    return [row for row in rows if row not in ("", "create")]


def mails(booking: Booking) -> list[str]:
    """The kinds of the mails queued for a booking, the oldest first; what only tells the hotel is in `notices`."""
    return list(booking.messages.exclude(NOTICE).order_by("pk").values_list("kind", flat=True))


def notices(booking: Booking) -> list[str]:
    """What the hotel was told of a booking beside its guest, the oldest first."""
    return list(booking.messages.filter(NOTICE).order_by("pk").values_list("kind", flat=True))
