"""Events that Stripe never raises in a situation, but that are signed well: the product has to bear them, too."""

from typing import Any, Final

from bookings.models import Booking
from payments.models import Payment
from tests.payments.event_table.stage import Json, Stage, newest

NOBODYS: Final = {"session": "cs_test_nobodys", "intent": "pi_3Nobodys", "charge": "ch_3Nobodys"}


def of_own(stage: Stage, kind: str, booking: Booking) -> Json:
    """An event about the booking's own payment, as far as Stripe has one."""
    payment = newest(booking)
    names = {"session": payment.stripe_checkout_session_id, "intent": stage.intent_of(payment) or "pi_3None"}
    return event(kind, {**names, "charge": payment.stripe_charge_id or "ch_3None"}, about(payment))


def of_nobody(kind: str, booking: Booking) -> Json:
    """An event about a payment that the product never asked for, though it names the booking."""
    return event(kind, NOBODYS, {"booking": booking.booking_id, "payment": "999999", "operation": "none"})


def about(payment: Payment) -> dict[str, str]:
    """Return what the product asks Stripe to remember with an attempt to pay."""
    return {"booking": payment.booking.booking_id, "payment": str(payment.pk)}


def event(kind: str, names: dict[str, Any], metadata: dict[str, str]) -> Json:
    """Make an event up."""
    return {
        "id": f"evt_forged_{kind}",
        "object": "event",
        "type": kind,
        "created": 1_790_000_000,
        "livemode": False,
        "request": {"id": None, "idempotency_key": None},
        "data": {"object": thing(kind, names, metadata)},
    }


def thing(kind: str, names: dict[str, Any], metadata: dict[str, str]) -> Json:
    """Make up what an event is about: as little of it as tells which payment it is."""
    if kind.startswith("checkout.session."):
        return {"object": "checkout.session", "id": names["session"], "metadata": metadata, "status": "complete"}
    if kind.startswith("payment_intent."):
        return {"object": "payment_intent", "id": names["intent"], "metadata": metadata, "status": "succeeded"}
    belongs = {"charge": names["charge"], "payment_intent": names["intent"], "amount": 34000, "currency": "eur"}
    if kind.startswith("charge.dispute."):  # the bank knows nothing of our metadata
        return {"object": "dispute", "id": "du_1Forged", "status": "lost", "metadata": {}, **belongs}
    if kind.startswith(("refund.", "charge.refund.")):
        return {"object": "refund", "id": "re_3Forged", "status": "succeeded", "metadata": {}, **belongs}
    return {"object": "charge", "id": names["charge"], "metadata": metadata, "captured": True, **belongs}
