"""Compare one payment, or one booking, with Stripe: settle what is safe, look again, and list what still differs."""

from typing import Final

import structlog
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from bookings import lifecycle
from bookings.models import Booking
from payments import books, drifts, gateway, operations
from payments.books import Difference
from payments.gateway import Declined, OutcomeUnknown
from payments.models import UNPAID, Drift, DriftKind, OperationStatus, Payment, PaymentOperation, PaymentProvider
from payments.opening import open_operation
from payments.settle import settle
from payments.snapshot import Snapshot

logger = structlog.get_logger(__name__)

TRIES: Final = 3
AWAITED: Final = "Stripe's answer to an earlier step is awaited"
HAS_ID: Final = Q(stripe_checkout_session_id__isnull=False) | Q(stripe_payment_intent_id__isnull=False)

# The booking's status and our side of one of its payments: what must not move between a look at Stripe and the list.
type State = tuple[str, books.Side]


def rows_at_stripe() -> QuerySet[Payment]:
    """Return our payments at Stripe with all that a comparison looks at: three queries for any number of them."""
    at_work = PaymentOperation.objects.filter(booking=OuterRef("booking"), status=OperationStatus.PENDING)
    listed = Drift.objects.filter(payment=OuterRef("pk"), resolved_at=None)
    rows = Payment.objects.filter(HAS_ID, provider=PaymentProvider.STRIPE)
    return (
        rows.select_related("booking")
        .prefetch_related("refunds", "disputes")
        .annotate(is_at_work=Exists(at_work), is_listed=Exists(listed))
    )


def look(payment: Payment) -> Snapshot | None:
    """Return what Stripe shows for a payment; None if it knows no such thing. Raises Declined or OutcomeUnknown."""
    ids = {"session_id": payment.stripe_checkout_session_id, "intent_id": payment.stripe_payment_intent_id}
    try:
        return gateway.read(**ids)
    except Declined as refusal:
        if refusal.code != "resource_missing":
            raise
        return None


def is_at_rest(payment: Payment, seen: Snapshot) -> bool:
    """Whether one of `rows_at_stripe` says the same as Stripe, and nothing is under way or listed about it."""
    is_told = bool(seen.session_id) or payment.status not in UNPAID  # an open page is told by its session only
    at_work: bool = payment.is_at_work or payment.is_listed  # type: ignore[attr-defined]
    return is_told and not at_work and books.between(payment, seen) is None


def compare_payment(payment: Payment) -> bool:
    """Settle a payment with what Stripe shows now and list what still differs; whether anything was mended.

    Raises Declined, or OutcomeUnknown also while an operation of its booking is open.
    """
    first = said = state_of(payment)
    finish_open(payment.booking)
    for _ in range(TRIES):
        seen = look(payment)
        if seen is not None:
            heal(payment, seen)
        now = noted(payment, said, seen)
        if now == said:
            return now != first
        said = now
    raise OutcomeUnknown("the payment changes while it is looked at")


def state_of(payment: Payment) -> State:
    """Return what our rows say now."""
    row = Payment.objects.select_related("booking").get(pk=payment.pk)
    return str(row.booking.status), books.ours(row)


def finish_open(booking: Booking) -> None:
    """Look up the booking's open operation, if there is one."""
    operation = open_operation(booking)
    if operation is not None:
        operations.resolve(operation)


def heal(payment: Payment, seen: Snapshot) -> None:
    """Settle what Stripe shows, and what follows from it. What Stripe refuses is seen in the next look."""
    following = settle(payment, seen)
    if following is not None:
        try:
            operations.perform(following)
        except Declined as refusal:
            logger.info("payment.not_mended", payment=payment.pk, code=refusal.code)


def noted(payment: Payment, said: State, seen: Snapshot | None) -> State:
    """Under the lock, list or close the difference, unless our side has moved since the look; return our side."""
    with transaction.atomic():
        booking = lifecycle.lock(payment.booking)
        if open_operation(booking) is not None:
            raise OutcomeUnknown(AWAITED)
        now = state_of(payment)
        if now == said:
            row = Payment.objects.get(pk=payment.pk)
            row.booking = booking
            note(row, seen)
        return now


def note(payment: Payment, seen: Snapshot | None) -> None:
    """List how a locked payment differs from Stripe, or close what was listed about it."""
    stripe_id = str(payment.stripe_payment_intent_id or payment.stripe_checkout_session_id)
    kind = DriftKind.AMOUNTS if seen else DriftKind.UNKNOWN_AT_STRIPE
    difference = books.between(payment, seen) if seen else missing(payment)
    listed = drifts.of_payment(payment)
    drifts.gone(listed.exclude(kind=kind, stripe_id=stripe_id) if difference else listed)
    if difference is not None:
        drifts.note(kind, stripe_id, difference, booking=payment.booking)


def missing(payment: Payment) -> Difference | None:
    """Return the difference of a payment that Stripe does not know; a page on which nobody paid makes none."""
    said = books.ours(payment)
    is_nothing = payment.stripe_payment_intent_id is None and said["page"] == "closed"
    return None if is_nothing else Difference(said, {"money": books.UNKNOWN}, payment)


def compare_stranger(seen: Snapshot, *, reference: str) -> None:
    """List a PaymentIntent that names a booking of ours and is no payment of ours; without money it is nothing."""
    booking = Booking.objects.filter(booking_id=reference).first()
    is_ours = Payment.objects.filter(stripe_payment_intent_id=seen.intent_id).exists()
    with transaction.atomic():
        if booking is not None:
            lifecycle.lock(booking)
        if is_ours or not books.has_money(seen):
            drifts.gone(Drift.objects.filter(stripe_id=seen.intent_id, kind=DriftKind.UNKNOWN_HERE))
        else:
            difference = Difference({"money": books.UNKNOWN}, books.of_stranger(seen, reference))
            drifts.note(DriftKind.UNKNOWN_HERE, seen.intent_id, difference, booking=booking)


def compare_booking(booking: Booking) -> bool:
    """Settle all of a booking's payments, then list where its status disagrees with its money.

    Returns whether anything was mended; raises as `compare_payment` does.
    """
    mended = [compare_payment(payment) for payment in rows_at_stripe().filter(booking=booking)]
    with transaction.atomic():
        booking = lifecycle.lock(booking)
        if open_operation(booking) is not None:
            raise OutcomeUnknown(AWAITED)
        found = books.of_booking(booking, booking.payments.prefetch_related("refunds"))
        by_name = {name_in(booking, each): each for each in found}
        listed = Drift.objects.filter(booking=booking, kind=DriftKind.BOOKING)
        drifts.gone(listed.exclude(stripe_id__in=by_name))
        for name, difference in by_name.items():
            drifts.note(DriftKind.BOOKING, name, difference, booking=booking)
    return any(mended)


def name_in(booking: Booking, difference: Difference) -> str:
    """Return what a booking's difference is listed under: its payment's id, or the booking's reference."""
    payment = difference.payment
    return (payment.stripe_payment_intent_id if payment else None) or booking.booking_id


def compare_again(drift: Drift) -> bool:
    """Look once more at what was listed; whether anything was mended. Raises Declined or OutcomeUnknown."""
    if drift.kind == DriftKind.BOOKING and drift.booking:
        return compare_booking(drift.booking)
    if drift.payment:
        return compare_payment(drift.payment)
    stranger = look(Payment(stripe_payment_intent_id=drift.stripe_id))
    compare_stranger(stranger or Snapshot(intent_id=drift.stripe_id), reference=drift.theirs.get("reference", ""))
    return False
