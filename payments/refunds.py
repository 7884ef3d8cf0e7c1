"""Send back what a booking's payments hold, the newest first: one operation for each, one after the other."""

from typing import Any

from bookings.models import Booking
from payments import ledger
from payments.models import OperationKind, Payment, PaymentOperation, PaymentProvider
from payments.opening import open_next
from payments.owed import owe_decided, promised_day


def send_back(booking: Booking, amount: int, *, transition: str, details: dict[str, Any]) -> PaymentOperation | None:
    """Return the first operation that returns an amount (minor units) of a locked booking; None where none is needed.

    How much each payment gives is frozen with it. What was taken by hand, or is held by the guest's bank until it has
    decided a dispute, or was promised by hand, is owed: at once where that is all, else in its turn.
    """
    parts = ledger.split(ledger.resting(booking), amount)
    by_hand = promised_day(details) is not None
    first = next((part for part in parts if not (by_hand or is_owed_by_hand(part[0]))), None)
    if first is None:
        for payment, part in parts:
            payment.booking = booking
            owe_decided(payment, part, details)
        return None
    payment, part = first
    payment.booking = booking
    later = [[each.pk, rest] for each, rest in parts if each.pk != payment.pk]
    said = {**details, "parts": later} if later else details
    return open_next(payment, OperationKind.REFUND, amount=part, transition=transition, details=said)


def is_owed_by_hand(payment: Payment) -> bool:
    """Whether Stripe cannot send anything of a payment back now."""
    return payment.provider == PaymentProvider.MANUAL or ledger.is_locked(payment)
