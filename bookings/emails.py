"""One function per message. Each renders its two templates in the guest's language and queues the mail."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone, translation
from django.utils.translation import gettext as _

from bookings import calendar_file, mail_text, outbox, own_words, spoken
from bookings.mail_kinds import KINDS
from bookings.models import Booking, BookingStatus, Message, PaymentMethod
from bookings.stay import Moved, Stay
from cancellations import calculator, tokens, wording
from cancellations.models import ManagementToken
from payments import ledger
from payments.money import display

LINK_HOURS = 24
# The kinds that carry a link to pay.
ASKING = ("pay_link", "difference_due", "payment_failed")


def moved_event(booking: Booking, *, now: datetime) -> str:
    """Return a changed stay for the guest's calendar, where the one before it may be; nothing before it is agreed."""
    return calendar_file.invitation(booking, now=now) if booking.status == BookingStatus.CONFIRMED else ""


# What some mails put into the guest's calendar, or take out of it.
CALENDARS: Final[dict[str, Callable[..., str]]] = {
    "approved": calendar_file.invitation,
    "rescheduled": moved_event,
    "move_undone": moved_event,
    "cancelled_by_guest": calendar_file.withdrawal,
    "cancelled_by_hotel": calendar_file.withdrawal,
}

# Minor units, and the currency that they are of.
type Money = tuple[int, str]


def pay_link(booking: Booking) -> Message | None:
    """Ask the guest to pay before the hold ends."""
    return to_guest(booking, "pay_link")


def payment_failed(booking: Booking) -> Message | None:
    """Tell the guest that a payment came to nothing after they had left its page, and where to try again."""
    due = ledger.due(booking)
    return to_guest(
        booking,
        "payment_failed",
        lambda: _("Your payment did not go through (%s)") % booking.booking_id,
        said={"until": due and due.until and booking.hotel.local(due.until)},
        to_pay=(due.price if due else booking.total_amount, booking.currency),
    )


def authorized(booking: Booking) -> Message | None:
    """Tell the guest that the money is held and the hotel decides next."""
    return to_guest(booking, "authorized")


def approved(booking: Booking) -> Message | None:
    """Confirm the stay."""
    return to_guest(booking, "approved")


def declined(booking: Booking) -> Message | None:
    """Tell the guest that the hotel cannot take them, and that nothing was charged."""
    return to_guest(booking, "declined")


def cancelled(booking: Booking) -> Message | None:
    """Confirm a cancellation; guests who cancelled and guests who were cancelled read different texts."""
    if not booking.hotel.send_cancellation_emails:
        return None
    kind = "cancelled_by_guest" if booking.cancelled_by_client else "cancelled_by_hotel"
    return to_guest(booking, kind)


def no_show(booking: Booking) -> Message | None:
    """Tell the guest that nobody was seen to arrive, what is kept and what comes back."""
    if booking.payment_method != PaymentMethod.ARRIVAL or booking.paid_at or not booking.terms:
        return to_guest(booking, "no_show")
    terms, check_in = booking.terms, booking.check_in
    named = calculator.calculate_no_show(terms, check_in=check_in, captured=0, refunded=0).policy_fee
    return to_guest(booking, "no_show", uncollected=(named, booking.currency))


def rescheduled(booking: Booking, moved: Moved, *, due_at: datetime | None = None) -> Message | None:
    """Tell the guest about their new stay, what it costs, and what becomes of the money."""
    return to_guest(
        booking,
        "rescheduled",
        said={"move": moved.move, "due_at": due_at},
        before=(moved.before, booking.currency),
        moved=(moved.amount, moved.currency),
    )


def difference_due(booking: Booking, *, amount: int, due_at: datetime | None) -> Message | None:
    """Ask the guest once more to pay what a changed stay costs more, in minor units."""
    return to_guest(
        booking,
        "difference_due",
        said={"due_at": due_at},
        difference=(amount, booking.currency),
    )


def move_undone(booking: Booking, undone: Stay) -> Message | None:
    """Tell the guest that an unpaid change is off, and that the stay is as it was before."""
    return to_guest(
        booking,
        "move_undone",
        said={"undone": undone},
    )


def difference_paid(booking: Booking, *, amount: int, currency: str) -> Message | None:
    """Confirm the changed stay: what it costs more is paid, in minor units."""
    return to_guest(
        booking,
        "difference_paid",
        difference=(amount, currency),
    )


def expired(booking: Booking) -> Message | None:
    """Tell the guest that the room is no longer held."""
    return to_guest(booking, "expired")


def refund_sent(booking: Booking, *, amount: int, currency: str) -> Message | None:
    """Tell the guest about a refund that staff made, in minor units."""
    return to_guest(
        booking,
        "refund_sent",
        refund_sent=(amount, currency),
    )


