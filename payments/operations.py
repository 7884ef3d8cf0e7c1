"""Decide, call, settle: the only way in which money moves at Stripe.

1. Decide, in one transaction: lock the booking, check, freeze the amount, write the operation.
2. Call Stripe outside any transaction, with the operation's stored idempotency key.
3. Settle, in one transaction: see `settle`.

A process may die between any two lines. The operation stays open and `resolve` finishes it: it looks up what
Stripe did before it asks again.
"""

from collections.abc import Callable
from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings import lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking
from bookings.refusals import Refused
from bookings.retold import retold
from bookings.stay import Stay
from payments import gateway, unknown_refunds
from payments.gateway import Declined, OutcomeUnknown
from payments.models import OperationKind, OperationStatus, Payment, PaymentOperation
from payments.money import spoken
from payments.opening import open_operation
from payments.settle import save, settle
from payments.snapshot import Snapshot

logger = structlog.get_logger(__name__)

K = OperationKind
# Stripe may forget a key after 24 hours (docs.stripe.com/api/idempotent_requests).
KEY_LIFETIME = timedelta(hours=23)
TRIES = 3
# The code of a refusal after which something has moved all the same.
PARTLY = "partly_done"
WAITING = gettext_noop("We are waiting for Stripe's answer. It settles by itself, usually within a minute.")

type Decide = Callable[[Booking], "Outcome | PaymentOperation"]


class Busy(Exception):
    """An operation is open, Stripe does not say what became of it, and so nothing new was decided."""

    def __init__(self, operation: PaymentOperation) -> None:
        super().__init__(operation.idempotency_key)
        self.operation = operation


def request(booking: Booking, decide: Decide, *, transition: str) -> Outcome:
    """Run what somebody asked for. Only what was written down is in progress; Refused when nothing was.

    Pressing the same button again while its answer is awaited is in progress, too.
    """
    try:
        return run(booking, decide)
    except Busy as busy:
        if busy.operation.transition != transition:
            raise refuse_busy() from busy
        return Outcome(fresh(busy.operation), Outcome.IN_PROGRESS, _(WAITING))


def refuse_busy() -> Refused:
    """Return the refusal of another step while one waits for Stripe."""
    return Refused(
        _("Stripe's answer to an earlier step is awaited. Nothing was started; please try again in a minute.")
    )


def run(booking: Booking, decide: Decide) -> Outcome:
    """Decide under the booking's lock and carry it out. An operation that is open already is resolved first."""
    tries = 0
    while True:
        with transaction.atomic():
            locked = lifecycle.lock(booking)
            waiting = open_operation(locked)
            decided = decide(locked) if waiting is None else None
        if isinstance(decided, Outcome):
            return decided
        if decided is not None:
            return perform(decided)
        tries += 1
        if waiting is not None and (not resolve(waiting) or tries == TRIES):
            raise Busy(waiting)


def perform(operation: PaymentOperation) -> Outcome:
    """Call Stripe for an operation and settle it, and every one that takes its place; raises Declined.

    What follows may also be of another purpose, as money to send back. It says nothing about what was asked for.
    """
    asked, following = operation, settle_answer(operation)
    if following is None and not operation.is_open:
        return outcome_of(operation)
    while following is not None:
        asked = following if following.transition == operation.transition else asked
        following = settle_answer(following)
    # Somebody else has closed it, or what followed has changed the booking once more.
    return outcome_of(PaymentOperation.objects.select_related("booking__hotel").get(pk=asked.pk))


def settle_answer(operation: PaymentOperation) -> PaymentOperation | None:
    """Call Stripe for one operation and settle what it says; return the operation that follows."""
    try:
        seen, refusal = ask(operation)
    except OutcomeUnknown as unknown:
        note_unknown(operation, unknown)
        return None
    return settle(operation.payment, seen, asked=operation, refusal=refusal)


def ask(operation: PaymentOperation) -> tuple[Snapshot, Declined | None]:
    """Return Stripe's answer; after a no, also what Stripe shows instead. Raises OutcomeUnknown."""
    try:
        return seen_before(operation) or (call(operation), None)
    except Declined as refusal:
        return look_up_after(refusal, operation), refusal


