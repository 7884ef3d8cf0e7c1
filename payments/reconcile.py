"""The janitor: finish what a crash, a timeout or a lost webhook left open. Run every minute; any number of times."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q, QuerySet

from bookings.models import Booking, BookingStatus
from bookings.refusals import Refused
from payments import decisions, operations
from payments.gateway import Declined, OutcomeUnknown
from payments.models import CAPTURED, OperationStatus, Payment, PaymentOperation, PaymentStatus

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
    return sum(operations.resolve(operation) for operation in waiting.order_by("created_at"))


def settle_strays() -> int:
    """Settle payments that a booking does not rest on: money for a booking that no longer waits for it."""
    return sum(settled(payment) for payment in strays())


def strays() -> QuerySet[Payment]:
    """Return the payments whose booking and state contradict each other, with no operation at work on it."""
    page_open = Q(status__in=(P.PROCESSING, P.FAILED)) & ~Q(booking__status__in=(S.DRAFT, S.PENDING_PAYMENT))
    held = Q(status=P.AUTHORIZED) & ~Q(booking__status=S.PENDING_APPROVAL)
    unwanted = Q(status=P.AUTHORIZED, unwanted_since__isnull=False)
    taken = Q(status__in=CAPTURED, booking__status__in=(S.PENDING_PAYMENT, S.PENDING_APPROVAL))
    to_return = Q(status__in=CAPTURED, unwanted_since__isnull=False) & ~Q(status=P.REFUNDED)
    rows = Payment.objects.select_related("booking").filter(page_open | held | unwanted | taken | to_return)
    at_work = PaymentOperation.objects.filter(status=OperationStatus.PENDING).values("booking")
    return rows.filter(stripe_checkout_session_id__isnull=False).exclude(booking__in=at_work)


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
    return sum(expired(booking) for booking in due(now))


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
