"""Where a booking stands, in words for its guest. Names and reasons of staff never appear here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.models import ENDED, Booking, BookingStatus, Hotel, PaymentMethod
from bookings.refusals import Refused
from cancellations import wording
from cancellations.cancel import Quote
from payments import ledger
from payments.ledger import Balance
from payments.models import Refund, RefundStatus
from payments.money import display

S = BookingStatus


@dataclass(frozen=True)
class State:
    """A booking's state. `tone` is good, wait or ended, for the page's colour beside the words."""

    title: str
    sentence: str
    tone: str


def state(booking: Booking, balance: Balance) -> State:
    """Return where the booking stands, and what happens next."""
    if booking.status in ENDED:
        return ended(booking, balance)
    match booking.status:
        case S.PENDING_PAYMENT:
            return State(_("Waiting for your payment"), payment_due(booking), "wait")
        case S.PENDING_APPROVAL:
            return State(_("Waiting for the hotel’s answer"), answer_due(booking, balance), "wait")
        case S.CONFIRMED:
            return confirmed(booking)
    return State(_("Being prepared"), _("The hotel is still preparing this booking."), "wait")


def ended(booking: Booking, balance: Balance) -> State:
    """Return how the booking ended, and that no money was kept where that could be doubted."""
    hotel = {"hotel": booking.hotel.name}
    title, words = {
        S.COMPLETED: (_("Your stay is over"), _("Thank you for staying at %(hotel)s.") % hotel),
        S.DECLINED: (
            _("Declined by the hotel"),
            _("We are sorry: %(hotel)s could not take your booking.") % hotel,
        ),
        S.EXPIRED: (
            _("Expired"),
            _("It was not paid or confirmed in time, so the room is no longer kept for you."),
        ),
        S.NO_SHOW: (
            _("Recorded as not arrived"),
            _("The hotel noted that nobody arrived. If that is wrong, please get in touch with them."),
        ),
        S.CANCELLED: (_("Cancelled"), _("This booking is cancelled.")),
    }[S(booking.status)]
    if booking.status in (S.DECLINED, S.EXPIRED):
        words = f"{words} {nothing_kept(booking, balance)}".strip()
    return State(title, words, "ended")


def confirmed(booking: Booking) -> State:
    """Return that the room is booked, and what a changed stay still waits for."""
    due = ledger.due(booking)
    if due is None or due.until is None:
        return State(_("Confirmed"), _("Your room is booked. See you soon!"), "good")
    sentence = _("Please pay the difference of %(amount)s by %(until)s; otherwise the change is undone.")
    amount = display(due.price, booking.currency, booking.guest_language)
    return State(
        _("Confirmed, difference to pay"),
        sentence % {"amount": amount, "until": wording.moment(due.until, booking.hotel)},
        "wait",
    )


def payment_due(booking: Booking) -> str:
    """Return until when the room is kept for an unpaid booking."""
    if booking.hold_expires_at is None:
        return _("Please pay to keep your room.")
    until = wording.moment(booking.hold_expires_at, booking.hotel)
    return _("Your room is kept until %(until)s. Please pay by then.") % {"until": until}


def answer_due(booking: Booking, balance: Balance) -> str:
    """Return what a request waits for, and that nothing was charged yet."""
    words = _("%(hotel)s will confirm or decline your booking, and you will hear by email.") % {
        "hotel": booking.hotel.name
    }
    if not balance.authorized:
        return words
    held = display(balance.authorized, balance.currency, booking.guest_language)
    return words + " " + _("%(amount)s is held on your card; nothing has been charged.") % {"amount": held}


def nothing_kept(booking: Booking, balance: Balance) -> str:
    """Return that no money was taken, if that is so and could be doubted."""
    if booking.payment_method != PaymentMethod.ONLINE or balance.captured:
        return ""
    if booking.payment_authorized_at:
        return _("Nothing was charged; the amount held on your card is released.")
    return _("Nothing was charged.")


def why_not_cancel(booking: Booking, refusal: Refused) -> str:
    """Return why a guest cannot cancel this booking online."""
    if "contact_info" in refusal.extra:
        return refusal.message
    reasons = {
        S.DECLINED: _("The hotel declined this booking, so there is nothing left to cancel."),
        S.EXPIRED: _("This booking has expired, so there is nothing left to cancel."),
        S.COMPLETED: _("This stay is over, so it can no longer be cancelled."),
        S.NO_SHOW: _("The hotel noted that nobody arrived, so this booking can no longer be cancelled."),
        S.CANCELLED: _("This booking is cancelled already."),
    }
    return reasons.get(S(booking.status), _("This booking cannot be cancelled now."))


def why_not_pay(booking: Booking, refusal: Refused) -> str:
    """Return why a guest cannot pay for this booking online."""
    if booking.payment_method != PaymentMethod.ONLINE:
        return _("This booking is paid at the hotel.")
    if booking.status == S.PENDING_PAYMENT:
        return refusal.message
    reasons = {
        S.PENDING_APPROVAL: _("Your payment has arrived already. There is nothing more to pay."),
        S.CONFIRMED: _("Your payment has arrived already. There is nothing more to pay."),
        S.COMPLETED: _("This stay is over."),
        S.DECLINED: _("The hotel declined this booking, so there is nothing to pay."),
        S.CANCELLED: _("This booking is cancelled, so there is nothing to pay."),
        S.EXPIRED: _("This booking has expired: the room is no longer kept for you."),
    }
    return reasons.get(S(booking.status), _("There is nothing to pay online for this booking now."))


def by_hand(hotel: Hotel, offer: Quote) -> str:
    """Return that a refund does not go out by itself, before a guest cancels; nothing where it does."""
    if not (offer.refund and offer.by_hand_days):
        return ""
    words = ngettext(
        "This is not sent at once: %(hotel)s sends it to you by hand, within %(days)s day.",
        "This is not sent at once: %(hotel)s sends it to you by hand, within %(days)s days.",
        offer.by_hand_days,
    )
    return words % {"hotel": hotel.name, "days": offer.by_hand_days}


def promise(booking: Booking, refund: Refund | None) -> str:
    """Return by which day the hotel sends a refund by hand, or that it will not; nothing of any other refund."""
    if refund is None or refund.promised_by is None:
        return ""
    said = {
        "hotel": booking.hotel.name,
        "amount": display(refund.amount, refund.currency, booking.guest_language),
        "day": wording.day(refund.promised_by),
    }
    if refund.is_owed:
        return _("%(hotel)s will send %(amount)s to you by hand, by %(day)s. It has not been sent yet.") % said
    if refund.status == RefundStatus.CANCELED:
        return _("%(hotel)s has closed the refund of %(amount)s without sending it. Please get in touch.") % said
    return ""


def quote_notice(said: Mapping[str, Any] | None, new: Quote) -> str:
    """Return why a guest is asked again: what they saw has changed, or the page's promise of 15 minutes is over.

    `said` is what they were promised within that time.
    """
    nothing = _("Nothing has been cancelled yet.")
    if said is None:
        return _("This page was open for more than 15 minutes. Please check the amount once more.") + " " + nothing
    if (said["fee"], said["refund"]) == (new.fee, new.refund):
        return _("The hotel now sends refunds by hand, as you can read below.") + " " + nothing
    return _("The amount has changed since you opened this page. Nothing has been cancelled yet.")
