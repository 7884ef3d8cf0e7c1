"""Everything that is held about a guest, as one JSON document for the guest. docs/operations.md describes its shape.

Left out: who of the staff did what, and anything that opens a page. Texts are as they were typed; `<`, `>` and `&`
are escaped, so that no browser takes the file for a page.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation

from bookings import audit, lifecycle
from bookings.models import Booking, Message
from bookings.refusals import Refused
from cancellations.erasure import erased_words, known_guest, others_of
from cancellations.models import LinkRequest, ManagementToken
from payments import evidence
from payments.models import Dispute, Payment, Refund
from payments.money import plain

VERSION: Final = 1
ESCAPED: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}

type Json = dict[str, Any]


@translation.override(settings.LANGUAGE_CODE)  # a file for others, whatever the person reads
def export_guest(booking: Booking, *, user: Any) -> tuple[str, str]:
    """Return the file's name and text: a booking's guest, at all hotels that the person may see.

    Every booking in it keeps in its history that it was exported. Refused once the guest was erased.
    """
    with transaction.atomic():
        booking = lifecycle.lock(booking)
        if booking.is_erased:
            raise Refused(erased_words(booking))
        keys = [booking.pk, *others_of(booking, user).values_list("pk", flat=True)]
        rows = [lifecycle.lock(each) for each in Booking.objects.filter(pk__in=keys).order_by("pk")]
        told = document(rows, now=timezone.now())
        for row in rows:
            lifecycle.save(row, "export_guest")
    return f"guest-data-{booking.booking_id}.json", as_text(told)


def as_text(document: Json) -> str:
    """Return a document as JSON that no browser takes for a page."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    for letter, escaped in ESCAPED.items():
        text = text.replace(letter, escaped)
    return text + "\n"


def document(rows: list[Booking], *, now: datetime) -> Json:
    """Return what is told, the oldest booking first."""
    guests = [known_guest(row) for row in rows]
    return {
        "version": VERSION,
        "exported_at": now.isoformat(timespec="seconds"),
        "guest": {
            "names": sorted({name for guest in guests for name in guest.names}),
            "emails": sorted({address for guest in guests for address in guest.emails}),
            "phones": sorted({number for guest in guests for number in guest.phones}),
        },
        "bookings": [of_booking(row) for row in rows],
    }


def of_booking(booking: Booking) -> Json:
    """Return one booking with everything that hangs on it."""
    hotel = booking.hotel
    payments = booking.payments.order_by("attempt_number")
    return {
        "reference": booking.booking_id,
        "hotel": {"name": hotel.name, "address": hotel.address, "time_zone": hotel.time_zone},
        "status": str(booking.status),
        "is_deleted": booking.is_deleted,
        "booked_at": at(booking, booking.created_at),
        "guest": {
            "name": booking.guest_name,
            "email": booking.guest_email,
            "phone": booking.guest_phone,
            "language": booking.guest_language,
            "notes": booking.notes,
        },
        "stay": of_stay(booking),
        "price": money(booking.total_amount, booking.currency),
        "terms": booking.terms,
        "cancellation": of_cancellation(booking),
        "payments": [of_payment(booking, payment) for payment in payments],
        "history": of_history(booking),
        "mails": [of_mail(booking, mail) for mail in evidence.mails_to_guest(booking)],
        "links": [of_link(booking, link) for link in booking.management_tokens.order_by("pk")],
        "link_requests": [of_request(booking, each) for each in requests_of(booking)],
        "devices": of_devices(booking),
    }


def at(booking: Booking, moment: datetime | None) -> str | None:
    """Return a moment on the hotel's clock with its zone: "2026-03-03T14:05:09+00:00"."""
    return booking.hotel.local(moment).isoformat(timespec="seconds") if moment else None


def money(amount: int | None, currency: str) -> Json | None:
    """Return minor units as {"amount": "340.00", "currency": "EUR"}."""
    return None if amount is None else {"amount": plain(amount, currency), "currency": currency}


def of_stay(booking: Booking) -> Json:
    """Return when and where the guest stays."""
    return {
        "check_in": at(booking, booking.check_in_moment),
        "check_out": at(booking, booking.hotel.check_out_moment(booking.check_out)),
        "nights": booking.nights,
        "room_type": booking.room_type.name,
        "room": booking.room.number if booking.room else None,
    }


