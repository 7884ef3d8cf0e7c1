"""Mails to the hotel itself and to its staff, one function each, in the transaction of their cause.

They are in English, like the desk, and lead to the desk's page. No guest's link is ever in them.
"""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation

from bookings import mail_text, outbox
from bookings.models import Booking, Message, User
from payments import four_eyes, ledger
from payments.models import Dispute, Payment, PaymentStatus, RefundRequest
from payments.money import display


def needs_approval(booking: Booking) -> Message | None:
    """Tell the hotel that a request waits for its decision."""
    if not booking.hotel.notify_approvals:
        return None
    held = booking.payments.filter(status=PaymentStatus.AUTHORIZED).order_by("-pk").first()
    context = {
        "amount": display(held.amount_authorized, held.currency) if held else "",
        "ends": held and held.capture_before and booking.hotel.local(held.capture_before),
        "total": display(booking.total_amount, booking.currency),
    }
    subject = f"Please decide: a booking needs approval ({booking.booking_id})"
    return to_hotel(booking, "hotel_needs_approval", subject, {**context, "page": page_of(booking)})


def guest_cancelled(booking: Booking) -> Message | None:
    """Tell the hotel that a guest has cancelled, what is kept and what goes back."""
    if not booking.hotel.notify_cancellations:
        return None
    context = {
        "fee": display(booking.cancellation_fee or 0, booking.money_currency),
        "refund": display(booking.refund_amount or 0, booking.money_currency),
        "had_money": booking.paid_at is not None,
        "send_by": ledger.promised_by(booking),
        "page": page_of(booking),
    }
    return to_hotel(booking, "hotel_guest_cancelled", f"A guest has cancelled ({booking.booking_id})", context)


def dispute_opened(dispute: Dispute) -> Message | None:
    """Tell the hotel that a guest's bank wants a payment back, and until when it waits for an answer."""
    booking = dispute.payment.booking
    due = dispute.evidence_due_by
    context = {
        "amount": display(dispute.amount, dispute.currency),
        "reason": dispute.get_reason_display(),
        "due": due and booking.hotel.local(due),
        "is_inquiry": dispute.is_inquiry,
        "page": settings.SITE_URL + reverse("admin:payments_dispute_change", args=[dispute.pk]),
    }
    return to_hotel(booking, "dispute_opened", f"A guest's bank asks about a payment ({booking.booking_id})", context)


def dispute_closed(dispute: Dispute) -> Message | None:
    """Tell the hotel how a guest's bank has decided."""
    booking = dispute.payment.booking
    context = {
        "amount": display(dispute.amount, dispute.currency),
        "result": dispute.get_status_display(),
        "is_lost": dispute.is_lost,
        "page": settings.SITE_URL + reverse("admin:payments_dispute_change", args=[dispute.pk]),
    }
    return to_hotel(booking, "hotel_dispute_closed", f"A bank has decided ({booking.booking_id})", context)


def authorization_ends(payment: Payment) -> Message | None:
    """Tell the hotel that a request waits whose held money is lost within a day."""
    booking = payment.booking
    context = {
        "amount": display(payment.amount_authorized, payment.currency),
        "ends": payment.capture_before and booking.hotel.local(payment.capture_before),
        "page": page_of(booking),
    }
    subject = f"Please decide: a guest's money is held for less than a day ({booking.booking_id})"
    return to_hotel(booking, "authorization_ends", subject, context)


def refund_to_approve(wish: RefundRequest) -> list[Message]:
    """Tell everybody who may agree to a colleague's refund that it waits for one of them."""
    booking = wish.booking
    context = {
        "asked": four_eyes.asked_words(wish),
        "note": wish.note,
        "page": settings.SITE_URL + reverse("admin:payments_refundrequest_change", args=[wish.pk]),
    }
    subject = f"A refund waits for a second person ({booking.booking_id})"
    people = {person.email.casefold(): person.email for person in second_people(wish)}
    told = (to_hotel(booking, "hotel_refund_request", subject, context, to=address) for address in people.values())
    return [message for message in told if message]


def second_people(wish: RefundRequest) -> Iterable[User]:
    """Yield whoever works in the hotel, has the rights that a request needs, did not make it, and reads mails."""
    staff = User.objects.filter(is_active=True, is_staff=True).exclude(pk=wish.requested_by_id).exclude(email="")
    own = staff.filter(Q(is_superuser=True) | Q(hotels=wish.booking.hotel_id)).distinct().order_by("pk")
    return (person for person in own if four_eyes.has_rights(person, wish.kind))


def page_of(booking: Booking) -> str:
    """Return the address of the booking at the desk."""
    return settings.SITE_URL + reverse("admin:bookings_booking_change", args=[booking.pk])


def to_hotel(booking: Booking, kind: str, subject: str, context: dict[str, Any], *, to: str = "") -> Message | None:
    """Render and queue one mail to the hotel, or to one of its people; none where there is no address."""
    hotel = booking.hotel
    address = to or hotel.desk_email
    if not address:
        return None
    with translation.override(settings.LANGUAGE_CODE):
        said = {**context, "booking": booking, "hotel": hotel}
        mail = mail_text.written(booking, kind, lambda: said, link=context["page"])
        return outbox.queue_mail(
            booking,
            kind,
            subject=subject,
            text=mail.text,
            html=mail.html,
            token=None,
            to=address,
            is_fallback=mail.is_fallback,
        )
