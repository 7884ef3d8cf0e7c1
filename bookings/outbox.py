"""Mails leave through here: a row in the transaction of their cause, sent later by the worker with back-off."""

from datetime import datetime, timedelta
from email.message import MIMEPart
from smtplib import SMTPRecipientsRefused
from typing import Any, Final

import structlog
from anymail.exceptions import AnymailRecipientsRefused
from anymail.message import AnymailMessage
from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone

from bookings import audit
from bookings.models import Booking, Message, MessageStatus, SampleMail
from cancellations import tokens
from cancellations.models import ManagementToken

logger = structlog.get_logger(__name__)

# Stands in the stored text for the guest's personal link, which is known to nobody but the guest.
PERSONAL_LINK = "innkeep:personal-link"
MAX_ATTEMPTS = 8
CLAIM = timedelta(minutes=5)
BATCH = 50
NAME: Final = "innkeep-"
SAMPLE: Final = "sample-"

type Post = Message | SampleMail


def queue_mail(
    booking: Booking,
    kind: str,
    *,
    subject: str,
    text: str,
    html: str,
    token: ManagementToken | None,
    to: str = "",
    calendar: str = "",
    **more: Any,
) -> Message:
    """Queue one mail to the booking's guest, or to another address. Call it in the transaction that causes it.

    `more` are fields of the row: that it is a fallback, or sends another mail again.
    """
    message = Message.objects.create(
        booking=booking,
        kind=kind,
        to=to or booking.guest_email,
        subject=subject,
        text=text,
        html=html,
        calendar=calendar,
        token=token,
        next_at=timezone.now(),
        request_id=audit.current_actor().request_id,
        **more,
    )
    audit.once_committed(logger.info, "mail.queued", **named(message))
    return message


def queue_sample(sample: SampleMail) -> SampleMail:
    """Queue a mail about no booking. Call it in a transaction of its own."""
    sample.next_at = timezone.now()
    sample.request_id = audit.current_actor().request_id
    sample.save()
    audit.once_committed(logger.info, "mail.queued", **named(sample))
    return sample


def named(message: Post) -> dict[str, Any]:
    """Return what the log may say of a mail."""
    if isinstance(message, SampleMail):
        return {"hotel": message.hotel.slug, "mail": f"{SAMPLE}{message.pk}", "kind": message.kind}
    return {"booking": message.booking.booking_id, "mail": message.pk, "kind": message.kind}


def deliver_due(now: datetime) -> int:
    """Send the mails that are due; return how many left. A dead mail server delays mails, never bookings."""
    due = {"status": MessageStatus.QUEUED, "next_at__lte": now}
    mails = Message.objects.filter(**due).order_by("next_at").select_related("token", "booking")
    samples = SampleMail.objects.filter(**due).order_by("next_at").select_related("hotel")
    posts: tuple[Post, ...] = (*mails[:BATCH], *samples[:BATCH])
    return sum(deliver(post, now) for post in posts)


def row_behind(message: Post) -> QuerySet[Any]:
    """Return a mail's row, for counted updates."""
    return type(message)._default_manager.filter(pk=message.pk)


def deliver(message: Post, now: datetime) -> bool:
    """Send one mail unless another worker has it."""
    # Claimed by a counted update: if it is not 1, another worker got there. A worker that dies while
    # sending leaves the row due again after the claim.
    claim = row_behind(message).filter(status=MessageStatus.QUEUED, next_at=message.next_at)
    # no history: mails have none, their own columns tell what became of them
    if claim.update(next_at=now + CLAIM, attempts=F("attempts") + 1) != 1:
        return False
    with audit.within(message.request_id):
        return send(message, now)


def send(message: Post, now: datetime) -> bool:
    """Send a claimed mail, and note what came of it."""
    try:
        mail = as_mail(message)
        mail.send()
    except Exception as error:  # whatever a mail service refuses in its own way must not stop the other mails
        postpone(message, now, error)
        return False
    row = row_behind(message)
    # no history: mails have none
    row.update(sent_at=timezone.now(), provider_id=provider_id(mail))
    # Only while it waits: the provider may have told already that it is delivered.
    # no history: mails have none
    row.filter(status=MessageStatus.QUEUED).update(status=MessageStatus.SENT, last_error="")
    logger.info("mail.sent", **named(message), attempts=message.attempts + 1)
    return True


def as_mail(message: Post) -> Any:
    """Return the mail, as any of django-anymail's or Django's backends sends it, with the personal link filled in."""
    link = personal_link(message.token) if message.token else settings.SITE_URL
    mail = AnymailMessage(
        subject=message.subject,
        body=message.text.replace(PERSONAL_LINK, link),
        to=[message.to],
        headers={"Message-ID": f"<{name_of(message)}>"},
        metadata={"mail": name_of(message)},
    )
    mail.attach_alternative(message.html.replace(PERSONAL_LINK, link), "text/html")
    if message.calendar:
        mail.attach(calendar_part(message.calendar))
    return mail


def name_of(message: Post) -> str:
    """Return the name that a mail goes by outside: unlike a number alone, it is no other installation's."""
    kind = SAMPLE if isinstance(message, SampleMail) else ""
    return f"{NAME}{kind}{message.pk}@{host()}"


def row_of(name: str) -> int | None:
    """Return the key of the mail that goes by a name; None for a name that this installation never gave."""
    key = name.removeprefix(NAME).removesuffix(f"@{host()}")
    return int(key) if key.isdecimal() and key.isascii() and name == f"{NAME}{key}@{host()}" else None


def host() -> str:
    """Return the host of the site's own address."""
    return str(settings.SITE_URL.split("/")[2].split(":")[0])


def provider_id(mail: Any) -> str:
    """Return the name by which a mail provider knows a mail that was just sent; nothing for a mail server."""
    found = getattr(mail.anymail_status, "message_id", None)
    return found[:200] if isinstance(found, str) else ""


def calendar_part(file: str) -> MIMEPart:
    """Return a calendar file as an attachment. Mail programs look for its method outside, too (RFC 6047)."""
    method = next(line.partition(":")[2] for line in file.splitlines() if line.startswith("METHOD:"))
    part = MIMEPart()
    part.set_content(file, subtype="calendar", cte="base64", disposition="attachment", filename="booking.ics")
    part.set_param("method", method)
    return part


def personal_link(token: ManagementToken) -> str:
    """Return the address that opens a guest's booking. It comes from `SITE_URL`, never from a Host header."""
    return f"{settings.SITE_URL}/booking/manage/{tokens.reveal(token)}/"


def postpone(message: Post, now: datetime, error: Exception) -> None:
    """Try again later: after 1, 2, 4 … minutes; give up after eight tries, or at a no that stays one."""
    attempts = message.attempts + 1
    final = attempts >= MAX_ATTEMPTS or is_hopeless(error)
    # Only while it waits: what a mail server says may name a guest who was erased meanwhile.
    # no history: mails have none
    row_behind(message).filter(status=MessageStatus.QUEUED).update(
        status=MessageStatus.FAILED if final else MessageStatus.QUEUED,
        next_at=now + timedelta(minutes=2 ** (attempts - 1)),
        last_error=f"{type(error).__name__}: {error}"[:500],
    )
    # What a mail server answers may quote the address, so only the kind of error is told.
    logger.warning("mail.failed", **named(message), attempts=attempts, final=final, error=type(error).__name__)


def is_hopeless(error: Exception) -> bool:
    """Whether a mail service refuses the address itself for good (5xx: RFC 5321, 4.2.1), so that waiting is idle."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, AnymailRecipientsRefused)
