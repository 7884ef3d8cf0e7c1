"""Disputes that guests' banks bring up, and how they stand in our records."""

from typing import Any

from bookings import audit
from bookings.audit import ActorKind
from bookings.models import Booking
from payments import gateway, operations
from payments.models import Dispute, Refund
from payments.snapshot import Snapshot
from tests.factories import days_ahead
from tests.simulator_process import StripeSimulator
from tests.stays import confirmed

HALF_KEPT = 10  # days before check-in: the 14/7 policy keeps half


def refresh(booking: Booking) -> None:
    """Re-read the booking's payment as a webhook does."""
    with audit.acting_as(ActorKind.STRIPE):
        operations.refresh(booking.payments.get())


def seen_now(booking: Booking) -> Snapshot:
    """What Stripe says about the booking's payment now."""
    payment = booking.payments.get()
    return gateway.read(session_id=payment.stripe_checkout_session_id, intent_id=payment.stripe_payment_intent_id)


def dispute(simulator: StripeSimulator, booking: Booking, **given: Any) -> str:
    """The guest's bank disputes the booking's payment; we have not heard of it yet. Return the dispute's id."""
    intent = booking.payments.get().stripe_payment_intent_id
    return str(simulator.control(f"dashboard/payment_intents/{intent}/dispute", **given)["id"])


def close(simulator: StripeSimulator, name: str, status: str) -> None:
    """The bank decides; we have not heard of it yet."""
    simulator.control(f"dashboard/disputes/{name}/close", status=status)


def disputed(simulator: StripeSimulator, booking: Booking | None = None, **given: Any) -> tuple[Booking, str]:
    """A confirmed booking whose open dispute is known here, and the dispute's id."""
    booking = booking or confirmed(simulator)
    name = dispute(simulator, booking, **given)
    refresh(booking)
    return booking, name


def half_kept(simulator: StripeSimulator) -> Booking:
    """A confirmed booking of 340.00 whose cancellation keeps 170.00."""
    return confirmed(simulator, check_in=days_ahead(HALF_KEPT), check_out=days_ahead(HALF_KEPT + 2))


def rows() -> list[tuple[Any, ...]]:
    """What is stored of each dispute."""
    return list(Dispute.objects.order_by("pk").values_list("status", "amount", "currency", "is_withdrawn"))


def owed() -> list[tuple[Any, ...]]:
    """What is stored of each refund by hand."""
    found = Refund.objects.filter(provider="manual").order_by("pk")
    return list(found.values_list("amount", "status", "reference"))


def steps(row: Any) -> list[str]:
    """The transitions in a row's history, the oldest first."""
    return list(row.history.order_by("history_id").values_list("transition", flat=True))


def flags(booking: Booking) -> tuple[bool, bool, bool]:
    """What the payment says: in dispute, since when, until when."""
    payment = booking.payments.get()
    return payment.is_disputed, bool(payment.disputed_at), bool(payment.dispute_closed_at)
