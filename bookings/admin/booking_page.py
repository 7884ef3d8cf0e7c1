"""What the booking's page shows around its form."""

from typing import Any

from bookings.admin import booking_records as records
from bookings.admin import words
from bookings.admin.agreed import agreed_terms
from bookings.admin.facts import Facts
from bookings.admin.staff_actions import StaffAction
from bookings.models import BookingStatus as S
from payments.models import PaymentOperation


def page_context(facts: Facts, *, impossible: list[tuple[StaffAction, str]]) -> dict[str, Any]:
    """Return everything that the page's template draws."""
    booking = facts.booking
    payments = list(booking.payments.prefetch_related("refunds__operation").order_by("-attempt_number"))
    return {
        "facts": facts,
        "booking": booking,
        "status": words.status_pill(booking),
        "payment_state": words.payment_pill(booking, payments[0] if payments else None),
        "stay": f"{words.dates(booking)}, {words.nights(booking)} · {words.place(booking)}",
        "impossible": impossible,
        "money_lines": money_lines(facts),
        "waiting": operation_words(facts.waiting) if facts.waiting else "",
        "failed": failed_words(facts.failed) if facts.failed else "",
        "story": records.story(booking),
        "payments": [records.payment_row(booking, payment) for payment in payments],
        "refunds": [records.refund_row(booking, each) for payment in payments for each in payment.refunds.all()],
        "mails": [records.mail_row(booking, mail) for mail in booking.messages.all()],
        "terms": agreed_terms(booking) if booking.terms else None,
    }


def money_lines(facts: Facts) -> list[tuple[str, str, str]]:
    """Return the money box: name, amount, and a word that styles it."""
    balance, booking, shown = facts.balance, facts.booking, facts.shown
    lines = [("Total", words.money(booking.total_amount, booking.currency), "")]
    lines += [("Authorized", shown(balance.authorized), ""), ("Captured", shown(balance.captured), "")]
    due = booking.total_amount - balance.captured - balance.authorized
    if due > 0 and booking.status in (S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED):
        lines.append(("Still to pay", shown(due), ""))
    if booking.cancellation_fee is not None:
        lines.append(("Fee", shown(booking.cancellation_fee), ""))
    lines.append(("Refunded", shown(balance.refunded), ""))
    if balance.refunding:
        lines.append(("On its way back", shown(balance.refunding), "desk-wait"))
    lines.append(("Hotel keeps", shown(balance.net - balance.refunding), "desk-net"))
    return lines


def operation_words(operation: PaymentOperation) -> str:
    """Return what Stripe was asked: "capture of €340.00"."""
    kind = str(operation.get_kind_display()).lower()
    return f"{kind} of {words.money(operation.amount, operation.currency)}" if operation.amount else kind


def failed_words(operation: PaymentOperation) -> str:
    """Return what Stripe refused last, and why."""
    return f"The last {operation_words(operation)} did not happen. {operation.error_message}"
