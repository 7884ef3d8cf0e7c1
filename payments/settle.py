"""Bring a booking to what Stripe says: the one place where money meets the booking's state.

The caller of an operation, the webhook that overtakes it, the return page and the reconciliation all end here,
with a fresh snapshot. Under the booking's lock it mirrors the payment, closes the open operation if the snapshot
proves its end, runs the transition that the operation completes, and opens the next operation where Stripe has
moved on meanwhile. Settling the same snapshot twice changes nothing.
"""

from datetime import timedelta
from typing import Any, Final

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
# What Stripe refuses (a dispute, too low a balance, a wrong key) does not change within seconds.
PAUSE: Final = timedelta(hours=1)


def settle(
    payment: Payment, seen: Snapshot, *, asked: PaymentOperation | None = None, refusal: Declined | None = None
) -> PaymentOperation | None:
    """Record a snapshot of a payment; return the operation that must be performed next, if any.

    `refusal` is Stripe's no to the operation `asked`, which then either takes another way or fails.
    """
    with transaction.atomic():
        booking = lifecycle.lock(payment.booking)
        payment = Payment.objects.get(pk=payment.pk)
        payment.booking = booking
        mirror(payment, seen)
        operation = open_operation(booking)
        if operation is not None and operation.payment_id == payment.pk:
            operation.booking, operation.payment = booking, payment
            # Somebody else may have closed what was refused, and opened this one since.
            is_refused = asked is not None and asked.pk == operation.pk
            following = close(operation, seen, refusal if is_refused else None)
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
    guest = audit.ActorKind.GUEST
    if kind == K.REFUND and transition == "cancel" and audit.current_actor().kind == guest:
        # Not asked by the key: whoever was given a new one has used up the fixed one all the same.
        earlier = booking.operations.filter(kind=kind, transition=transition, details__actor__kind=guest)
        if not earlier.exists():
            return f"guest_cancel_refund:{booking.booking_id}"
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
    if operation.kind == K.CAPTURE:
        return seen.intent_status == "succeeded" and seen.captured == operation.amount
    return seen.intent_status == "canceled"


def is_impossible(operation: PaymentOperation, seen: Snapshot) -> bool:
    """Whether Stripe has gone where the operation can never succeed."""
    if operation.kind == K.EXPIRE_SESSION:
        return seen.session_status == "complete"
    if operation.kind == K.CAPTURE:  # or another amount was captured elsewhere
        return seen.intent_status in ("canceled", "succeeded")
    return operation.kind == K.VOID and seen.intent_status == "succeeded"


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
    if payment.status in (P.VOIDED, P.EXPIRED) or is_on_its_way(payment):
        complete(operation)
    return None


def is_on_its_way(payment: Payment) -> bool:
    """Whether the guest has done their part by a slow method. It cannot be stopped; late money is sent back."""
    return payment.status in UNPAID and bool(payment.stripe_checkout_session_id) and not payment.session_url


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
    is_open = payment.status in (P.PROCESSING, P.FAILED) and payment.session_url
    if is_open and booking.status not in (S.DRAFT, S.PENDING_PAYMENT):
        return open_by_itself(payment, K.EXPIRE_SESSION, reason="The booking no longer waits for money.")
    is_its_end = payment.status == P.EXPIRED and ledger.rests_on(booking, payment)
    if is_its_end and booking.status == S.PENDING_APPROVAL:
        lifecycle.record_expired(booking, reason="The authorization ran out before it was approved.")
    return None


def follow_authorized(booking: Booking, payment: Payment) -> PaymentOperation | None:
    """Held money: ask staff to decide, or release what the booking does not wait for."""
    if is_awaited(booking, payment):
        lifecycle.record_authorized(booking, at=timezone.now(), reference=payment.stripe_payment_intent_id or "")
        return None
    if booking.status == S.PENDING_APPROVAL and ledger.rests_on(booking, payment):
        return None
    mark_unwanted(payment)
    return open_by_itself(payment, K.VOID, amount=payment.amount_authorized, reason="Nobody waits for this money.")


def follow_captured(booking: Booking, payment: Payment) -> PaymentOperation | None:
    """Captured money: confirm the stay, or send back what the booking does not wait for."""
    if payment.unwanted_since is None:
        if is_awaited(booking, payment):
            lifecycle.record_confirmed(booking, at=timezone.now(), reference=payment.stripe_payment_intent_id or "")
            return None
        if booking.status != S.PENDING_APPROVAL and ledger.rests_on(booking, payment):
            return None
    left = ledger.left_of(payment)
    if left == 0:
        return None
    mark_unwanted(payment)
    return open_by_itself(
        payment, K.REFUND, amount=left, reason="Nobody waits for this money.", stripe_reason="duplicate"
    )


def open_by_itself(payment: Payment, kind: str, *, amount: int = 0, **details: str) -> PaymentOperation | None:
    """Open an operation that no person asked for, unless it was tried lately or a person has to look at it."""
    last = payment.operations.filter(kind=kind).order_by("-pk").first()
    if last is not None and (last.status != OperationStatus.FAILED or is_recent(last)):
        return None
    return open_next(payment, kind, amount=amount, details=details)


def is_recent(operation: PaymentOperation) -> bool:
    """Whether Stripe refused an operation so lately that it would only do so again."""
    return operation.settled_at is not None and operation.settled_at > timezone.now() - PAUSE


def is_awaited(booking: Booking, payment: Payment) -> bool:
    """Whether the booking waits for exactly this money: amount in minor units and currency as asked."""
    asked = payment.amount == booking.total_amount and payment.currency == booking.currency
    given = payment.amount_captured or payment.amount_authorized
    is_approved_at_stripe = (
        booking.status == S.PENDING_APPROVAL and payment.is_captured and ledger.rests_on(booking, payment)
    )
    waits = booking.status == S.PENDING_PAYMENT or is_approved_at_stripe
    return waits and lifecycle.is_live(booking) and asked and given == payment.amount


def mark_unwanted(payment: Payment) -> None:
    """Remember, even across a crash, that this money has to go back."""
    if payment.unwanted_since is None:
        payment.unwanted_since = timezone.now()
        with audit.change("unwanted", "Money arrived that the booking does not wait for."):
            payment.save()
