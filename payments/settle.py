"""Bring a booking to what Stripe says: the one place where money meets the booking's state.

The caller of an operation, the webhook that overtakes it, the return page and the reconciliation all end here,
with a fresh snapshot. Under the booking's lock it mirrors the payment, closes the open operation if the snapshot
proves its end, runs the transition that the operation completes, and opens the next operation where Stripe has
moved on meanwhile. Settling the same snapshot twice changes nothing.
"""

from collections.abc import Iterable
from typing import Any, Final

from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext_noop

from bookings import audit, availability, lifecycle, realtime
from bookings.models import BookingStatus
from bookings.prepared import Prepared
from payments import fallback, four_eyes, ledger
from payments.completing import complete, note_part
from payments.follow import follow
from payments.gateway import Declined
from payments.mirror import mirror
from payments.models import (
    UNPAID,
    OperationKind,
    OperationStatus,
    Payment,
    PaymentOperation,
    PaymentPurpose,
    PaymentStatus,
)
from payments.opening import open_next, open_operation, why
from payments.owed import mend, owe_decided, promised_day
from payments.snapshot import Snapshot
from payments.stripe_log import request_id_of

K, P, S = OperationKind, PaymentStatus, BookingStatus
# What is gone on with in another way where Stripe has changed: the decision to end the stay stands.
DONE = OperationStatus.SUCCEEDED
ENDING = ("cancel", "decline", "mark_no_show")
STRIPE_REASONS = ("duplicate", "fraudulent", "requested_by_customer")
# Stripe's word for a refund of what a bank has taken (docs.stripe.com/error-codes#charge-disputed).
DISPUTED = "charge_disputed"
# The gateway's word for a key that Stripe knows from another request, as after restoring a backup.
KEY_TAKEN = "idempotency"
BY_KEY: Final = Prepared(lambda key: Payment.objects.order_by().filter(pk=key))


def settle(
    payment: Payment, seen: Snapshot, *, asked: PaymentOperation | None = None, refusal: Declined | None = None
) -> PaymentOperation | None:
    """Record a snapshot of a payment; return the operation that must be performed next, if any.

    `refusal` is Stripe's no to the operation `asked`, which then either takes another way or fails. Where it is
    closed here, `asked` and its booking say what they came to.
    """
    with transaction.atomic():
        booking = lifecycle.lock(payment.booking)
        payment = BY_KEY.get(payment.pk)
        payment.booking = booking
        waiting = open_operation(booking)
        moved, status = mirror(payment, seen, waiting=waiting), booking.status
        mend(payment)
        if payment.is_captured:
            prefetch_related_objects([booking], "refund_requests")  # none begins to wait under this lock
            four_eyes.withdraw_outdated(booking)
        following = go_by(payment, seen, waiting, asked=asked, refusal=refusal)
        # A transition has told the open pages by itself.
        if moved and booking.status == status:
            realtime.note(booking)
    if asked is not None and waiting is not None and asked.pk == waiting.pk:
        tell(asked, waiting)
    return following


def tell(asked: PaymentOperation, settled: PaymentOperation) -> None:
    """Say on the operation in hand what its row was settled to, once that is committed."""
    asked.booking, asked.status, asked.settled_at = settled.booking, settled.status, settled.settled_at
    asked.error_code, asked.error_message = settled.error_code, settled.error_message


def go_by(
    payment: Payment,
    seen: Snapshot,
    operation: PaymentOperation | None,
    *,
    asked: PaymentOperation | None,
    refusal: Declined | None,
) -> PaymentOperation | None:
    """Close the open operation where the payment's new state proves its end, and let the booking follow."""
    booking = payment.booking
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


def close(operation: PaymentOperation, seen: Snapshot, refusal: Declined | None) -> PaymentOperation | None:
    """Close an operation whose end the snapshot proves; return the one that takes its place, if any."""
    if is_done(operation, seen):
        finish(operation)
        return go_on(operation)
    if not (refusal or is_impossible(operation, seen)):
        return None
    if operation.kind == K.CREATE_SESSION and refusal is not None:
        return close_page(operation, refusal)
    fail(operation, refusal)
    if operation.transition == "reschedule":
        return move_anyway(operation)
    following = another_way(operation) if operation.transition in ENDING else None
    if following is None and not is_ended(operation):
        note_part(operation)
    return following


