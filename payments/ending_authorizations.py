"""Requests whose held money is lost within a day: the hotel is told, once for each payment."""

from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import F, Min, OuterRef, QuerySet, Subquery

from bookings import audit, hotel_emails, lifecycle
from bookings.models import BookingStatus, RecordState
from payments.models import Payment, PaymentStatus

NOTICE: Final = timedelta(hours=24)
# Each mail is a transaction of its own, and there is another turn in a minute.
BATCH: Final = 50


def warn_due(now: datetime) -> int:
    """Warn the hotels of the authorizations that end within a day; return how many."""
    due = ending(now).filter(warned_at=None).select_related("booking").order_by("capture_before")
    return sum(warned(payment, now) for payment in due[:BATCH])


def ending(now: datetime) -> QuerySet[Payment]:
    """Return the held payments of waiting requests that can be captured for a day at most."""
    return Payment.objects.filter(
        status=PaymentStatus.AUTHORIZED,
        unwanted_since=None,
        capture_before__gt=now,
        capture_before__lte=now + NOTICE,
        booking__status=BookingStatus.PENDING_APPROVAL,
        booking__record_state=RecordState.ACTIVE,
        booking__payment_reference=F("stripe_payment_intent_id"),
    )


def soonest_end() -> Subquery:
    """Return, for a query of bookings, when the first of its held payments is lost (UTC), null without one."""
    held = Payment.objects.filter(booking=OuterRef("pk"), status=PaymentStatus.AUTHORIZED)
    return Subquery(held.order_by().values("booking").annotate(at=Min("capture_before")).values("at"))


def warned(payment: Payment, now: datetime) -> bool:
    """Warn of one authorization, unless another worker has just done so or somebody has decided."""
    with transaction.atomic():
        booking = lifecycle.lock(payment.booking)
        due = ending(now).filter(pk=payment.pk, warned_at=None).first()
        if due is None:
            return False
        due.booking, due.warned_at = booking, now
        with audit.change("warn"):
            due.save()
        hotel_emails.authorization_ends(due)
    return True
