"""Bring a booking to what Stripe says: the one place where money meets the booking's state.

The caller of an operation, the webhook that overtakes it, the return page and the reconciliation all end here,
with a fresh snapshot. Under the booking's lock it mirrors the payment, closes the open operation if the snapshot
proves its end, runs the transition that the operation completes, and opens the next operation where Stripe has
moved on meanwhile. Settling the same snapshot twice changes nothing.
"""

from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from bookings import audit, lifecycle
from bookings.models import Booking, BookingStatus
from payments import ledger
from payments.gateway import Declined
from payments.mirror import mirror
from payments.models import (
    UNPAID,
    OperationKind,
    OperationStatus,
    Payment,
    PaymentOperation,
    PaymentStatus,
)
from payments.snapshot import Snapshot

K, P, S = OperationKind, PaymentStatus, BookingStatus
STRIPE_REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def settle(payment: Payment, seen: Snapshot, *, refusal: Declined | None = None) -> PaymentOperation | None:
    """Record a snapshot of a payment; return the operation that must be performed next, if any.

    `refusal` is Stripe's no to the open operation, which then either takes another way or fails.
    """
    with transaction.atomic():
        booking = lifecycle.lock(payment.booking)
        payment = Payment.objects.get(pk=payment.pk)
        payment.booking = booking
        mirror(payment, seen)
        operation = open_operation(booking)
        if operation is not None and operation.payment_id == payment.pk:
            operation.booking, operation.payment = booking, payment
            following = close(operation, seen, refusal)
            if following is not None:
                return following
            if operation.is_open:
                return None
        elif operation is not None:
            return None  # money of another attempt: dealt with once the open operation is closed
        return follow(booking, payment)


def open_operation(booking: Booking) -> PaymentOperation | None:
    """Return the booking's one open operation."""
    return booking.operations.select_related("payment").filter(status=OperationStatus.PENDING).first()


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
    with audit.change(transition or kind, said.get("reason", "")):
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


def first_key(booking: Booking, kind: str, number: int, transition: str) -> str:
    """Return an operation's first idempotency key. A guest's first refund has a fixed one."""
    guests_own = f"guest_cancel_refund:{booking.booking_id}"
    by_guest = audit.current_actor().kind == audit.ActorKind.GUEST
    is_first = not booking.operations.filter(idempotency_key=guests_own).exists()
    if kind == K.REFUND and transition == "cancel" and by_guest and is_first:
        return guests_own
    return f"{kind}:{booking.booking_id}:{number}"


def close(operation: PaymentOperation, seen: Snapshot, refusal: Declined | None) -> PaymentOperation | None:
    """Close an operation whose end the snapshot proves; return the one that takes its place, if any."""
    if is_done(operation, seen):
        finish(operation)
        complete(operation)
        return None
    if not (refusal or is_impossible(operation, seen)):
        return None
    fail(operation, refusal)
    if operation.transition in ("cancel", "decline"):
        return another_way(operation)
    return None


def is_done(operation: PaymentOperation, seen: Snapshot) -> bool:
    """Whether Stripe shows what the operation asked for. The payment is mirrored already."""
    if operation.kind == K.CREATE_SESSION:
        return operation.payment.stripe_checkout_session_id is not None
    if operation.kind == K.REFUND:
        return hasattr(operation, "refund")
    if operation.kind == K.EXPIRE_SESSION:
        return seen.session_status == "expired"
    return seen.intent_status == {K.CAPTURE: "succeeded", K.VOID: "canceled"}[OperationKind(operation.kind)]


def is_impossible(operation: PaymentOperation, seen: Snapshot) -> bool:
    """Whether Stripe has gone where the operation can never succeed."""
    if operation.kind == K.EXPIRE_SESSION:
        return seen.session_status == "complete"
    contrary = {K.CAPTURE: "canceled", K.VOID: "succeeded"}.get(OperationKind(operation.kind))
    return contrary is not None and seen.intent_status == contrary


def finish(operation: PaymentOperation) -> None:
    """Note Stripe's yes."""
    operation.status, operation.settled_at = OperationStatus.SUCCEEDED, timezone.now()
    operation.error_code = operation.error_message = ""
    save(operation)


def fail(operation: PaymentOperation, refusal: Declined | None) -> None:
    """Note Stripe's no, in our words."""
    operation.status, operation.settled_at = OperationStatus.FAILED, timezone.now()
    operation.error_code = refusal.code if refusal else "overtaken"
    operation.error_message = why_failed(operation, refusal)
    save(operation)


def why_failed(operation: PaymentOperation, refusal: Declined | None) -> str:
    """Return in a receptionist's words why an operation came to nothing."""
    if operation.kind == K.CAPTURE and operation.payment.status in (P.VOIDED, P.EXPIRED):
        return "The guest's money is no longer held: the authorization was released or has run out."
    if operation.kind == K.EXPIRE_SESSION and operation.payment.status not in UNPAID:
        return "The guest has paid in the meantime."
    return refusal.message if refusal else "The payment has changed at Stripe in the meantime."


def save(operation: PaymentOperation) -> None:
    """Save an operation with a history row that names what it was for."""
    with audit.change(operation.transition or operation.kind, operation.details.get("reason", "")):
        operation.save()


