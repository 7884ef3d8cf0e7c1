"""What a mail's page shows around its facts: the mail as it was read, its files, and its copies."""

from base64 import b64encode
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bookings.admin.staff_actions import StaffAction
from bookings.admin.words import mail_pill, moment, name_of
from bookings.models import Message
from bookings.outbox import PERSONAL_LINK

# Nothing in a preview leads anywhere: the mail is shown, not used.
NOWHERE = "#"


def page_context(message: Message, *, impossible: list[tuple[StaffAction, str]]) -> dict[str, Any]:
    """Return everything that the page's template draws."""
    return {
        "title": message.subject,
        "messages_tab": f"{reverse('admin:bookings_booking_change', args=[message.booking_id])}?tab=messages",
        "impossible": impossible,
        "warning": warning(message),
        "preview": message.html.replace(PERSONAL_LINK, NOWHERE),
        "body": message.text.replace(PERSONAL_LINK, _("[personal link]")),
        "calendar": b64encode(message.calendar.encode()).decode() if message.calendar else "",
        "copies": [copy_row(each) for each in message.resent_as.select_related("booking__hotel", "resent_by")],
        "source": copy_row(message.resent_from) if message.resent_from else None,
        "resent_by": name_of(message.resent_by) if message.resent_by else "",
    }


def warning(message: Message) -> str:
    """Return what somebody should do something about; nothing when nobody has to."""
    if message.is_unread and message.to:
        return _("This mail did not arrive. Ask for the right address, correct it on the booking and send it again.")
    if message.is_fallback and message.handled_at is None:
        return _("This mail’s template is broken, so the guest got the bare facts. Mend the template.")
    return ""


def copy_row(message: Message) -> dict[str, Any]:
    """Return another mail with the same text as a link."""
    return {
        "link": reverse("admin:bookings_message_change", args=[message.pk]),
        "to": message.to,
        "state": mail_pill(message),
        "at": moment(message.booking.hotel, message.created_at),
        "by": name_of(message.resent_by) if message.resent_by else "",
    }