def seen_before(operation: PaymentOperation) -> tuple[Snapshot, Declined | None] | None:
    """Return what Stripe shows where a refund must not be sent: it is made, or another one that nobody knew of.

    One more read for each refund: no key keeps the money of a lost refund from going back twice.
    """
    if operation.kind != K.REFUND:
        return None
    try:
        seen = look_up(operation) or Snapshot()
    except OutcomeUnknown as unknown:
        raise OutcomeUnknown(unknown.cause) from unknown  # the operation's own key was not used yet
    refusal = unknown_refunds.refusal(operation, seen)
    return (seen, refusal) if refusal or unknown_refunds.is_made(operation, seen) else None


def look_up_after(refusal: Declined, operation: PaymentOperation) -> Snapshot:
    """Re-read Stripe after a refusal. When even that is refused, nothing more can be learned."""
    try:
        return look_up(operation) or Snapshot()
    except Declined:
        logger.warning("operation.lookup_failed", operation=operation.idempotency_key, cause=refusal.code)
        return Snapshot()


def outcome_of(operation: PaymentOperation) -> Outcome:
    """Return what an operation came to; raises Declined when Stripe refused it for good."""
    if operation.status == OperationStatus.FAILED and not is_completed_anyway(operation):
        raise refusal_of(operation)
    if operation.is_open:
        return Outcome(operation.booking, Outcome.IN_PROGRESS, _(WAITING))
    return Outcome(operation.booking)


def refusal_of(operation: PaymentOperation) -> Declined:
    """Return Stripe's no; where a part went back before it, that is said with it."""
    done = operation.details.get("done", 0)
    if not done:
        return Declined(operation.error_code, retold(operation.error_message))
    words = _("%(amount)s went back, but Stripe refused the rest: %(why)s")
    said = {"amount": spoken(done, operation.currency), "why": retold(operation.error_message)}
    return Declined(PARTLY, words % said)


def is_completed_anyway(operation: PaymentOperation) -> bool:
    """Whether the stay was ended, or moved, although its operation failed: Stripe had nothing left to do."""
    if operation.transition == "reschedule":
        return Stay.of(fresh(operation)) == Stay.from_json(operation.details["stay"])
    ended = {"cancel": "CANCELLED", "decline": "DECLINED", "mark_no_show": "NO_SHOW"}.get(operation.transition)
    return ended is not None and fresh(operation).status == ended


def fresh(operation: PaymentOperation) -> Booking:
    """Return the operation's booking as it is now."""
    return Booking.objects.select_related("hotel").get(pk=operation.booking_id)


def call(operation: PaymentOperation) -> Snapshot:
    """Ask Stripe for exactly what was decided. Raises Declined or OutcomeUnknown."""
    payment, key = operation.payment, operation.idempotency_key
    session_id, intent_id = payment.stripe_checkout_session_id or "", payment.stripe_payment_intent_id or ""
    match operation.kind:
        case K.CREATE_SESSION:
            return gateway.create_session(request_of(operation), key=key)
        case K.EXPIRE_SESSION:
            return gateway.expire_session(session_id, key=key)
        case K.CAPTURE:
            return gateway.capture(intent_id, amount=operation.amount, operation=operation.reference, key=key)
        case K.VOID:
            return gateway.void(intent_id, key=key)
        case _:
            return gateway.refund(
                intent_id,
                amount=operation.amount,
                reason=operation.details.get("stripe_reason", "requested_by_customer"),
                metadata=metadata(operation),
                key=key,
            )


def request_of(operation: PaymentOperation) -> dict[str, object]:
    """Return a session's frozen request with the operation's own reference in it."""
    request = dict(operation.details["request"])
    intent = {**request["payment_intent_data"], "metadata": metadata(operation)}
    return {**request, "metadata": metadata(operation), "payment_intent_data": intent}


def metadata(operation: PaymentOperation) -> dict[str, str]:
    """Return what Stripe keeps for us, so that its objects can be traced back."""
    return {
        "operation": operation.reference,
        "booking": operation.booking.booking_id,
        "payment": str(operation.payment_id),
    }


