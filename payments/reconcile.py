"""The janitor: finish what a crash, a timeout or a lost webhook left open. Run every minute; any number of times."""

import time
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import Exists, F, Model, OuterRef, Q, QuerySet
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
# Captured money is dealt with when it is heard of, or in one of the next rounds; the night looks at older money.
RECENT: Final = timedelta(days=2)
# So many of those are read again in each round, however many there are.
SAMPLE: Final = 20


def reconcile(now: datetime, *, whole: bool = False) -> int:
    """Resolve every open operation and settle every payment that its booking does not match; return how many.

    With `whole`, captured payments are looked at however old they are, which a round a minute leaves to the night.
    """
    started = time.perf_counter()
    done = {
        "operations": resolve_open(now),
        "payments": settle_strays(since=None if whole else now - RECENT) + settle_silent(now),
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


def settle_strays(*, since: datetime | None = None) -> int:
    """Settle payments that a booking does not rest on: money for a booking that no longer waits for it."""
    return sum(apart(settled, payment) for payment in paced(strays(since=since).order_by("?")))


def settle_all_strays(_now: datetime, _last: datetime | None) -> None:
    """Settle those that are as old as the book, too: once a night, since it reads every payment."""
    logger.info("reconcile.strays", payments=settle_strays())


def strays(*, since: datetime | None = None) -> QuerySet[Payment]:
    """Return the payments whose booking and state contradict each other, with no operation at work on it.

    With `since`, captured ones that nobody has dealt with are looked for only among those captured after it.
    """
    kinds = [Payment.objects.filter(kind).order_by().values("pk") for kind in contradictions(since)]
    found = Payment.objects.select_related("booking").filter(
        pk__in=kinds[0].union(*kinds[1:]), stripe_checkout_session_id__isnull=False
    )
    at_work = PaymentOperation.objects.filter(booking=OuterRef("booking"), status=OperationStatus.PENDING)
    refused = PaymentOperation.objects.filter(
        payment=OuterRef("pk"), status=OperationStatus.FAILED, transition="", settled_at__gt=timezone.now() - PAUSE
    )
    # Once a person has to pay it out, Stripe is not asked again.
    by_hand = Refund.objects.filter(payment=OuterRef("pk"), provider=PaymentProvider.MANUAL)
    # What a bank has taken cannot be sent back now, or ever; when it decides, a webhook says so.
    at_a_bank = Dispute.objects.filter(payment=OuterRef("pk"), is_withdrawn=True)
    return found.exclude(Exists(at_work) | Exists(refused) | Exists(by_hand) | Exists(at_a_bank))


def contradictions(since: datetime | None) -> Iterable[Q]:
    """Return how payment and booking can contradict each other, one by one: each has an index of its own."""
    earlier_round = Q(attempt_number__lt=F("booking__first_attempt"))
    is_awaited = Q(
        purpose=PaymentPurpose.DIFFERENCE, booking__status=S.CONFIRMED, booking__kept_stay__due_at__isnull=False
    )
    no_longer = earlier_round | (~Q(booking__status__in=(S.DRAFT, S.PENDING_PAYMENT)) & ~is_awaited)
    # Of a page that a bank has refused, and that nobody can pay on any more, Stripe has nothing new to tell.
    yield (Q(status=P.PROCESSING) | Q(status=P.FAILED) & ~Q(session_url="")) & no_longer
    # Heard of while an operation of another attempt was open, so that nobody has dealt with it.
    beside = Q(accepted_at=None) & ~Q(booking__payment_reference=F("stripe_payment_intent_id"))
    unwanted = Q(unwanted_since__isnull=False)
    yield Q(status=P.AUTHORIZED) & (~Q(booking__status=S.PENDING_APPROVAL) | unwanted | beside)
    lately = Q(captured_at__gt=since) if since else Q()
    yield Q(status=P.SUCCEEDED) & ~unwanted & beside & lately
    waits = Q(booking__status__in=(S.PENDING_PAYMENT, S.PENDING_APPROVAL))
    yield waits & ~unwanted & (Q(status=P.SUCCEEDED) & beside | Q(status__in=CAPTURED) & ~earlier_round)
    yield unwanted & Q(status__in=(P.SUCCEEDED, P.PARTIALLY_REFUNDED))
    yield missed()


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
    late = late.exclude(Exists(refused_lately("undo_reschedule", OuterRef("booking"), now)))
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
    active = Booking.objects.active().exclude(Exists(refused_lately("expire", OuterRef("pk"), now)))
    holds = active.filter(status=S.PENDING_PAYMENT, hold_expires_at__lte=now)
    authorizations = active.filter(
        status=S.PENDING_APPROVAL,
        payments__status=P.AUTHORIZED,
        payments__unwanted_since=None,
        payments__capture_before__lte=now,
    )
    return [*holds, *authorizations.distinct()]


def refused_lately(transition: str, booking: OuterRef, now: datetime) -> QuerySet[PaymentOperation]:
    """Return what Stripe has refused so lately, as a page of another account, that it would only do so again."""
    refused = PaymentOperation.objects.filter(booking=booking, transition=transition, status=OperationStatus.FAILED)
    is_still_there = Q(payment__status=P.AUTHORIZED) | ~Q(payment__session_url="")
    return refused.filter(is_still_there, settled_at__gt=now - PAUSE)


def expired(booking: Booking) -> bool:
    """Expire one booking; whether it is expired now."""
    try:
        return decisions.expire(booking).state != "in_progress"
    except (Refused, Declined) as error:
        logger.info("booking.not_expired", booking=booking.booking_id, cause=type(error).__name__)
        return False
