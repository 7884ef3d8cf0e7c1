"""A guest asks for a link. The request is stored as it is; the worker looks it up, so the answer tells nothing."""

import re
from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bookings import audit, emails, lifecycle
from bookings.models import Booking, BookingStatus, Message
from cancellations.models import LinkRequest

logger = structlog.get_logger(__name__)

BATCH: Final = 50
HOUR: Final = timedelta(hours=1)
REQUESTS_PER_ADDRESS: Final = 30
REQUESTS_PER_REFERENCE: Final = 10
MAILS_PER_BOOKING: Final = 3


class TooManyRequests(Exception):
    """Somebody asks too often, from one address or for one reference. `retry_after` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__("too many requests")
        self.retry_after = retry_after


def ask_for_link(*, reference: str, contact: str) -> None:
    """Store a request for a link, existing booking or not. Raises TooManyRequests for either alike."""
    actor = audit.current_actor()
    reference = reference.strip().upper()[:40]
    refuse_flood(reference=reference, ip=actor.ip)
    request = LinkRequest.objects.create(
        reference=reference,
        contact=contact.strip()[:254],
        ip=actor.ip or None,
        user_agent=actor.user_agent,
        request_id=actor.request_id,
    )
    # Not even the reference: whoever types may type anything.
    audit.once_committed(logger.info, "link.requested", link_request=request.pk)


def refuse_flood(*, reference: str, ip: str) -> None:
    """Count the last hour's requests by address and by reference; a link that was mailed works all the same."""
    now = timezone.now()
    recent = LinkRequest.objects.filter(created_at__gt=now - HOUR)
    limits = ((Q(reference=reference), REQUESTS_PER_REFERENCE), (Q(ip=ip or None), REQUESTS_PER_ADDRESS))
    for which, limit in limits:
        times = list(recent.filter(which).order_by("-created_at").values_list("created_at", flat=True)[:limit])
        if len(times) == limit:
            raise TooManyRequests(retry_after=int((times[-1] + HOUR - now).total_seconds()) + 1)


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
        booking = matching_booking(request)
        if booking is not None:
            lifecycle.lock(booking)
            if mails_left(booking, now):
                emails.management_link(booking)
    return True


def matching_booking(request: LinkRequest) -> Booking | None:
    """Return the booking if the contact is its guest's. Drafts and deleted bookings count as not there."""
    booking = (
        Booking.objects.active()
        .select_related("hotel", "room_type", "room")
        .filter(booking_id=request.reference, guest_erased_at=None)
        .exclude(status=BookingStatus.DRAFT)
        .first()
    )
    return booking if booking and is_contact_of(booking, request.contact) else None


def is_contact_of(booking: Booking, contact: str) -> bool:
    """Whether a contact is the booking's e-mail or phone number, however it was typed."""
    if contact.casefold() == booking.guest_email.casefold():
        return True
    given, known = digits(contact), digits(booking.guest_phone)
    # The last nine digits tell a number apart with and without its country code.
    return len(given) >= 7 and len(known) >= 7 and given[-9:] == known[-9:]


def digits(number: str) -> str:
    """Return the digits of a phone number."""
    return re.sub(r"\D", "", number)


def mails_left(booking: Booking, now: datetime) -> bool:
    """Whether another link may be mailed within this hour."""
    sent = Message.objects.filter(booking=booking, kind="management_link", created_at__gt=now - HOUR)
    return sent.count() < MAILS_PER_BOOKING
