"""Send a mail once more: the very text that is on record, as a mail of its own, with a personal link that works.

What a mail said may no longer be true, so a text is sent again only while the booking stands as it stood then.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import structlog
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings import audit, emails, lifecycle, outbox
from bookings.lifecycle import Outcome
from bookings.models import Booking, BookingStatus, Message, MessageStatus
from bookings.refusals import Refused, describe_state, when
from cancellations import tokens
from cancellations.models import ManagementToken
from payments import ledger

logger = structlog.get_logger(__name__)

S = BookingStatus
# Two clicks, or two colleagues, send one mail.
PAUSE: Final = timedelta(minutes=1)
RESEND, RETRY, HANDLE = "resend_mail", "retry_mail", "handle_mail"
# What a mail may have told of a stay and no longer be true.
TOLD: Final = ("check_in", "check_out", "room_type_id", "total_amount", "hold_expires_at")
FRESH: Final = gettext_noop("Send a fresh link from the booking's page instead: it opens the booking as it is now.")


def resend(message: Message, *, reason: str, to: str = "") -> Outcome:
    """Queue a copy of a mail to its address, or to the booking's address of today (`to`); Refused with the reason."""
    if not reason.strip():
        raise Refused(_("Please give a reason; it is kept in the history."), code="ERR_VALIDATION")
    with transaction.atomic():
        booking, message = lock(message)
        if message.resent_as.filter(created_at__gt=timezone.now() - PAUSE).exists():
            return Outcome(booking, Outcome.ALREADY, _("This mail was sent again less than a minute ago."))
        refuse(why_not_resend(message))
        address = to or message.to
        if address not in addresses(message):
            raise Refused(_("This address is neither the mail's nor the booking's."), code="ERR_VALIDATION")
        copied = copy(message, to=address)
        handle(message)
        note(booking, RESEND, f"{message.subject}: {reason.strip()}")
        audit.once_committed(logger.info, "mail.resent", **outbox.named(copied), resent_from=message.pk)
    return Outcome(booking)


def retry(message: Message) -> Outcome:
    """Put a mail that did not leave back to be sent at once, its tries counted afresh."""
    with transaction.atomic():
        booking, message = lock(message)
        if message.status == MessageStatus.QUEUED and message.next_at <= timezone.now():
            return Outcome(booking, Outcome.ALREADY, _("This mail is about to leave."))
        refuse(why_not_retry(message))
        message.status, message.attempts, message.next_at = MessageStatus.QUEUED, 0, timezone.now()
        message.save(update_fields=["status", "attempts", "next_at"])
        note(booking, RETRY, message.subject)
    return Outcome(booking)


def mark_handled(message: Message, *, reason: str) -> Outcome:
    """Take a mail that did not arrive, or whose template is broken, off the worklist."""
    if not reason.strip():
        raise Refused(_("Please say what was done; it is kept in the history."), code="ERR_VALIDATION")
    with transaction.atomic():
        booking, message = lock(message)
        if message.handled_at is not None:
            return Outcome(booking, Outcome.ALREADY, _("Somebody has dealt with this mail already."))
        refuse(why_not_handle(message))
        handle(message)
        note(booking, HANDLE, f"{message.subject}: {reason.strip()}")
    return Outcome(booking)


def lock(message: Message) -> tuple[Booking, Message]:
    """Return booking and mail afresh, the booking locked."""
    booking = lifecycle.lock(message.booking)
    message = Message.objects.select_related("token").get(pk=message.pk)
    message.booking = booking
    return booking, message


def refuse(why: str) -> None:
    """Raise Refused with a reason, if there is one."""
    if why:
        raise Refused(why)


def handle(message: Message) -> None:
    """Note that somebody has dealt with a mail; its delivery may go on beside."""
    message.handled_at = message.handled_at or timezone.now()
    message.save(update_fields=["handled_at"])


def note(booking: Booking, transition: str, reason: str) -> None:
    """Write into the booking's history who did it and why."""
    lifecycle.save(booking, transition, reason)


def addresses(message: Message) -> list[str]:
    """Return where a mail may go: today's address first, the one of then unless its links were withdrawn."""
    booking = message.booking
    now = booking.guest_email if is_to_guest(message) else booking.hotel.desk_email
    then = [] if is_withdrawn(message) else [message.to]
    return list(dict.fromkeys(address for address in (now, *then) if address))


def is_to_guest(message: Message) -> bool:
    """Whether a mail went to the guest: only those have a personal link."""
    return message.token_id is not None


