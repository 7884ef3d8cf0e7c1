"""The worker answers the requests for links: it looks each up, and mails a link where one fits."""

from datetime import datetime, timedelta
from itertools import batched
from typing import Final

from django.db import transaction

from bookings import audit, emails, lifecycle
from bookings.models import Booking, Message
from cancellations import identity
from cancellations.models import LinkRequest

BATCH: Final = 50
HOUR: Final = timedelta(hours=1)
MAILS_PER_BOOKING: Final = 3
# Somebody's address and what they typed: long enough to look into a complaint, no longer.
KEPT: Final = timedelta(days=30)


def answer_requests(now: datetime) -> int:
    """Look up the waiting requests and mail a link where one fits; return how many were handled."""
    waiting = LinkRequest.objects.filter(handled_at=None).order_by("id")[:BATCH]
    return sum(answer(request, now) for request in waiting)


def answer(request: LinkRequest, now: datetime) -> bool:
    """Handle one request unless another worker has it."""
    with audit.within(request.request_id), transaction.atomic():
        # Claimed by a counted update in the transaction of the mail: both happen, or neither.
        if LinkRequest.objects.filter(pk=request.pk, handled_at=None).update(handled_at=now) != 1:
            return False
        booking = identity.known_to_guests().filter(booking_id=request.reference).first()
        if booking is not None and identity.is_contact_of(booking, request.contact):
            lifecycle.lock(booking)
            if mails_left(booking, now):
                emails.management_link(booking)
    return True


def mails_left(booking: Booking, now: datetime) -> bool:
    """Whether another link may be mailed within this hour."""
    sent = Message.objects.filter(booking=booking, kind="management_link", created_at__gt=now - HOUR)
    return sent.count() < MAILS_PER_BOOKING


def prune(now: datetime) -> int:
    """Delete the requests that were answered long ago; return how many."""
    old = LinkRequest.objects.filter(handled_at__lt=now - KEPT).order_by("pk").values_list("pk", flat=True)
    return sum(LinkRequest.objects.filter(pk__in=keys).delete()[0] for keys in batched(list(old), BATCH))
