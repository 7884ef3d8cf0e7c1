"""The records below a booking's form, put into words: what happened, payments, refunds, mails, terms."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from bookings.admin import words
from bookings.models import Booking, BookingStatus, Message
from bookings.outbox import PERSONAL_LINK
from payments.admin import dispute_words
from payments.admin.stripe_link import open_in_stripe
from payments.models import Dispute, Payment, PaymentPurpose, Refund


def payment_row(booking: Booking, payment: Payment) -> dict[str, Any]:
    """Return one attempt as the table shows it."""
    return {
        "number": payment.attempt_number,
        "purpose": "" if payment.purpose == PaymentPurpose.STAY else payment.get_purpose_display(),
        "link": reverse("admin:payments_payment_change", args=[payment.pk]),
        "state": words.payment_pill(booking, payment),
        "failure": payment.failure_message,
        "conversion": words.conversion(payment),
        "captured": words.money(payment.amount_captured, payment.currency),
        "captured_at": words.moment(booking.hotel, payment.captured_at) if payment.captured_at else "",
        "refunded": words.money(payment.amount_refunded, payment.currency),
        "paid_with": words.card(payment) or payment.note or words.EMPTY,
        "intent": payment.stripe_payment_intent_id,
        "at_stripe": open_in_stripe(payment.stripe_payment_intent_id),
    }


def refund_row(booking: Booking, refund: Refund) -> dict[str, Any]:
    """Return one refund as the table shows it."""
    return {
        "amount": words.money(refund.amount, refund.currency),
        "link": reverse("admin:payments_refund_change", args=[refund.pk]),
        "state": words.refund_pill(refund),
        "failure": refund.failure_reason,
        "made": words.moment(booking.hotel, refund.created_at),
        "reason": words.refund_reason(refund),
        "reference": refund.reference or refund.stripe_refund_id or words.EMPTY,
    }


def dispute_row(dispute: Dispute, now: datetime) -> dict[str, Any]:
    """Return one dispute as the table shows it."""
    return {
        "amount": words.money(dispute.amount, dispute.currency),
        "link": reverse("admin:payments_dispute_change", args=[dispute.pk]),
        "state": dispute_words.dispute_pill(dispute),
        "reason": dispute.get_reason_display(),
        "due": dispute_words.due(dispute, now),
        "opened": words.moment(dispute.payment.booking.hotel, dispute.opened_at),
    }


def dispute_alarm(dispute: Dispute, now: datetime) -> dict[str, Any]:
    """Return what an open dispute means, and where it is answered."""
    return {
        "meaning": dispute_words.meaning(dispute, now),
        "link": reverse("admin:payments_dispute_change", args=[dispute.pk]),
        "at_stripe": open_in_stripe(dispute.payment.stripe_payment_intent_id),
    }


def other_row(booking: Booking) -> dict[str, Any]:
    """Return another booking of the same guest as the table shows it."""
    return {
        "reference": booking.booking_id,
        "link": reverse("admin:bookings_booking_change", args=[booking.pk]),
        "stay": words.dates(booking),
        "hotel": booking.hotel,
        "state": words.status_pill(booking),
        "total": words.money(booking.total_amount, booking.currency),
    }


def mail_row(booking: Booking, mail: Message) -> dict[str, Any]:
    """Return one mail as the table shows it."""
    return {
        "subject": mail.subject,
        "link": reverse("admin:bookings_message_change", args=[mail.pk]),
        "to": mail.to,
        "state": words.mail_pill(mail),
        "at": words.moment(booking.hotel, mail.created_at),
        "text": mail.text.replace(PERSONAL_LINK, _("[personal link]")),
        "trouble": mail.last_error,
    }


def mail_alarm(booking: Booking, mail: Message) -> dict[str, Any]:
    """Return that a mail did not arrive, and where something is done about it."""
    values = {"subject": mail.subject, "to": mail.to, "at": words.moment(booking.hotel, mail.created_at)}
    return {
        "words": _("The mail “%(subject)s” to %(to)s of %(at)s did not arrive.") % values,
        "link": reverse("admin:bookings_message_change", args=[mail.pk]),
    }


def story(booking: Booking) -> list[tuple[str, str]]:
    """Return when, by whom and why the booking came to where it is, in hotel-local time."""
    waits = booking.status == BookingStatus.PENDING_PAYMENT
    cancelled_by = _("the guest") if booking.cancelled_by_client else booking.cancelled_by
    told = [
        happened(booking, _("Created"), booking.created_at),
        happened(booking, _("Room held until"), booking.hold_expires_at if waits else None),
        happened(booking, _("Authorized"), booking.payment_authorized_at),
        happened(booking, _("Decided"), booking.decision_made_at, booking.decision_made_by, booking.decision_reason),
        happened(booking, _("Paid"), booking.paid_at),
        happened(booking, _("Cancelled"), booking.cancelled_at, cancelled_by, booking.cancellation_reason),
        happened(booking, _("Deleted"), booking.deleted_at, booking.deleted_by, booking.deletion_reason),
    ]
    return [(name, text) for name, text in told if text]


def happened(booking: Booking, name: str, at: Any, person: Any = None, reason: str = "") -> tuple[str, str]:
    """Return "3 Mar 2026, 14:05 Dublin by Nora Byrne: no room", or nothing for what did not happen."""
    if at is None:
        return name, ""
    said = words.moment(booking.hotel, at)
    if person:
        said = _("%(at)s by %(who)s") % {"at": said, "who": words.name_of(person)}
    return name, f"{said}. {reason}" if reason else said