def is_ended(operation: PaymentOperation) -> bool:
    """Whether the stay was ended, as was decided, although Stripe refused the operation."""
    return operation.transition in ENDING and operation.booking.status != S.CONFIRMED


def close_page(operation: PaymentOperation, refusal: Declined) -> PaymentOperation | None:
    """Note why there is no payment page. Where only the currency was refused, ask for one in the fallback."""
    if operation.payment.purpose == PaymentPurpose.DIFFERENCE:
        fail(operation, refusal)  # the rest of a price is asked for in the currency of its first part
        return None
    try:
        rate = fallback.rate_after(operation, refusal)
    except Declined as why_none:
        fail(operation, why_none)
        return None
    fail(operation, refusal)
    return fallback.open_page(operation, rate)


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
    if operation.kind == K.REFUND:
        # Stripe has another refund under this key, of a day that our records lost. A new key would be a second one.
        return operation.error_code == KEY_TAKEN
    return operation.kind == K.VOID and seen.intent_status == "succeeded"


def finish(operation: PaymentOperation) -> None:
    """Note Stripe's yes."""
    operation.status, operation.settled_at = OperationStatus.SUCCEEDED, timezone.now()
    operation.error_code = operation.error_message = ""
    save(operation)


def fail(operation: PaymentOperation, refusal: Declined | None) -> None:
    """Note Stripe's no, in our words."""
    operation.status, operation.settled_at = OperationStatus.FAILED, timezone.now()
    operation.error_message = why_failed(operation, refusal)
    operation.error_code = refusal.code if refusal else "overtaken"
    save(operation)
    realtime.note(operation.booking)


def why_failed(operation: PaymentOperation, refusal: Declined | None) -> str:
    """Return in a receptionist's words why an operation came to nothing."""
    if operation.kind == K.CAPTURE and operation.payment.status in (P.VOIDED, P.EXPIRED):
        return gettext_noop("The guest's money is no longer held: the authorization was released or has run out.")
    if operation.kind == K.EXPIRE_SESSION and operation.payment.status not in UNPAID:
        return gettext_noop("The guest has paid in the meantime.")
    if operation.kind == K.REFUND and operation.error_code == KEY_TAKEN:
        return gettext_noop(
            "Stripe knows this refund as another one that our records do not have, as after restoring a backup. "
            "Nothing was sent. Look at what has gone back by now, and decide again."
        )
    return refusal.message if refusal else gettext_noop("The payment has changed at Stripe in the meantime.")


def save(operation: PaymentOperation) -> None:
    """Save an operation with a history row that names what it was for."""
    operation.stripe_request_id = request_id_of(operation.idempotency_key) or operation.stripe_request_id
    with audit.change(operation.transition or operation.kind, why(operation.details)):
        operation.save()


def another_way(operation: PaymentOperation) -> PaymentOperation | None:
    """Go on with a cancel or decline that found Stripe changed, with the fee frozen when it was decided."""
    payment = operation.payment
    if payment.status == P.AUTHORIZED and operation.kind != K.VOID:
        return replace(operation, K.VOID, payment.amount_authorized)
    if payment.status in UNPAID and operation.kind == K.VOID:
        return replace(operation, K.EXPIRE_SESSION, 0)
    if payment.is_captured:
        return return_rest(operation)
    if payment.status in (P.VOIDED, P.EXPIRED) or is_page_over(payment):
        complete(operation)
    return None


def return_rest(operation: PaymentOperation) -> PaymentOperation | None:
    """Go on with a cancel or decline of captured money: send back, or owe, what the frozen fee leaves."""
    amount = rest_of(operation, operation.payment, operation.details.get("parts", ()))
    if amount == 0:
        return go_on(operation)
    if operation.error_code == DISPUTED:
        return owe_instead(operation, min(amount, operation.amount))
    if promised_day(operation.details):
        # The guest has paid while cancelling what a hotel returns that sends nothing by itself.
        operation.details = {**operation.details, "refund": amount}
        return owe_instead(operation, amount)
    if operation.kind != K.REFUND or amount < operation.amount:
        return replace(operation, K.REFUND, amount)
    return None


