"""The janitor: finish what a crash, a timeout or a lost webhook left open. Run every minute; any number of times."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db import InterfaceError, OperationalError
from django.db.models import F, Model, Q, QuerySet
from django.utils import timezone

from bookings.models import Booking, BookingStatus
from bookings.refusals import Refused
from payments import decisions, operations
from payments.gateway import Declined, OutcomeUnknown
from payments.models import (
    CAPTURED,
    OperationStatus,
    Payment,
    PaymentOperation,
    PaymentStatus,
    ProcessingResult,
    Refund,
    RefundStatus,
    StripeWebhookEvent,
)
from payments.pace import paced
from payments.settle import PAUSE

logger = logging.getLogger(__name__)

S, P = BookingStatus, PaymentStatus
# Younger operations are most likely still in the hands of whoever opened them.
GRACE: Final = timedelta(seconds=5)


def reconcile(now: datetime) -> int:
    """Resolve every open operation and settle every payment that its booking does not match; return how many."""
    return resolve_open(now) + settle_strays() + expire_due(now)


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
    page_open = Q(status__in=(P.PROCESSING, P.FAILED)) & ~Q(booking__status__in=(S.DRAFT, S.PENDING_PAYMENT))
    held = Q(status=P.AUTHORIZED) & ~Q(booking__status=S.PENDING_APPROVAL)
    unwanted = Q(status=P.AUTHORIZED, unwanted_since__isnull=False)
    # Heard of while an operation of another attempt was open, so that nobody has dealt with it.
    beside = Q(status__in=(P.AUTHORIZED, P.SUCCEEDED)) & ~Q(booking__payment_reference=F("stripe_payment_intent_id"))
    taken = Q(status__in=CAPTURED, booking__status__in=(S.PENDING_PAYMENT, S.PENDING_APPROVAL), unwanted_since=None)
    to_return = Q(status__in=CAPTURED, unwanted_since__isnull=False) & ~Q(status=P.REFUNDED)
    rows = Payment.objects.select_related("booking").filter(
        page_open | held | unwanted | beside | taken | to_return | missed()
    )
    at_work = PaymentOperation.objects.filter(status=OperationStatus.PENDING).values("booking")
    refused = PaymentOperation.objects.filter(
        status=OperationStatus.FAILED, transition="", settled_at__gt=timezone.now() - PAUSE
    )
    returned_in_vain = Refund.objects.filter(status__in=(RefundStatus.FAILED, RefundStatus.CANCELED))
    return (
        rows.filter(stripe_checkout_session_id__isnull=False)
        .exclude(booking__in=at_work)
        .exclude(pk__in=refused.values("payment"))
        .exclude(pk__in=returned_in_vain.values("payment"))
    )


def missed() -> Q:
    """Return what may have changed at Stripe without us, since the event that said so could not be processed."""
    failed = StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.FAILED)
    on_its_way = Refund.objects.filter(status__in=(RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION))
    moves = Q(status__in=(P.PROCESSING, P.FAILED)) | Q(pk__in=on_its_way.values("payment"))
    return Q(pk__in=failed.filter(payment__isnull=False).values("payment")) & moves


def settled(payment: Payment) -> bool:
    """Re-read one payment and settle it; whether Stripe could be asked."""
    try:
        operations.refresh(payment)
    except (OutcomeUnknown, Declined) as error:
        logger.warning("payment %s could not be settled: %s", payment.pk, error)
        return False
    return True


def expire_due(now: datetime) -> int:
    """Expire unpaid holds and authorizations whose time is over."""
    return sum(apart(expired, booking) for booking in paced(due(now)))


def apart[Row: Model](work: Callable[[Row], bool], row: Row) -> bool:
    """Do one piece of work; one that cannot be done must not keep all the others waiting."""
    try:
        return work(row)
    except (OperationalError, InterfaceError):
        raise  # the database is gone for everybody
    except Exception:  # it stays where it is, open and visible, and is tried again
        logger.exception("%s %s could not be reconciled", type(row).__name__, row.pk)
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
        logger.info("booking %s not expired: %s", booking.booking_id, error)
        return False
