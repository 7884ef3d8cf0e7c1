"""What the log says of a change that history records: one table, so that no function has to log what it did.

Each history row is written in the transaction of its change, with its transition and actor. From it comes the log
line, once that transaction is committed: a name that never changes, and numbers and references that name nobody.
docs/operations.md lists all names.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import structlog
from simple_history.signals import post_create_historical_record

from bookings.actor import once_committed

logger = structlog.get_logger(__name__)

type Fields = Mapping[str, Any]
type Tell = Callable[[Any, Any], Iterator[tuple[str, Fields]]]

CREATED: Final = "+"
ERASURE: Final = "anonymise"
CAPTURED: Final = ("SUCCEEDED", "PARTIALLY_REFUNDED", "REFUNDED")
# What somebody should look at; everything else is the course of things.
WARNINGS: Final = (
    "dispute.opened",
    "drift.found",
    "operation.refused",
    "payment.unwanted",
    "refund.failed",
    "refund.owed",
    "webhook.failed",
)

BOOKING: Final = {
    "submit": "booking.submitted",
    "authorize": "booking.authorized",
    "confirm_paid": "booking.confirmed",
    "approve": "booking.approved",
    "decline": "booking.declined",
    "cancel": "booking.cancelled",
    "refund": "booking.refunded",
    "pay_out": "booking.refunded",
    "mark_paid": "booking.paid",
    "expire": "booking.expired",
    "reopen": "booking.reopened",
    "complete": "booking.completed",
    "mark_no_show": "booking.no_show",
    "reschedule": "booking.rescheduled",
    "assign_room": "booking.room_assigned",
    "undo_reschedule": "booking.reschedule_undone",
    "difference_paid": "booking.difference_paid",
    "soft_delete": "booking.deleted",
    "restore": "booking.restored",
    "hard_delete": "booking.removed",
    "anonymise": "booking.anonymised",
    "export_guest": "booking.exported",
    "choose_language": "booking.language_chosen",
}
PAYMENT: Final = {
    "PROCESSING": "payment.session_created",
    "AUTHORIZED": "payment.authorized",
    "SUCCEEDED": "payment.captured",
    "PARTIALLY_REFUNDED": "payment.refunded",
    "REFUNDED": "payment.refunded",
    "FAILED": "payment.failed",
    "VOIDED": "payment.voided",
    "EXPIRED": "payment.expired",
}
REFUND: Final = {
    ("stripe", "succeeded"): "refund.succeeded",
    ("stripe", "failed"): "refund.failed",
    ("stripe", "canceled"): "refund.failed",
    ("manual", "pending"): "refund.owed",
    ("manual", "succeeded"): "refund.paid_out",
    ("manual", "canceled"): "refund.not_owed",
}
OPERATION: Final = {"succeeded": "operation.settled", "failed": "operation.refused"}
DISPUTE: Final = {
    "dispute_opened": "dispute.opened",
    "dispute_updated": "dispute.updated",
    "dispute_closed": "dispute.closed",
}
REQUEST: Final = {
    "pending": "refund_request.asked",
    "approved": "refund_request.approved",
    "rejected": "refund_request.rejected",
    "withdrawn": "refund_request.withdrawn",
}
SIGN_IN: Final = {
    "signed_in": "sign_in.done",
    "password": "sign_in.password",
    "failed": "sign_in.failed",
    "code_failed": "sign_in.code_failed",
    "locked": "sign_in.locked",
    "signed_out": "sign_in.ended",
    "token_created": "access_token.made",
    "token_used": "access_token.used",
    "token_refused": "access_token.refused",
}
WEBHOOK: Final = {
    "processed": "webhook.processed",
    "ignored": "webhook.ignored",
    "received": "webhook.postponed",
    "failed": "webhook.failed",
}


def connect() -> None:
    """Begin to tell; called once, when every model is there."""
    post_create_historical_record.connect(tell, dispatch_uid="site_config.logbook")


def tell(instance: Any, history_instance: Any, **_: Any) -> None:
    """Write the lines of one history row when its transaction is committed."""
    if history_instance.transition == ERASURE and instance._meta.label != "bookings.Booking":
        return  # nothing happened to the money: only the guest has left its records
    events = TELLS.get(instance._meta.label)
    for event, fields in events(instance, history_instance) if events else ():
        once_committed(logger.warning if event in WARNINGS else logger.info, event, **fields)


def of_booking(booking: Any, row: Any) -> Iterator[tuple[str, Fields]]:
    """A booking's transitions."""
    if row.transition not in BOOKING:
        return
    fields = {"booking": booking.booking_id, "hotel": booking.hotel_id, "status": str(booking.status)}
    if row.transition == "cancel":
        fields |= {"fee": booking.cancellation_fee, "refund_amount": booking.refund_amount}
    yield BOOKING[row.transition], fields


def of_payment(payment: Any, row: Any) -> Iterator[tuple[str, Fields]]:
    """A payment's states. One look at Stripe may show several at once: money that was taken and has gone back."""
    before = None if row.history_type == CREATED else status_before(row)
    fields = {
        "booking": payment.booking.booking_id,
        "payment": payment.pk,
        "payment_intent": payment.stripe_payment_intent_id,
        "amount": payment.amount,
        "authorized": payment.amount_authorized,
        "captured": payment.amount_captured,
        "refunded": payment.amount_refunded,
        "currency": payment.currency,
    }
    if row.transition == "unwanted":
        yield "payment.unwanted", fields
    if row.transition == "fall_back":
        yield "currency.fallback", {**fields, **rate_of(payment)}
    if payment.status in CAPTURED and before not in CAPTURED:
        yield "payment.captured", fields
    moved = payment.status != before or row.transition == "fail"
    if moved and payment.status in PAYMENT and payment.status != "SUCCEEDED":
        yield PAYMENT[payment.status], fields


