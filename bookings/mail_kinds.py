"""What each mail to a guest begins and ends with, and which placeholders those words may have.

Between the two stand the facts (what is charged, kept, returned, until when, the button). They belong to the
templates: a hotel that writes its own words cannot say anything wrong about money.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# What every mail knows. The order is that of the list which people read.
COMMON: Final = (
    *("guest_name", "hotel", "booking_id", "check_in", "check_in_time", "check_out", "check_out_time"),
    *("nights", "room", "total", "city", "phone", "email"),
)
GREETING: Final = gettext_noop("Dear {guest_name},")


@dataclass(frozen=True, kw_only=True)
class MailKind:
    """The default words of one mail: English, one entry for each paragraph. `more` are placeholders of its own.

    The subject is the same at every hotel; `%s` is the booking's reference.
    """

    subject: str
    opening: tuple[str, ...] = ()
    closing: tuple[str, ...] = ()
    more: tuple[str, ...] = ()

    @property
    def placeholders(self) -> tuple[str, ...]:
        """Every placeholder that the hotel's words may have here."""
        return (*COMMON, *self.more)

    def subject_of(self, reference: str) -> str:
        """Return the subject, in the active language where it has one; some are English in every language."""
        return _(self.subject) % reference

    def default_opening(self) -> str:
        """Return what the mail begins with, in the active language."""
        return "\n\n".join(_(each) for each in (GREETING, *self.opening))

    def default_closing(self) -> str:
        """Return what follows the facts, in the active language; often nothing."""
        return "\n\n".join(_(each) for each in self.closing)


KINDS: Final[dict[str, MailKind]] = {
    "pay_link": MailKind(
        subject=gettext_noop("Please pay for your booking (%s)"),
        opening=(gettext_noop("We are keeping a room for you at {hotel}. The price is {total}."),),
        more=("pay_by",),
    ),
    "authorized": MailKind(subject="Payment authorized — awaiting hotel confirmation (%s)"),
    "approved": MailKind(
        subject="Booking Confirmed - %s",
        opening=(
            gettext_noop("We look forward to seeing you at {hotel} on {check_in}, from {check_in_time} ({city})."),
        ),
        more=("cancel_by",),
    ),
    "declined": MailKind(
        subject="Booking Update - %s",
        opening=(gettext_noop("We are sorry: {hotel} cannot take your booking."),),
        closing=(gettext_noop("If you would like other dates or another room, please contact us."),),
    ),
    "cancelled_by_guest": MailKind(
        subject="Booking Cancelled - %s",
        opening=(gettext_noop("As you asked, we have cancelled your booking."),),
        closing=(gettext_noop("We hope to welcome you at {hotel} another time."),),
        more=("fee", "refund"),
    ),
    "cancelled_by_hotel": MailKind(
        subject="Booking Cancelled - %s",
        opening=(gettext_noop("{hotel} has cancelled your booking."),),
        closing=(gettext_noop("If you have a question, or would like another room, please contact us."),),
        more=("fee", "refund"),
    ),
    "no_show": MailKind(
        subject=gettext_noop("You did not arrive (%s)"),
        opening=(gettext_noop("We expected you, but {hotel} noted that nobody arrived, so your booking is closed."),),
        more=("fee", "refund"),
    ),
    "expired": MailKind(
        subject=gettext_noop("Your booking has expired (%s)"),
        opening=(
            gettext_noop(
                "Your booking at {hotel} was not paid or confirmed in time, so the room is no longer kept for you."
            ),
        ),
        closing=(gettext_noop("If you would still like to come, please contact us."),),
    ),
    "rescheduled": MailKind(
        subject=gettext_noop("Your booking has changed (%s)"),
        opening=(gettext_noop("{hotel} has changed your booking. Your new stay is below."),),
        closing=(gettext_noop("If you did not ask for this, or have a question, please contact us."),),
    ),
    "difference_due": MailKind(
        subject=gettext_noop("Please pay the difference for your booking (%s)"), more=("difference", "pay_by")
    ),
    "difference_paid": MailKind(subject=gettext_noop("Your changed booking is paid (%s)"), more=("difference",)),
    "move_undone": MailKind(
        subject=gettext_noop("Your booking is as it was before (%s)"),
        closing=(gettext_noop("If you still want to change your stay, please contact us."),),
    ),
    "refund_sent": MailKind(subject=gettext_noop("Your refund (%s)"), more=("refund",)),
    "refund_failed": MailKind(subject=gettext_noop("Your refund could not be delivered (%s)"), more=("refund",)),
    "refund_paid_out": MailKind(
        subject=gettext_noop("Your refund (%s)"),
        closing=(gettext_noop("If it does not reach you, please contact the hotel."),),
        more=("refund",),
    ),
    "management_link": MailKind(subject=gettext_noop("Manage your booking (%s)")),
    "fresh_link": MailKind(subject=gettext_noop("Your new link (%s)")),
}
# Where the amount of a placeholder comes from, in the mails about one refund.
AMOUNTS: Final = {
    "refund_sent": "refund_sent",
    "refund_failed": "refund_failed",
    "refund_paid_out": "refund_paid_out",
}
