"""Run the transition that an operation was opened for, once Stripe has said yes.

The booking is locked by the caller.
"""

from collections.abc import Callable, Mapping
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext_noop

from bookings import audit, emails, lifecycle
from bookings.stay import Moved, Stay
from payments import ledger
from payments.models import OperationKind, OperationStatus, PaymentOperation, Refund, RefundStatus
from payments.opening import why
from payments.owed import UNDONE, close_owed

SENT: Final = gettext_noop("Sent through Stripe as %(reference)s.")


def complete(operation: PaymentOperation) -> None:
    """Run the transition that the operation was opened for, in the name of whoever decided it."""
    run = COMPLETIONS.get(operation.transition)
    if run is not None:
        with audit.acting(audit.Actor(**operation.details["actor"])):
            run(operation)


def complete_approve(operation: PaymentOperation) -> None:
    """Agree to the stay: its money is captured."""
    reason = operation.details.get("reason", "")
    lifecycle.record_approved(operation.booking, paid_at=timezone.now(), reason=reason)


def complete_decline(operation: PaymentOperation) -> None:
    """Refuse the stay: nothing is held any more."""
    lifecycle.record_declined(operation.booking, reason=operation.details.get("reason", ""))


def complete_expire(operation: PaymentOperation) -> None:
    """Give the room back: nobody can pay for it any more."""
    lifecycle.record_expired(operation.booking, reason=operation.details.get("reason", ""))


def complete_reopen(operation: PaymentOperation) -> None:
    """Ask the guest for the money again: the old page is closed."""
    lifecycle.record_reopened(operation.booking, reason=operation.details.get("reason", ""))


def complete_undo(operation: PaymentOperation) -> None:
    """Bring the booking back to the stay before the change: nobody can pay for the other one any more."""
    kept = ledger.unpaid_change(operation.booking)
    if kept is not None:
        lifecycle.record_move_undone(operation.booking, kept, reason=why(operation.details))


def complete_refund(operation: PaymentOperation) -> None:
    """Note a refund that staff made; what was owed by hand has gone this way now."""
    refund, details = operation.refund, operation.details
    reference = refund.stripe_refund_id or ""
    lifecycle.record_refunded(operation.booking, reference=reference, reason=why(details))
    for waiting in Refund.objects.filter(pk=details.get("owed", 0), status=RefundStatus.PENDING):
        close_owed(waiting, note=SENT % {"reference": reference})
    # A refund that failed at once has its own, honest mail.
    if refund.status not in UNDONE:
        amount = details.get("done", 0) + refund.amount
        emails.refund_sent(operation.booking, amount=amount, currency=refund.currency)


def note_part(operation: PaymentOperation) -> None:
    """Note what went back of a refund, in its earlier parts, whose last one Stripe refused."""
    booking, done = operation.booking, operation.details.get("done", 0)
    if not done:
        return
    earlier = booking.operations.filter(kind=OperationKind.REFUND, status=OperationStatus.SUCCEEDED).latest("pk")
    with audit.acting(audit.Actor(**operation.details["actor"])):
        lifecycle.record_refunded(booking, reference=refund_reference(earlier), reason=why(operation.details))
        if earlier.refund.status not in UNDONE:
            emails.refund_sent(booking, amount=done, currency=operation.currency)


def complete_reschedule(operation: PaymentOperation) -> None:
    """Move the booking to the stay that was kept for it; a hold that was given back is asked for again."""
    booking, details = operation.booking, operation.details
    if reference := refund_reference(operation):
        booking.record_refund(at=timezone.now(), reference=reference)
    lifecycle.record_rescheduled(
        booking,
        Stay.from_json(details["stay"]),
        moved=Moved(**details["moved"]),
        reason=why(details),
        asks_again=operation.kind == OperationKind.VOID,
    )


def complete_no_show(operation: PaymentOperation) -> None:
    """Note that nobody came, with the fee and refund that were frozen when it was decided."""
    lifecycle.record_no_show(
        operation.booking,
        fee=operation.details["fee"],
        refund=operation.details["refund"],
        refund_reference=refund_reference(operation),
        record=why(operation.details),
    )


def refund_reference(operation: PaymentOperation) -> str:
    """Return Stripe's id of the refund that an operation made, if it made one."""
    refund = getattr(operation, "refund", None)
    return refund.stripe_refund_id or "" if refund else ""


def complete_cancel(operation: PaymentOperation) -> None:
    """End the stay with the fee and refund that were frozen when it was decided."""
    if operation.payment.is_captured:
        # The guest may have paid while cancelling, so that the booking never learned in which currency.
        operation.booking.note_currency(operation.payment.currency)
    lifecycle.record_cancelled(
        operation.booking,
        reason=operation.details["reason"],
        fee=operation.details["fee"],
        refund=operation.details["refund"],
        refund_reference=refund_reference(operation),
        record=why(operation.details),
    )


COMPLETIONS: Final[Mapping[str, Callable[[PaymentOperation], None]]] = {
    "approve": complete_approve,
    "decline": complete_decline,
    "cancel": complete_cancel,
    "mark_no_show": complete_no_show,
    "reschedule": complete_reschedule,
    "undo_reschedule": complete_undo,
    "refund": complete_refund,
    "send_again": complete_refund,
    "expire": complete_expire,
    "reopen": complete_reopen,
}