def complete(operation: PaymentOperation) -> None:
    """Run the transition that the operation was opened for, in the name of whoever decided it."""
    with audit.acting(audit.Actor(**operation.details["actor"])):
        details, booking = operation.details, operation.booking
        reason = details.get("reason", "")
        match operation.transition:
            case "approve":
                lifecycle.record_approved(booking, paid_at=timezone.now(), reason=reason)
            case "decline":
                lifecycle.record_declined(booking, reason=reason)
            case "cancel":
                complete_cancel(operation)
            case "refund":
                refund = operation.refund
                lifecycle.record_refunded(
                    booking, amount=refund.amount, reference=refund.stripe_refund_id or "", reason=reason
                )
            case "expire":
                lifecycle.record_expired(booking, reason=reason)


def complete_cancel(operation: PaymentOperation) -> None:
    """End the stay with the fee and refund that were frozen when it was decided."""
    refund = getattr(operation, "refund", None)
    lifecycle.record_cancelled(
        operation.booking,
        reason=operation.details["reason"],
        fee=operation.details["fee"],
        refund=operation.details["refund"],
        refund_reference=refund.stripe_refund_id or "" if refund else "",
    )


def another_way(operation: PaymentOperation) -> PaymentOperation | None:
    """Go on with a cancel or decline that found Stripe changed, with the fee frozen when it was decided."""
    payment = operation.payment
    if payment.status == P.AUTHORIZED and operation.kind != K.VOID:
        return replace(operation, K.VOID, payment.amount_authorized)
    if payment.status in UNPAID and operation.kind == K.VOID:
        return replace(operation, K.EXPIRE_SESSION, 0)
    if payment.is_captured:
        amount = max(0, ledger.left_of(payment) - operation.details.get("fee", 0))
        if amount == 0:
            complete(operation)
            return None
        if operation.kind != K.REFUND or amount < operation.amount:
            return replace(operation, K.REFUND, amount)
        return None
    if payment.status in (P.VOIDED, P.EXPIRED):
        complete(operation)
    return None


def replace(operation: PaymentOperation, kind: str, amount: int) -> PaymentOperation:
    """Open the operation that completes the same decision in another way."""
    details = {**operation.details}
    if kind == K.REFUND and operation.kind != K.REFUND:
        details["refund"] = amount
    with audit.acting(audit.Actor(**operation.details["actor"])):
        return open_next(operation.payment, kind, amount=amount, transition=operation.transition, details=details)


def follow(booking: Booking, payment: Payment) -> PaymentOperation | None:
    """Let the booking follow its payment when no operation is open; send back money that nobody waits for."""
    if payment.status == P.AUTHORIZED:
        return follow_authorized(booking, payment)
    if payment.is_captured:
        return follow_captured(booking, payment)
    if payment.status == P.PROCESSING and booking.status not in (S.DRAFT, S.PENDING_PAYMENT):
        return open_next(payment, K.EXPIRE_SESSION, details={"reason": "The booking no longer waits for money."})
    rests_on_it = payment.stripe_payment_intent_id and booking.payment_reference == payment.stripe_payment_intent_id
    if payment.status == P.EXPIRED and booking.status == S.PENDING_APPROVAL and rests_on_it:
        lifecycle.record_expired(booking, reason="The authorization ran out before it was approved.")
    return None


def follow_authorized(booking: Booking, payment: Payment) -> PaymentOperation | None:
    """Held money: ask staff to decide, or release what the booking does not wait for."""
    if is_awaited(booking, payment):
        lifecycle.record_authorized(booking, at=timezone.now(), reference=payment.stripe_payment_intent_id or "")
        return None
    if booking.status == S.PENDING_APPROVAL and is_rest(booking, payment):
        return None
    mark_unwanted(payment)
    return open_next(
        payment, K.VOID, amount=payment.amount_authorized, details={"reason": "Nobody waits for this money."}
    )


def follow_captured(booking: Booking, payment: Payment) -> PaymentOperation | None:
    """Captured money: confirm the stay, or send back what the booking does not wait for."""
    awaited = is_awaited(booking, payment) or (booking.status == S.PENDING_APPROVAL and is_rest(booking, payment))
    if awaited and payment.unwanted_since is None:
        lifecycle.record_confirmed(booking, at=timezone.now(), reference=payment.stripe_payment_intent_id or "")
        return None
    if is_rest(booking, payment) and payment.unwanted_since is None:
        return None
    mark_unwanted(payment)
    left = ledger.left_of(payment)
    if left == 0:
        return None
    details = {"reason": "Nobody waits for this money.", "stripe_reason": "duplicate"}
    return open_next(payment, K.REFUND, amount=left, details=details)


def is_awaited(booking: Booking, payment: Payment) -> bool:
    """Whether the booking waits for exactly this money: amount in minor units and currency as asked."""
    asked = payment.amount == booking.total_amount and payment.currency == booking.currency
    given = payment.amount_captured or payment.amount_authorized
    return booking.status == S.PENDING_PAYMENT and lifecycle.is_live(booking) and asked and given == payment.amount


def is_rest(booking: Booking, payment: Payment) -> bool:
    """Whether the booking already rests on this payment."""
    return booking.payment_reference in (payment.stripe_payment_intent_id, f"manual:{payment.pk}")


def mark_unwanted(payment: Payment) -> None:
    """Remember, even across a crash, that this money has to go back."""
    if payment.unwanted_since is None:
        payment.unwanted_since = timezone.now()
        with audit.change("unwanted", "Money arrived that the booking does not wait for."):
            payment.save()