def rate_of(payment: Any) -> Fields:
    """What was asked for, and at which rate it became what is charged."""
    return {
        "price": payment.price,
        "price_currency": payment.booking.currency,
        "rate": str(payment.exchange_rate),
        "rate_at": payment.rate_at.isoformat() if payment.rate_at else None,
    }


def of_refund(refund: Any, row: Any) -> Iterator[tuple[str, Fields]]:
    """A refund's states, at Stripe or by hand. Stripe pays later than it accepts."""
    before = None if row.history_type == CREATED else status_before(row)
    fields = {
        "booking": refund.payment.booking.booking_id,
        "payment": refund.payment_id,
        "refund": refund.pk,
        "stripe_refund": refund.stripe_refund_id,
        "operation_id": refund.operation_id,
        "amount": refund.amount,
        "currency": refund.currency,
        "failure": refund.failure_reason,
    }
    if before is None and refund.provider == "stripe":
        yield "refund.created", fields
    event = REFUND.get((refund.provider, refund.status))
    if event and refund.status != before:
        yield event, fields


def of_operation(operation: Any, row: Any) -> Iterator[tuple[str, Fields]]:
    """An operation's beginning and end."""
    fields = {
        "booking": operation.booking.booking_id,
        "payment": operation.payment_id,
        "operation": operation.idempotency_key,
        "operation_id": operation.pk,
        "kind": str(operation.kind),
        "transition": operation.transition,
        "amount": operation.amount,
        "currency": operation.currency,
        "stripe_request_id": operation.stripe_request_id,
    }
    if row.history_type == CREATED:
        yield "operation.opened", fields
    elif operation.status in OPERATION:
        yield OPERATION[operation.status], {**fields, "code": operation.error_code}
        if (operation.kind, operation.transition, operation.status) == ("refund", "cancel", "succeeded"):
            yield "cancellation.refunded", fields


def of_dispute(dispute: Any, row: Any) -> Iterator[tuple[str, Fields]]:
    """A dispute's news."""
    if row.transition in DISPUTE:
        yield (
            DISPUTE[row.transition],
            {
                "booking": dispute.payment.booking.booking_id,
                "payment": dispute.payment_id,
                "dispute": dispute.stripe_dispute_id,
                "status": dispute.status,
                "amount": dispute.amount,
                "currency": dispute.currency,
            },
        )


def of_request(request: Any, row: Any) -> Iterator[tuple[str, Fields]]:
    """A refund that needs a second person."""
    yield (
        REQUEST[request.status],
        {
            "booking": request.booking.booking_id,
            "refund_request": request.pk,
            "kind": str(request.kind),
            "amount": request.amount,
            "currency": request.currency,
        },
    )


def of_drift(drift: Any, row: Any) -> Iterator[tuple[str, Fields]]:
    """A difference from Stripe: found, and explained."""
    fields = {"drift": drift.pk, "kind": str(drift.kind), "stripe_id": drift.stripe_id, "payment": drift.payment_id}
    if row.history_type == CREATED:
        yield "drift.found", fields
    elif drift.resolved_at is not None:
        yield "drift.resolved", fields


def of_webhook(event: Any, row: Any) -> Iterator[tuple[str, Fields]]:
    """What became of an event."""
    if row.transition != "process_event":
        return
    fields = {"event_id": event.event_id, "type": event.event_type, "attempts": event.attempts}
    booking = event.booking.booking_id if event.booking else None
    yield WEBHOOK[event.processing_result], {**fields, "booking": booking, "payment": event.payment_id}


def of_link(link: Any, row: Any) -> Iterator[tuple[str, Fields]]:
    """What a guest did with a link. That somebody opened it is told by the page."""
    if row.history_type != CREATED and link.last_action and link.revoked_at is None:
        fields = {"booking": link.booking.booking_id, "link_id": link.pk, "action": link.last_action.lower()}
        yield "link.used", fields


def of_attempt(attempt: Any, row: Any) -> Iterator[tuple[str, Fields]]:
    """What somebody tried and was refused. Its words may be about a guest."""
    fields = {
        "tried": attempt.tried,
        "surface": str(attempt.surface),
        "booking": attempt.reference or None,
        "code": attempt.code,
        "amount": attempt.amount,
        "currency": attempt.currency or None,
    }
    if row.history_type == CREATED:
        yield "attempt.refused", fields


def of_sign_in(sign_in: Any, row: Any) -> Iterator[tuple[str, Fields]]:
    """What happened at the door. Names stay out of the log."""
    if row.history_type == CREATED:
        yield SIGN_IN[sign_in.kind], {"user": sign_in.user_id}


def status_before(row: Any) -> str | None:
    """Return the state that the row before this one recorded: a save may leave it as it was."""
    earlier = type(row).objects.filter(id=row.id, history_id__lt=row.history_id).order_by("-history_id")
    found: str | None = earlier.values_list("status", flat=True).first()
    return found


TELLS: Final[Mapping[str, Tell]] = {
    "bookings.Booking": of_booking,
    "payments.Payment": of_payment,
    "payments.Refund": of_refund,
    "payments.PaymentOperation": of_operation,
    "payments.Dispute": of_dispute,
    "payments.RefundRequest": of_request,
    "payments.Drift": of_drift,
    "payments.StripeWebhookEvent": of_webhook,
    "cancellations.ManagementToken": of_link,
    "bookings.RefusedAttempt": of_attempt,
    "bookings.SignIn": of_sign_in,
}
