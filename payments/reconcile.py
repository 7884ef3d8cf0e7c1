"""The janitor: finish what a crash, a timeout or a lost webhook left open. Run every minute; any number of times."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

from bookings.lifecycle import Outcome
from bookings.models import Booking, BookingStatus, KeptStay
from bookings.refusals import Refused
from payments import decisions, operations, reschedule
from payments.follow import PAUSE
from payments.gateway import Declined, OutcomeUnknown
from payments.models import (
    CAPTURED,
    CLOSED_DISPUTES,
    Dispute,
    OperationStatus,
    Payment,
    PaymentOperation,
    PaymentProvider,
    PaymentPurpose,
    PaymentStatus,
    ProcessingResult,
    Refund,
    RefundStatus,
    StripeWebhookEvent,
)
from payments.pace import paced

logger = structlog.get_logger(__name__)

S, P = BookingStatus, PaymentStatus
ON_ITS_WAY: Final = (RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION)
# Younger operations are most likely still in the hands of whoever opened them.
GRACE: Final = timedelta(seconds=5)
# After this time without a word from Stripe, an event may have been lost.
LATE: Final = timedelta(minutes=2)
LATE_REFUND: Final = timedelta(hours=1)
# So many of those are read again in each round, however many there are.
SAMPLE: Final = 20


def reconcile(now: datetime) -> int:
    """Resolve every open operation and settle every payment that its booking does not match; return how many."""
    started = time.perf_counter()
    done = {
        "operations": resolve_open(now),
        "payments": settle_strays() + settle_silent(now),
        "bookings": expire_due(now) + undo_due(now),
    }
    logger.info("reconcile.round", **done, ms=round((time.perf_counter() - started) * 1000))
    return sum(done.values())


def resolve_open(now: datetime) -> int:
    """Look up each open operation at Stripe, and repeat what never happened."""
    waiting = PaymentOperation.objects.select_related("booking", "payment__booking").filter(
        status=OperationStatus.PENDING, created_at__lte=now - GRACE
    )
    # In any order: with the oldest always first, one that Stripe never answers would keep the others waiting.
    return sum(apart(operations.resolve, operation) for operation in paced(waiting.order_by("?")))


def settle_strays() -> int:
    """Settle payments that a booking does not rest on: money for a booking that no longer waits for it."""
    return sum(apart(settled, payment) for payment in paced(strays().order_by("?")))


def strays() -> QuerySet[Payment]:
    """Return the payments whose booking and state contradict each other, with no operation at work on it."""
    unpaid = Q(status__in=(P.PROCESSING, P.FAILED))
    earlier_round = Q(attempt_number__lt=F("booking__first_attempt"))
    is_awaited = Q(
        purpose=PaymentPurpose.DIFFERENCE, booking__status=S.CONFIRMED, booking__kept_stay__due_at__isnull=False
    )
    no_longer = earlier_round | (~Q(booking__status__in=(S.DRAFT, S.PENDING_PAYMENT)) & ~is_awaited)
    page_open = unpaid & no_longer
    held = Q(status=P.AUTHORIZED) & ~Q(booking__status=S.PENDING_APPROVAL)
    unwanted = Q(status=P.AUTHORIZED, unwanted_since__isnull=False)
    # Heard of while an operation of another attempt was open, so that nobody has dealt with it.
    beside = Q(status__in=(P.AUTHORIZED, P.SUCCEEDED), accepted_at=None) & ~Q(
        booking__payment_reference=F("stripe_payment_intent_id")
    )
    taken = ~earlier_round & Q(
        status__in=CAPTURED, booking__status__in=(S.PENDING_PAYMENT, S.PENDING_APPROVAL), unwanted_since=None
    )
    to_return = Q(status__in=CAPTURED, unwanted_since__isnull=False) & ~Q(status=P.REFUNDED)
    rows = Payment.objects.select_related("booking").filter(
        page_open | held | unwanted | beside | taken | to_return | missed()
    )
    at_work = PaymentOperation.objects.filter(status=OperationStatus.PENDING).values("booking")
    refused = PaymentOperation.objects.filter(
        status=OperationStatus.FAILED, transition="", settled_at__gt=timezone.now() - PAUSE
    )
    # Once a person has to pay it out, Stripe is not asked again.
    by_hand = Refund.objects.filter(provider=PaymentProvider.MANUAL)
    # What a bank has taken cannot be sent back now, or ever; when it decides, a webhook says so.
    at_a_bank = Dispute.objects.filter(is_withdrawn=True)
    return (
        rows.filter(stripe_checkout_session_id__isnull=False)
        .exclude(booking__in=at_work)
        .exclude(pk__in=refused.values("payment"))
        .exclude(pk__in=by_hand.values("payment"))
        .exclude(pk__in=at_a_bank.values("payment"))
    )


def missed() -> Q:
    """Return what may have changed at Stripe without us, since the event that said so could not be processed."""
    failed = StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.FAILED)
    on_its_way = Refund.objects.filter(status__in=ON_ITS_WAY)
    moves = Q(status__in=(P.PROCESSING, P.FAILED)) | Q(pk__in=on_its_way.values("payment"))
    return Q(pk__in=failed.filter(payment__isnull=False).values("payment")) & moves


def settle_silent(now: datetime) -> int:
    """Re-read some of the payments of which Stripe should have told something by now.

    They are drawn by lot. So nothing has to be remembered about them, Stripe is asked the same few questions a
    minute whether ten refunds are on their way or ten thousand, and each has its turn.
    """
    late = {key for keys in silent(now) for key in keys.order_by("?")[:SAMPLE]}
    rows = Payment.objects.select_related("booking").filter(pk__in=late).order_by("?")
    return sum(apart(settled, payment) for payment in paced(rows[:SAMPLE]))


def silent(now: datetime) -> Iterable[QuerySet[Any, int]]:
    """Return the keys of those payments, kind by kind: each kind has an index of its own."""
    refunds = Refund.objects.filter(status__in=ON_ITS_WAY, provider=PaymentProvider.STRIPE)
    yield refunds.filter(created_at__lte=now - LATE_REFUND).values_list("payment", flat=True)
    at_stripe = Payment.objects.filter(stripe_checkout_session_id__isnull=False)
    over = at_stripe.filter(session_expires_at__lte=now - LATE)
    # A page without an address was completed: the guest's bank takes days to say whether the money comes.
    yield over.filter(status=P.PROCESSING).values_list("pk", flat=True)
    yield over.filter(status=P.FAILED).exclude(session_url="").values_list("pk", flat=True)
    yield at_stripe.filter(status=P.AUTHORIZED, capture_before__lte=now - LATE).values_list("pk", flat=True)
    disputes = Dispute.objects.exclude(status__in=CLOSED_DISPUTES).filter(created_at__lte=now - LATE_REFUND)
    yield disputes.values_list("payment", flat=True)


def settled(payment: Payment) -> bool:
    """Re-read one payment and settle it; whether Stripe could be asked."""
    try:
        operations.refresh(payment)
    except (OutcomeUnknown, Declined) as error:
        logger.warning("payment.not_settled", payment=payment.pk, cause=str(error))
        return False
    return True


def expire_due(now: datetime) -> int:
    """Expire unpaid holds and authorizations whose time is over."""
    return sum(apart(expired, booking) for booking in paced(due(now)))


def undo_due(now: datetime) -> int:
    """Undo the changes of confirmed bookings whose difference was not paid in time."""
    late = KeptStay.objects.filter(due_at__lte=now, booking__status=S.CONFIRMED)
    return sum(apart(undone, kept.booking) for kept in paced(late.select_related("booking").order_by("due_at")))


def undone(booking: Booking) -> bool:
    """Undo one unpaid change; whether it is undone now."""
    try:
        return reschedule.undo_unpaid(booking).state != Outcome.IN_PROGRESS
    except (Refused, Declined) as error:
        logger.info("booking.not_undone", booking=booking.booking_id, cause=type(error).__name__)
        return False


def apart[Row: Model](work: Callable[[Row], bool], row: Row) -> bool:
    """Do one piece of work; one that cannot be done must not keep all the others waiting."""
    try:
        return work(row)
    except (OperationalError, InterfaceError):
        raise  # the database is gone for everybody
    except Exception:  # it stays where it is, open and visible, and is tried again
        logger.exception("reconcile.failed", model=type(row).__name__, pk=row.pk)
        return False


def due(now: datetime) -> Iterable[Booking]:
    """Return the bookings whose hold or authorization has run out. A hold never expires an ARRIVAL request."""
    holds = Booking.objects.active().filter(status=S.PENDING_PAYMENT, hold_expires_at__lte=now)
    authorizations = Booking.objects.active().filter(
        status=S.PENDING_APPROVAL,
        payments__status=P.AUTHORIZED,
        payments__unwanted_since=None,
        payments__capture_before__lte=now,
    )
    return [*holds, *authorizations.distinct()]


def expired(booking: Booking) -> bool:
    """Expire one booking; whether it is expired now."""
    try:
        return decisions.expire(booking).state != "in_progress"
    except (Refused, Declined) as error:
        logger.info("booking.not_expired", booking=booking.booking_id, cause=type(error).__name__)
        return False
