"""Mails leave through here: a row in the transaction of their cause, sent later by the worker with back-off."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db.models import F
from django.utils import timezone

from bookings import audit
from bookings.models import Booking, Message, MessageStatus
from cancellations import tokens
from cancellations.models import ManagementToken

logger = logging.getLogger(__name__)

# Stands in the stored text for the guest's personal link, which is known to nobody but the guest.
PERSONAL_LINK = "innkeep:personal-link"
MAX_ATTEMPTS = 8
CLAIM = timedelta(minutes=5)
BATCH = 50


def queue_mail(
    booking: Booking, kind: str, *, subject: str, text: str, html: str, token: ManagementToken | None
) -> Message:
    """Queue one mail to the booking's guest. Call it inside the transaction that causes the mail."""
    return Message.objects.create(
        booking=booking,
        kind=kind,
        to=booking.guest_email,
        subject=subject,
        text=text,
        html=html,
        token=token,
        next_at=timezone.now(),
        request_id=audit.current_actor().request_id,
    )


def deliver_due(now: datetime) -> int:
    """Send the mails that are due; return how many left. A dead mail server delays mails, never bookings."""
    due = Message.objects.filter(status=MessageStatus.QUEUED, next_at__lte=now).order_by("next_at")
    return sum(deliver(message, now) for message in due.select_related("token")[:BATCH])


def deliver(message: Message, now: datetime) -> bool:
    """Send one mail unless another worker has it."""
    # Claimed by a counted update: if it is not 1, another worker got there. A worker that dies while
    # sending leaves the row due again after the claim.
    claim = Message.objects.filter(pk=message.pk, status=MessageStatus.QUEUED, next_at=message.next_at)
    if claim.update(next_at=now + CLAIM, attempts=F("attempts") + 1) != 1:
        return False
    try:
        as_mail(message).send()
    except Exception as error:  # whatever a mail service refuses in its own way must not stop the other mails
        postpone(message, now, error)
        return False
    Message.objects.filter(pk=message.pk).update(status=MessageStatus.SENT, sent_at=timezone.now(), last_error="")
    return True


def as_mail(message: Message) -> EmailMultiAlternatives:
    """Return the mail with the guest's personal link filled in."""
    link = personal_link(message.token) if message.token else settings.SITE_URL
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text.replace(PERSONAL_LINK, link),
        to=[message.to],
        headers={"Message-ID": f"<innkeep-{message.pk}@{settings.SITE_URL.split('/')[2].split(':')[0]}>"},
    )
    mail.attach_alternative(message.html.replace(PERSONAL_LINK, link), "text/html")
    return mail


def personal_link(token: ManagementToken) -> str:
    """Return the address that opens a guest's booking. It comes from `SITE_URL`, never from a Host header."""
    return f"{settings.SITE_URL}/booking/manage/{tokens.reveal(token)}/"


def postpone(message: Message, now: datetime, error: Exception) -> None:
    """Try again later: after 1, 2, 4 … minutes; give up after eight tries."""
    attempts = message.attempts + 1
    logger.warning("mail %s not sent (try %s): %s", message.pk, attempts, type(error).__name__)
    Message.objects.filter(pk=message.pk).update(
        status=MessageStatus.FAILED if attempts >= MAX_ATTEMPTS else MessageStatus.QUEUED,
        next_at=now + timedelta(minutes=2 ** (attempts - 1)),
        last_error=f"{type(error).__name__}: {error}"[:500],
    )
