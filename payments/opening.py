"""Write down what Stripe will be asked, before it is asked. The booking is locked by the caller."""

from typing import Any, Final

from django.db.models import Max, QuerySet

from bookings import audit
from bookings.models import Booking
from bookings.prepared import Prepared
from payments.models import OperationKind, OperationStatus, Payment, PaymentOperation

K = OperationKind


def open_operation(booking: Booking) -> PaymentOperation | None:
    """Return the booking's one open operation."""
    operation = OPEN.first(booking.pk)
    if operation is not None:
        operation.booking = booking
    return operation


def still_open(booking: int) -> QuerySet[PaymentOperation]:
    """Return the query for a booking's open operation."""
    # Its payment is read where it is needed: nearly always there is none, and each join costs every decision.
    rows = PaymentOperation.objects.select_related("refund").order_by()
    return rows.filter(booking=booking, status=OperationStatus.PENDING)


OPEN: Final = Prepared(still_open)


def open_next(
    payment: Payment,
    kind: str,
    *,
    amount: int = 0,
    transition: str = "",
    details: dict[str, Any] | None = None,
) -> PaymentOperation:
    """Write down what Stripe will be asked, before it is asked. The booking is locked by the caller."""
    booking = payment.booking
    numbers = booking.operations.filter(kind=kind).aggregate(last=Max("attempt_number"))
    number = (numbers["last"] or 0) + 1
    said = {"actor": audit.current_actor().as_json(), **(details or {})}
    with audit.change(transition or kind, why(said)):
        return PaymentOperation.objects.create(
            booking=booking,
            payment=payment,
            kind=kind,
            transition=transition,
            amount=amount,
            currency=payment.currency,
            attempt_number=number,
            idempotency_key=first_key(booking, kind, number, transition),
            details=said,
        )


def why(details: dict[str, Any]) -> str:
    """Return an operation's reason as the history keeps it: also who asked for it and who agreed."""
    reason, agreed = details.get("reason", ""), details.get("agreed", "")
    return f"{reason} ({agreed})" if agreed else str(reason)


def first_key(booking: Booking, kind: str, number: int, transition: str) -> str:
    """Return an operation's first idempotency key. A guest's first refund has a fixed one."""
    guest = audit.ActorKind.GUEST
    if kind == K.REFUND and transition == "cancel" and audit.current_actor().kind == guest:
        # Not asked by the key: whoever was given a new one has used up the fixed one all the same.
        earlier = booking.operations.filter(kind=kind, transition=transition, details__actor__kind=guest)
        if not earlier.exists():
            return f"guest_cancel_refund:{booking.booking_id}"
    return f"{kind}:{booking.booking_id}:{number}"