def rest_of(operation: PaymentOperation, payment: Payment, parts: Iterable[tuple[int, int]]) -> int:
    """Return what a payment has to give back: all that is left but the fee and what others (`parts`) give later."""
    others = sum(ledger.left_of(each) for each in ledger.resting(operation.booking) if each.pk != payment.pk)
    later = sum(amount for _, amount in parts)
    rest = ledger.left_of(payment) + others - operation.details.get("fee", 0) - later
    return min(ledger.left_of(payment), max(0, rest))


def go_on(operation: PaymentOperation) -> PaymentOperation | None:
    """Send back what the next of several payments has to give; after the last, complete what all of it was for.

    What a bank has taken in the meantime is owed instead.
    """
    parts = list(operation.details.get("parts", ()))
    done = operation.details.get("done", 0) + (operation.amount if operation.status == DONE else 0)
    while parts:
        key, amount = parts.pop(0)
        payment = Payment.objects.get(pk=key)
        payment.booking = operation.booking
        most = rest_of(operation, payment, parts) if operation.transition in ENDING else ledger.left_of(payment)
        amount = min(amount, most)
        if amount and ledger.is_locked(payment):
            owe_part(operation, payment, amount)
        elif amount:
            details = {**operation.details, "parts": parts, "done": done}
            return open_for(operation, payment, K.REFUND, amount, details)
    complete(operation)
    return None


def owe_instead(operation: PaymentOperation, amount: int) -> PaymentOperation | None:
    """Go on with a cancel whose refund a bank holds up: what goes back, in minor units, waits for its decision."""
    if amount > 0:
        owe_part(operation, operation.payment, amount)
    return go_on(operation)


def owe_part(operation: PaymentOperation, payment: Payment, amount: int) -> None:
    """Owe what a payment cannot give back now, in minor units, in the name of whoever decided it."""
    with audit.acting(audit.Actor(**operation.details["actor"])):
        owe_decided(payment, amount, operation.details)


def move_anyway(operation: PaymentOperation) -> PaymentOperation | None:
    """Go on with a move whose refund Stripe refused: owe what a bank holds, or send back what is still left.

    Anything else leaves the booking where it was, and the nights that were kept for it are sold again.
    """
    left = min(operation.amount, ledger.left_of(operation.payment))
    # Once a part has gone back for the move, there is no way back: what Stripe refuses now is owed.
    if operation.kind == K.REFUND and (operation.error_code == DISPUTED or operation.details.get("done")):
        return owe_instead(operation, left)
    if operation.kind == K.REFUND and left == 0:
        return go_on(operation)
    if operation.kind == K.REFUND and left < operation.amount:
        return replace(operation, K.REFUND, left)
    availability.release(operation.booking)
    return None


def is_on_its_way(payment: Payment) -> bool:
    """Whether the guest has done their part by a slow method, and their bank has not said no."""
    return payment.status == P.PROCESSING and is_page_over(payment)


def is_page_over(payment: Payment) -> bool:
    """Whether nobody can pay on the page any more, nor close it. Late money is sent back."""
    return payment.status in UNPAID and bool(payment.stripe_checkout_session_id) and not payment.session_url


def replace(operation: PaymentOperation, kind: str, amount: int) -> PaymentOperation:
    """Open the operation that completes the same decision in another way."""
    details = {**operation.details}
    if kind == K.REFUND and operation.kind != K.REFUND:
        details["refund"] = amount
    return open_for(operation, operation.payment, kind, amount, details)


def open_for(
    operation: PaymentOperation, payment: Payment, kind: str, amount: int, details: dict[str, Any]
) -> PaymentOperation:
    """Open an operation that goes on with the decision of another one, in the name of whoever took it."""
    with audit.acting(audit.Actor(**operation.details["actor"])):
        return open_next(payment, kind, amount=amount, transition=operation.transition, details=details)
