"""Copy what Stripe says onto our payment and refund rows. The booking is locked by the caller.

Whoever learned it (caller, webhook, return page, reconciliation) the same snapshot leads to the same rows, and
seeing it twice writes nothing the second time.
"""

from collections.abc import Iterable

from django.utils import timezone

from bookings import audit
from payments import rates
from payments.disputes import mirror_disputes
from payments.models import (
    CAPTURED,
    UNPAID,
    Payment,
    PaymentOperation,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from payments.snapshot import RefundSnapshot, Snapshot

P = PaymentStatus
# docs.stripe.com/api/payment_intents/object: Stripe itself gives up an authorization with these reasons.
RAN_OUT = ("automatic", "expired")
HELD_OR_TAKEN = ("requires_capture", "succeeded")
R = RefundStatus
# A refund goes this way only. A snapshot that is older than what another process settled cannot lead it back.
STAGE: dict[str, int] = {R.PENDING: 0, R.REQUIRES_ACTION: 0, R.SUCCEEDED: 1, R.FAILED: 2, R.CANCELED: 2}


def mirror(payment: Payment, seen: Snapshot, *, waiting: PaymentOperation | None) -> bool:
    """Bring a locked payment, its refunds and its disputes to what Stripe says, in minor units; whether any moved.

    `waiting` is the booking's open operation, which may be what a refund was asked for by.
    """
    before = dict(payment.__dict__)
    copy_identifiers(payment, seen)
    step = copy_status(payment, seen)
    known = list(payment.refunds.order_by("pk")) if payment.is_captured or seen.refunds else []
    # Each gets its turn, so the sum and not any().
    moved = sum(mirror_refund(payment, refund, known, waiting) for refund in seen.refunds)
    step = copy_refunds(payment, known) or step
    disputed = mirror_disputes(payment, seen.disputes)
    step = step or disputed
    if any(before.get(name) != value for name, value in payment.__dict__.items() if name != "_state"):
        with audit.change(step, seen.failure_message if step == "fail" else ""):
            payment.save()
    return bool(step or moved)


def copy_identifiers(payment: Payment, seen: Snapshot) -> None:
    """Note the ids that came to be at Stripe, what money it really is, and that a page is shown no more."""
    payment.stripe_payment_intent_id = seen.intent_id or payment.stripe_payment_intent_id
    payment.stripe_charge_id = seen.charge_id or payment.stripe_charge_id
    payment.card_brand = seen.card_brand or payment.card_brand
    payment.card_last4 = seen.card_last4 or payment.card_last4
    if seen.intent_status in HELD_OR_TAKEN:
        payment.currency = seen.currency or payment.currency
    if seen.session_status in ("complete", "expired"):
        payment.session_url = ""


def copy_status(payment: Payment, seen: Snapshot) -> str:
    """Move the payment's state after Stripe's; return the transition's name, or nothing."""
    now = timezone.now()
    step = ""
    if payment.status == P.NOT_INITIATED and seen.session_id:
        payment.open_session(session_id=seen.session_id, url=seen.session_url, expires_at=seen.session_expires_at)
        step = "open_session"
    if seen.intent_status == "requires_capture" and payment.status in UNPAID:
        payment.authorize(amount=seen.capturable, at=now, capture_before=seen.capture_before)
        return "authorize"
    if seen.intent_status == "succeeded" and payment.status in (*UNPAID, P.AUTHORIZED):
        payment.capture(amount=seen.captured, at=now)
        payment.price = rates.price_of(payment)
        return "capture"
    if seen.intent_status == "canceled" and payment.status in (*UNPAID, P.AUTHORIZED):
        return give_up(payment, ran_out=seen.cancellation_reason in RAN_OUT)
    return copy_unpaid_end(payment, seen) or step


def copy_unpaid_end(payment: Payment, seen: Snapshot) -> str:
    """Follow a payment page that expired or refused a card; neither moved money."""
    if seen.session_status == "expired" and payment.status in UNPAID:
        payment.expire()
        return "expire"
    is_news = seen.failure_message and seen.failure_message != payment.failure_message
    # A snapshot may be older than what another process has settled since: it cannot take back the money.
    waits = payment.status in (P.PROCESSING, P.FAILED)
    if seen.intent_status == "requires_payment_method" and is_news and waits:
        payment.fail(message=seen.failure_message)
        return "fail"
    return ""


def give_up(payment: Payment, *, ran_out: bool) -> str:
    """The hold is gone: by itself, or because somebody released it."""
    if ran_out:
        payment.expire()
        return "expire"
    payment.void()
    return "void"


def mirror_refund(
    payment: Payment, seen: RefundSnapshot, known: list[Refund], waiting: PaymentOperation | None
) -> bool:
    """Bring one refund row to what Stripe says; whether it moved. One that no operation asked for is external.

    `known` are the payment's refunds so far; a new one is added to them.
    """
    refund = next((each for each in known if each.stripe_refund_id == seen.id), None)
    if refund is None:
        operation = operation_of(payment, seen, waiting)
        refund = Refund(
            payment=payment,
            operation=operation,
            stripe_refund_id=seen.id,
            note=operation.details.get("note", "") if operation else "",
            is_external=operation is None,
        )
    if STAGE.get(seen.status, 0) < STAGE[refund.status]:
        return False
    before = dict(refund.__dict__)
    refund.amount, refund.currency = seen.amount, seen.currency
    refund.status, refund.failure_reason = seen.status, seen.failure_reason
    refund.reason, refund.reference = seen.reason, seen.reference or refund.reference
    if seen.status == RefundStatus.SUCCEEDED and refund.succeeded_at is None:
        refund.succeeded_at = timezone.now()
    has_news = refund.pk is None or any(before.get(name) != value for name, value in refund.__dict__.items())
    if has_news:
        is_new = refund.pk is None
        with audit.change(f"refund_{seen.status}", seen.failure_reason):
            refund.save()
        known.extend([refund] if is_new else ())
    return has_news


def operation_of(payment: Payment, seen: RefundSnapshot, waiting: PaymentOperation | None) -> PaymentOperation | None:
    """Return the operation that asked for a refund, by the reference that Stripe kept for us."""
    _, _, key = seen.operation.rpartition(":")
    if not key.isdecimal():
        return None
    if waiting is not None and waiting.pk == int(key):
        waiting.booking = payment.booking
        is_its_own = waiting.payment_id == payment.pk and is_made_by(waiting, seen)
        return waiting if is_its_own and not hasattr(waiting, "refund") else None
    # An operation has one refund. A second one that names it is nobody's, and has to be shown, not to fail here.
    rows = PaymentOperation.objects.filter(pk=int(key), payment=payment, refund=None)
    operation = rows.first()
    if operation is not None:
        operation.booking = payment.booking  # its reference is the booking's, which is in hand
    return operation if operation and is_made_by(operation, seen) else None


def is_made_by(operation: PaymentOperation, seen: RefundSnapshot) -> bool:
    """Whether a refund is the one that an operation asked for.

    After restoring a backup an operation may have the key of a lost one. Only a refund of the very same amount is
    taken for its own then: the booking was to get that much back, and it did.
    """
    return operation.reference == seen.operation and operation.amount == seen.amount


def copy_refunds(payment: Payment, refunds: list[Refund]) -> str:
    """Let the payment's state follow its refunds that really arrived; return the transition's name if it moved."""
    if payment.status not in CAPTURED:
        return ""
    refunded = went_back(payment, refunds)
    if refunded == payment.amount_refunded:
        return ""
    newest = max((refund.succeeded_at for refund in refunds if refund.succeeded_at), default=timezone.now())
    payment.follow_refunds(refunded=refunded, at=newest)
    return "follow_refunds"


def went_back(payment: Payment, refunds: Iterable[Refund]) -> int:
    """Return what has gone back for good the way it came, in minor units.

    What was paid out by hand for a payment of Stripe's is not among it: Stripe knows nothing of that.
    """
    same_way = [refund for refund in refunds if refund.provider == payment.provider]
    return sum(refund.amount for refund in same_way if refund.status == RefundStatus.SUCCEEDED)
