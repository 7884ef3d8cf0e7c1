"""What the mail provider tells of a mail that left: delivered, bounced, marked as spam.

News may come twice, late and in any order, so a mail only ever goes one way (`STAGE`). One counted update moves it:
two deliveries of the same news at the same moment change it once.
"""

from datetime import UTC, datetime
from typing import Any, Final

import structlog
from django.utils import timezone

from bookings import audit
from bookings.models import STAGE, Message, MessageStatus
from bookings.outbox import named, row_of

logger = structlog.get_logger(__name__)

S = MessageStatus
# As django-anymail names what all providers tell (anymail.dev/en/stable/sending/tracking/). That somebody opened a
# mail is nobody's business, and a mail that is deferred is still on its way.
NEWS: Final = {
    "delivered": S.DELIVERED,
    "bounced": S.BOUNCED,
    "rejected": S.BOUNCED,
    "failed": S.BOUNCED,
    "complained": S.COMPLAINED,
}
LONGEST: Final = 500


def record(event: Any) -> bool:
    """Record one piece of news, a tracking event of django-anymail; whether it changed a mail."""
    status = NEWS.get(event.event_type)
    if status is None:
        return False
    message = find(event)
    if message is None:
        logger.info("mail.unknown", news=str(status))
        return False
    with audit.within(message.request_id):
        return advance(message, status, event)


def find(event: Any) -> Message | None:
    """Return the mail that news are about: by the provider's name for it, or by the one that went along with it.

    The second is there when the provider was quicker than our own note of its name, or that note was lost.
    """
    rows = Message.objects.select_related("booking")
    known = plain(event.message_id)
    found = rows.filter(provider_id=known).first() if known else None
    if found is not None:
        return found
    metadata = event.metadata if isinstance(event.metadata, dict) else {}
    pk = row_of(plain(metadata.get("mail")))
    return rows.filter(pk=pk).first() if pk else None


def advance(message: Message, status: MessageStatus, event: Any) -> bool:
    """Bring a mail to where news say it is, unless it is there or further."""
    at = moment_of(event)
    values: dict[str, Any] = {"status": status}
    values |= {"delivered_at": at, "last_error": ""} if status == S.DELIVERED else {"bounced_at": at}
    earlier = [each for each in S if STAGE[each] < STAGE[status]]
    row = Message.objects.filter(pk=message.pk)
    if row.filter(status__in=earlier).update(**values) != 1:
        return False
    if status != S.DELIVERED:
        # A server's words may name a guest; the mail of an erased one has no address any more.
        row.exclude(to="").update(last_error=why(event))
    # What a server answers may quote the guest's address, so only the kind of refusal is told.
    tell(status, **named(message), reason=plain(event.reject_reason)[:40])
    return True


def tell(status: MessageStatus, **fields: Any) -> None:
    """Write the log line of what became of a mail."""
    if status == S.DELIVERED:
        logger.info("mail.delivered", **fields)
    elif status == S.BOUNCED:
        logger.warning("mail.bounced", **fields)
    else:
        logger.warning("mail.complained", **fields)


def moment_of(event: Any) -> datetime:
    """Return when it happened, by the provider's clock unless that is no time, or one to come (UTC)."""
    now, at = timezone.now(), event.timestamp
    if not isinstance(at, datetime) or at.tzinfo is None:
        return now
    return min(at.astimezone(UTC), now)


def why(event: Any) -> str:
    """Return what the provider says about a mail that nobody got, for staff."""
    said = [plain(event.reject_reason), plain(event.description), plain(event.mta_response)]
    return ": ".join(dict.fromkeys(part for part in said if part))[:LONGEST]


def plain(value: Any) -> str:
    """Return a text that any database can store; nothing for anything else."""
    return value.replace("\x00", "") if isinstance(value, str) else ""