def look_up(operation: PaymentOperation) -> Snapshot | None:
    """Return what Stripe shows for an operation's payment; None if it made no session. Raises OutcomeUnknown."""
    payment = operation.payment
    if payment.stripe_checkout_session_id or payment.stripe_payment_intent_id:
        return gateway.read(session_id=payment.stripe_checkout_session_id, intent_id=payment.stripe_payment_intent_id)
    since = int((operation.created_at - timedelta(minutes=5)).timestamp())
    return gateway.find_session(operation=operation.reference, since=since)


def resolve(operation: PaymentOperation) -> bool:
    """Finish an open operation: look up first, ask again only if nothing happened. Whether it is closed now."""
    try:
        seen = look_up(operation)
    except (OutcomeUnknown, Declined) as error:
        logger.warning("operation.lookup_failed", operation=operation.idempotency_key, cause=str(error))
        return False
    following = settle_looked_up(operation, seen) if seen else None
    if following is None and still_open(operation):
        following = refresh_key(operation)
    try:
        return following is None or perform(following).state != Outcome.IN_PROGRESS
    except Declined:
        return True


def settle_looked_up(operation: PaymentOperation, seen: Snapshot) -> PaymentOperation | None:
    """Settle what a look-up shows; a refund that was decided without knowing of another one is not sent any more."""
    refusal = unknown_refunds.refusal(operation, seen) if operation.kind == K.REFUND else None
    return settle(operation.payment, seen, asked=operation, refusal=refusal)


def still_open(operation: PaymentOperation) -> bool:
    """Whether nobody has closed the operation since it was read."""
    return PaymentOperation.objects.filter(pk=operation.pk, status=OperationStatus.PENDING).exists()


def refresh_key(looked_up: PaymentOperation) -> PaymentOperation | None:
    """Return the open operation, with a new key if the old one is spent; a look-up has shown no effect.

    `looked_up` is the operation as it was before the look-up. A key that was used or spent since then may have
    had its effect after the look-up, so it is kept: repeating it is harmless, a new one might do it twice.
    """
    with transaction.atomic():
        lifecycle.lock(looked_up.booking)
        rows = PaymentOperation.objects.select_related("booking__hotel", "payment__booking")
        operation = rows.get(pk=looked_up.pk)
        if not operation.is_open:
            return None
        if operation.idempotency_key == looked_up.idempotency_key and is_worn_out(looked_up):
            renew_key(operation)
    return operation


def is_worn_out(operation: PaymentOperation) -> bool:
    """Whether Stripe would repeat an error under the key for ever, or may have forgotten it."""
    return operation.key_is_spent or timezone.now() - operation.key_issued_at > KEY_LIFETIME


def renew_key(operation: PaymentOperation) -> None:
    """Give an operation the next free key of its kind."""
    used = operation.booking.operations.filter(kind=operation.kind).order_by("-attempt_number")
    operation.attempt_number = used.values_list("attempt_number", flat=True)[0] + 1
    operation.idempotency_key = f"{operation.kind}:{operation.booking.booking_id}:{operation.attempt_number}"
    operation.key_is_spent, operation.key_issued_at = False, timezone.now()
    save(operation)


def note_unknown(operation: PaymentOperation, unknown: OutcomeUnknown) -> None:
    """Keep on the open operation why its answer is unknown."""
    logger.warning("operation.unknown", operation=operation.idempotency_key, kind=operation.kind, cause=unknown.cause)
    with transaction.atomic():
        lifecycle.lock(operation.booking)
        current = PaymentOperation.objects.get(pk=operation.pk)
        # Somebody else may have settled it, or taken a new key, since our call.
        if current.is_open and current.idempotency_key == operation.idempotency_key:
            current.key_is_spent = current.key_is_spent or unknown.key_is_spent
            current.error_code, current.error_message = unknown.cause, WAITING
            save(current)


def refresh(payment: Payment) -> None:
    """Re-read a payment at Stripe and settle what it says. Raises Declined or OutcomeUnknown."""
    if not (payment.stripe_checkout_session_id or payment.stripe_payment_intent_id):
        return
    seen = gateway.read(session_id=payment.stripe_checkout_session_id, intent_id=payment.stripe_payment_intent_id)
    following = settle(payment, seen)
    if following is not None:
        perform(following)
