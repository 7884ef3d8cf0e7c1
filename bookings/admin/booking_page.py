"""What the booking's page shows around its form."""

from typing import Any

from django.urls import reverse

from bookings.admin import booking_records as records
from bookings.admin import words
from bookings.admin.agreed import agreed_terms
from bookings.admin.facts import Facts
from bookings.admin.money_box import money_lines
from bookings.admin.staff_actions import StaffAction
from cancellations.erasure import erased_words
from payments import four_eyes
from payments.models import Dispute, PaymentOperation, RefundRequest


def page_context(facts: Facts, *, impossible: list[tuple[StaffAction, str]]) -> dict[str, Any]:
    """Return everything that the page's template draws."""
    booking = facts.booking
    mails = list(booking.messages.all())
    payments = list(booking.payments.prefetch_related("refunds__operation").order_by("-attempt_number"))
    disputes = list(Dispute.objects.filter(payment__booking=booking).select_related("payment__booking__hotel"))
    return {
        "facts": facts,
        "booking": booking,
        "status": words.status_pill(booking),
        "payment_state": words.payment_pill(booking, facts.payment or (payments[0] if payments else None)),
        "stay": f"{words.dates(booking)}, {words.nights(booking)} · {words.place(booking)}",
        "guest_view": reverse("admin:bookings_booking_guest_view", args=[booking.pk]),
        "erased": erased_words(booking) if booking.is_erased else "",
        "impossible": impossible,
        "money_lines": money_lines(facts, payments),
        "waiting": operation_words(facts.waiting) if facts.waiting else "",
        "failed": failed_words(facts.failed) if facts.failed else "",
        "wish": wish_banner(facts.wish) if facts.wish else None,
        "story": records.story(booking),
        "payments": [records.payment_row(booking, payment) for payment in payments],
        "refunds": [records.refund_row(booking, each) for payment in payments for each in payment.refunds.all()],
        "disputes": [records.dispute_row(each, facts.now) for each in disputes],
        "alarms": [records.dispute_alarm(each, facts.now) for each in disputes if each.is_open],
        "mails": [records.mail_row(booking, mail) for mail in mails],
        "lost_mails": [records.mail_alarm(booking, mail) for mail in mails if mail.is_unread and mail.to],
        "terms": agreed_terms(booking) if booking.terms else None,
    }


def operation_words(operation: PaymentOperation) -> str:
    """Return what Stripe was asked: "capture of €340.00"."""
    kind = str(operation.get_kind_display()).lower()
    return f"{kind} of {words.money(operation.amount, operation.currency)}" if operation.amount else kind


def wish_banner(wish: RefundRequest) -> dict[str, str]:
    """Return who asked for what, and where it is decided."""
    page = reverse("admin:payments_refundrequest_change", args=[wish.pk])
    return {"words": four_eyes.asked_words(wish), "link": page}


def failed_words(operation: PaymentOperation) -> str:
    """Return what Stripe refused last, and why."""
    return f"The last {operation_words(operation)} did not happen. {operation.error_message}"