def refund_failed(booking: Booking, *, amount: int, currency: str) -> Message | None:
    """Tell the guest honestly that a refund came back; minor units. The hotel still owes it."""
    return to_guest(
        booking,
        "refund_failed",
        refund_failed=(amount, currency),
    )


def refund_paid_out(booking: Booking, *, amount: int, currency: str) -> Message | None:
    """Tell the guest that the hotel has paid a refund out itself, in minor units."""
    return to_guest(
        booking,
        "refund_paid_out",
        refund_paid_out=(amount, currency),
    )


def management_link(booking: Booking) -> Message | None:
    """Send the link that somebody who knows the booking's contact asked for; valid for a day."""
    expires_at = timezone.now() + timedelta(hours=LINK_HOURS)
    return to_guest(
        booking,
        "management_link",
        token=tokens.issue(booking, expires_at=expires_at),
    )


def fresh_link(booking: Booking) -> Message | None:
    """Send the link that replaces all earlier ones."""
    return to_guest(booking, "fresh_link")


def to_guest(
    booking: Booking,
    kind: str,
    subject: Callable[[], str] | None = None,
    *,
    token: ManagementToken | None = None,
    said: Mapping[str, Any] | None = None,
    **extra: Money,
) -> Message | None:
    """Render and queue one mail; none to a guest who was erased.

    `subject` is called in the guest's language, in place of the kind's own; `extra` amounts are written in it.
    """
    if booking.is_erased:
        return None
    subject = subject or (lambda: KINDS[kind].subject_of(booking.booking_id))
    token = token or tokens.issue(booking, expires_at=link_ends(booking))
    with translation.override(spoken.text_language(booking.guest_language)):
        mail = mail_text.written(
            booking, kind, lambda: said_by(booking, kind, extra, said), link=outbox.PERSONAL_LINK
        )
        return outbox.queue_mail(
            booking,
            kind,
            subject=mail_text.unbroken(booking, kind, subject) or f"{booking.hotel} - {booking.booking_id}",
            text=mail.text,
            html=mail.html,
            token=token,
            calendar=mail_text.unbroken(booking, kind, lambda: calendar_of(booking, kind)) or "",
            is_fallback=mail.is_fallback,
        )


def said_by(booking: Booking, kind: str, extra: dict[str, Money], said: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what a kind of mail's templates are given, the hotel's own words included."""
    context = {**words(booking, extra), **(said or {})}
    return context | own_words.around(kind, context)


def calendar_of(booking: Booking, kind: str) -> str:
    """Return the stay as a file for the guest's calendar, where a kind of mail has one."""
    return CALENDARS[kind](booking, now=timezone.now()) if kind in CALENDARS else ""


def link_ends(booking: Booking) -> datetime:
    """Return when a mail's link stops working: at check-out, but never before a day has passed."""
    end_of_stay = booking.hotel.check_out_moment(booking.check_out)
    return max(end_of_stay, timezone.now() + timedelta(hours=LINK_HOURS))


def words(booking: Booking, extra: dict[str, Money]) -> dict[str, Any]:
    """Return what the templates say: the booking, its hotel, and amounts as the guest reads them."""
    hotel = booking.hotel
    payment = ledger.payment_behind(booking)

    def shown(amount: int | None, currency: str) -> str:
        return display(amount or 0, currency, booking.guest_language)

    total = shown(booking.total_amount, booking.currency)
    return {
        "booking": booking,
        "hotel": hotel,
        "link": outbox.PERSONAL_LINK,
        "total": total,
        "charged": shown(ledger.amount_of(payment), payment.currency) if payment else total,
        "conversion": wording.conversion(payment) if payment else "",
        "reason": wording.reason(booking.cancellation_reason),
        "fee": shown(booking.cancellation_fee, booking.money_currency),
        "refund": shown(booking.refund_amount, booking.money_currency),
        "has_refund": bool(booking.refund_amount),
        "paid_online": booking.payment_method == PaymentMethod.ONLINE,
        "was_charged": booking.paid_at is not None,
        "was_held": booking.payment_authorized_at is not None and booking.paid_at is None,
        "bank_decides": ledger.is_bank_deciding(booking),
        "send_by": ledger.promised_by(booking),
        "hold_expires_at": booking.hold_expires_at and hotel.local(booking.hold_expires_at),
        "check_in_moment": hotel.check_in_moment(booking.check_in),
        "check_out_moment": hotel.check_out_moment(booking.check_out),
        "deadline": calculator.deadline(booking.terms, booking.check_in) if booking.terms else None,
        **{name: shown(*amount) for name, amount in extra.items()},
    }