def is_withdrawn(message: Message) -> bool:
    """Whether somebody has made the mail's link useless: nobody at its old address gets another one."""
    return message.token is not None and message.token.revoked_at is not None


def copy(message: Message, *, to: str) -> Message:
    """Queue the mail's copy, with a link of its own."""
    return outbox.queue_mail(
        message.booking,
        message.kind,
        subject=message.subject,
        text=message.text,
        html=message.html,
        calendar=message.calendar,
        token=fresh_token(message),
        to=to,
        is_fallback=message.is_fallback,
        resent_from=message,
        resent_by_id=audit.current_user_id(),
        handled_at=timezone.now() if message.is_fallback else None,
    )


def fresh_token(message: Message) -> ManagementToken | None:
    """Return a new link where the mail had one; the old one stays as it is, expired or revoked."""
    if not is_to_guest(message):
        return None
    day_from_now = timezone.now() + timedelta(hours=emails.LINK_HOURS)
    ends = day_from_now if message.kind == "management_link" else emails.link_ends(message.booking)
    return tokens.issue(message.booking, expires_at=ends)


def why_not_resend(message: Message) -> str:
    """Return why a mail cannot be sent again; nothing when it can."""
    if message.status == MessageStatus.QUEUED:
        return _("This mail has not left yet. It leaves by itself, or with “Try again now”.")
    return why_gone(message) or why_outdated(message) or why_nowhere(message)


def why_not_retry(message: Message) -> str:
    """Return why a mail cannot be tried again; nothing when it can."""
    if message.status not in (MessageStatus.QUEUED, MessageStatus.FAILED):
        return _("This mail has left.")
    if is_leaving(message):
        return _("This mail may be leaving just now. Look again in a minute.")
    if message.token is not None and not tokens.is_valid(message.token, at=timezone.now()):
        return _("The personal link in this mail no longer works. Send the mail again instead: it gets a new one.")
    return why_gone(message) or why_outdated(message)


def is_leaving(message: Message) -> bool:
    """Whether a worker may have claimed a mail within the last minute: to put it back would send it twice."""
    wait = message.next_at - timezone.now()
    return message.status == MessageStatus.QUEUED and outbox.CLAIM - PAUSE < wait <= outbox.CLAIM


def why_not_handle(message: Message) -> str:
    """Return why there is nothing to deal with; nothing where there is."""
    return "" if message.is_unread or is_waiting_fallback(message) else _("There is nothing to deal with.")


def is_waiting_fallback(message: Message) -> bool:
    """Whether a broken template was noticed by this mail and nobody has dealt with it."""
    return message.is_fallback and message.handled_at is None


def why_gone(message: Message) -> str:
    """Return why nobody may be written to about this booking any more."""
    booking = message.booking
    if booking.is_erased:
        words = _("The guest's data was erased on %(when)s; nothing is left to send.")
        return words % {"when": when(booking.hotel, booking.guest_erased_at)}
    if booking.is_deleted:
        return _("This booking %(state)s. Its guest gets no more mails.") % {"state": describe_state(booking)}
    return ""


def why_nowhere(message: Message) -> str:
    """Return that nobody has an address, for a booking or a hotel without one."""
    return "" if addresses(message) else _("There is no address to send it to.")


def why_outdated(message: Message) -> str:
    """Return what has changed since a mail was written, so that it would mislead the guest."""
    if not is_to_guest(message):
        return ""
    booking, then = message.booking, as_it_was(message.booking, message.created_at)
    if then is not None and settled(then.status) != settled(booking.status):
        words = _("This mail tells of an earlier state: the booking %(state)s.") % {"state": describe_state(booking)}
        return f"{words} {_(FRESH)}"
    if then is not None and any(getattr(then, name) != getattr(booking, name) for name in TOLD):
        return f"{_('The stay was changed after this mail was written.')} {_(FRESH)}"
    if message.kind in emails.ASKING and not is_asked(booking):
        return f"{_('There is nothing to pay on this booking any more.')} {_(FRESH)}"
    return ""


def settled(status: str) -> str:
    """Return a status for comparison: a guest who has left may want the confirmation once more."""
    return S.CONFIRMED if status == S.COMPLETED else status


def as_it_was(booking: Booking, moment: datetime) -> Any:
    """Return the booking's record of a moment; None before the first."""
    return booking.history.filter(history_date__lte=moment).order_by("-history_id").first()


def is_asked(booking: Booking) -> bool:
    """Whether the guest can still pay what they are asked for."""
    due = ledger.due(booking)
    return due is not None and (due.until is None or due.until > timezone.now())
