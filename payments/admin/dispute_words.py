"""Disputes in a receptionist's words."""

from datetime import datetime

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bookings.admin.words import BAD, EMPTY, GOOD, INFO, QUIET, WAIT, moment, money, pill, until
from bookings.models import Booking
from payments.models import Dispute, DisputeStatus

D = DisputeStatus
KINDS: dict[str, str] = {
    D.NEEDS_RESPONSE: BAD,
    D.WARNING_NEEDS_RESPONSE: BAD,
    D.APPEAL_NEEDS_RESPONSE: BAD,
    D.UNDER_REVIEW: WAIT,
    D.WARNING_UNDER_REVIEW: WAIT,
    D.APPEAL_UNDER_REVIEW: WAIT,
    D.WON: GOOD,
    D.LOST: QUIET,
    D.WARNING_CLOSED: QUIET,
    D.PREVENTED: QUIET,
}


def booking_link(booking: Booking) -> SafeString:
    """Return the booking's reference, leading to its page."""
    page = reverse("admin:bookings_booking_change", args=[booking.pk])
    return format_html('<a class="desk-link" href="{}">{}</a>', page, booking)


def dispute_pill(dispute: Dispute) -> SafeString:
    """Return how far a dispute has come."""
    return pill(str(dispute.get_status_display()), KINDS.get(dispute.status, INFO))


def due(dispute: Dispute, now: datetime) -> str:
    """Return until when evidence is taken: "3 Mar 2026, 23:59 Dublin (in 3 days)"."""
    if dispute.evidence_due_by is None:
        return EMPTY
    by = moment(dispute.payment.booking.hotel, dispute.evidence_due_by)
    return f"{by} ({until(dispute.evidence_due_by, now)})" if dispute.needs_answer else by


def meaning(dispute: Dispute, now: datetime) -> str:
    """Return what a dispute means for the hotel, and what to do until when."""
    shown = money(dispute.amount, dispute.currency)
    if dispute.is_lost:
        return _(
            "The bank gave %(shown)s to the guest for good. What was owed of this payment is settled by that."
        ) % {"shown": shown}
    if not dispute.is_open:
        return _("This is closed, and the hotel has its money. The payment can be refunded again.")
    if dispute.is_inquiry:
        return _("The guest's bank asks about %(shown)s; no money has moved. %(answer)s") % {
            "shown": shown,
            "answer": answer(dispute, now),
        }
    held = _("The guest's bank has taken %(shown)s until it has decided, so the payment cannot be refunded.") % {
        "shown": shown
    }
    return f"{held} {answer(dispute, now)}"


def answer(dispute: Dispute, now: datetime) -> str:
    """Return what the hotel has to do."""
    if not dispute.needs_answer:
        return _("The answer is at the bank. There is nothing to do but to wait.")
    if dispute.evidence_due_by is None:
        return _("Answer at Stripe as soon as you can.")
    otherwise = _("the bank may take the money") if dispute.is_inquiry else _("the money is lost")
    return _("Answer at Stripe by %(due)s, or %(otherwise)s.") % {"due": due(dispute, now), "otherwise": otherwise}