def of_cancellation(booking: Booking) -> Json | None:
    """Return when, by whom and at which price the stay was cancelled; None where it was not."""
    if booking.cancelled_at is None:
        return None
    return {
        "at": at(booking, booking.cancelled_at),
        "by": "guest" if booking.cancelled_by_client else "hotel",
        "reason": booking.cancellation_reason,
        "fee": money(booking.cancellation_fee, booking.money_currency),
        "refund": money(booking.refund_amount, booking.money_currency),
    }


def of_payment(booking: Booking, payment: Payment) -> Json:
    """Return one attempt to pay, what went back of it, and what the guest's bank wanted of it."""
    return {
        "attempt": payment.attempt_number,
        "provider": payment.provider,
        "status": str(payment.status),
        "begun_at": at(booking, payment.created_at),
        "asked": money(payment.amount, payment.currency),
        "authorized": money(payment.amount_authorized, payment.currency),
        "captured": money(payment.amount_captured, payment.currency),
        "refunded": money(payment.amount_refunded, payment.currency),
        "card": {"brand": payment.card_brand, "last4": payment.card_last4} if payment.card_last4 else None,
        "reference": payment.stripe_payment_intent_id,
        "refunds": [of_refund(booking, refund) for refund in payment.refunds.order_by("pk")],
        "disputes": [of_dispute(booking, dispute) for dispute in payment.disputes.order_by("pk")],
    }


def of_refund(booking: Booking, refund: Refund) -> Json:
    """Return one refund."""
    return {
        "at": at(booking, refund.created_at),
        "arrived_at": at(booking, refund.succeeded_at),
        "status": refund.status,
        "amount": money(refund.amount, refund.currency),
        "note": refund.note,
        "reference": refund.reference or refund.stripe_refund_id,
    }


def of_dispute(booking: Booking, dispute: Dispute) -> Json:
    """Return one dispute."""
    return {
        "opened_at": at(booking, dispute.opened_at),
        "closed_at": at(booking, dispute.closed_at),
        "reason": str(dispute.get_reason_display()),
        "status": str(dispute.get_status_display()),
        "amount": money(dispute.amount, dispute.currency),
    }


def of_history(booking: Booking) -> list[Json]:
    """Return what happened, in words."""
    return [
        {
            "at": at(booking, row.history_date),
            "who": evidence.WHO[audit.ActorKind(row.actor_kind)],
            "what": f"{row.instance_type._meta.verbose_name}: {evidence.in_words(row.transition)}",
            "why": evidence.blotted(row.history_change_reason or ""),
        }
        for row in evidence.recorded(booking)
    ]


def of_mail(booking: Booking, mail: Message) -> Json:
    """Return one mail to the guest, its personal link blotted out."""
    return {
        "written_at": at(booking, mail.created_at),
        "sent_at": at(booking, mail.sent_at),
        "status": mail.status,
        "to": mail.to,
        "subject": mail.subject,
        "text": evidence.blotted(mail.text),
    }


def of_link(booking: Booking, link: ManagementToken) -> Json:
    """Return what one link was used for, and from where; the link itself is known to nobody."""
    return {
        "issued_at": at(booking, link.created_at),
        "expires_at": at(booking, link.expires_at),
        "revoked_at": at(booking, link.revoked_at),
        "used_at": at(booking, link.used_at),
        "used_for": link.last_action,
        "ip": link.ip,
        "user_agent": link.user_agent,
    }


def requests_of(booking: Booking) -> Iterable[LinkRequest]:
    """Return who asked for a link to the booking with this guest's contact."""
    guest = known_guest(booking)
    asked = LinkRequest.objects.filter(reference=booking.booking_id).order_by("pk")
    return [each for each in asked if guest.is_contact(each.contact)]


def of_request(booking: Booking, request: LinkRequest) -> Json:
    """Return one request for a link."""
    return {
        "at": at(booking, request.created_at),
        "contact": request.contact,
        "ip": request.ip,
        "user_agent": request.user_agent,
    }


def of_devices(booking: Booking) -> list[Json]:
    """Return what the guest did by themselves, from which address and with which browser."""
    return [
        {"at": at(booking, moment), "what": what, "ip": ip, "user_agent": browser}
        for moment, what, ip, browser in evidence.steps_of_guest(booking)
    ]
