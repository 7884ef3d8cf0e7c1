"""What is on record about a disputed payment, as one archive that a hotel can send to the guest's bank.

The same data gives the same bytes. Left out on purpose: the guest's personal links, anything that opens a page or
moves money, the hotel's inner notes, and the names and addresses of its staff.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.utils import translation

from bookings import audit, lifecycle
from bookings.audit import ActorKind
from bookings.models import Booking, Message
from bookings.outbox import PERSONAL_LINK
from cancellations import calculator
from payments import evidence_files
from payments.evidence_files import Section, moment
from payments.ledger import amount_of
from payments.models import Dispute, OperationKind, Payment, PaymentOperation
from payments.money import plain

HIDDEN: Final = "[personal link]"
# However a link came into a text: its address, or its key alone.
LINK: Final = re.compile(r"\S*/booking/manage/\S*|\bikg_[\w-]+")
WHO: Final = {
    ActorKind.GUEST: "The guest",
    ActorKind.STAFF: "Hotel staff",
    ActorKind.STRIPE: "Stripe",
    ActorKind.WORKER: "Booking system",
    ActorKind.COMMAND: "Booking system",
}


def export(dispute: Dispute) -> tuple[str, bytes]:
    """Return the archive's name and bytes; the export itself is kept in the dispute's history."""
    with transaction.atomic():
        lifecycle.lock(dispute.payment.booking)
        dispute = Dispute.objects.select_related("payment__booking__hotel", "payment__booking__room_type").get(
            pk=dispute.pk
        )
        with audit.change("evidence_exported"):
            dispute.save()
        return pack(dispute)


@translation.override(settings.LANGUAGE_CODE)  # a file for others, whatever the person reads
def pack(dispute: Dispute) -> tuple[str, bytes]:
    """Return the archive's name and bytes."""
    booking = dispute.payment.booking
    mails = list(mails_to_guest(booking))
    told = sections(dispute, mails)
    files = {
        "summary.txt": evidence_files.as_text(title(dispute), told),
        "summary.html": evidence_files.as_page(title(dispute), told),
        "terms.json": evidence_files.as_json(booking.terms),
        "ledger.csv": evidence_files.as_table(ledger(booking)),
        "timeline.csv": evidence_files.as_table(timeline(booking)),
        **{name: mail_file(booking, mail) for name, mail in named(mails)},
    }
    about = {"booking": booking.booking_id, "dispute": dispute.stripe_dispute_id}
    return f"evidence-{booking.booking_id}-{dispute.pk}.zip", evidence_files.as_archive(files, about)


def title(dispute: Dispute) -> str:
    """Return what the summary is called."""
    booking = dispute.payment.booking
    return f"Booking {booking.booking_id} at {booking.hotel.name}: dispute {dispute.stripe_dispute_id}"


def sections(dispute: Dispute, mails: list[Message]) -> list[Section]:
    """Return everything that is told, in the order in which somebody asks for it."""
    booking = dispute.payment.booking
    return [
        about_dispute(dispute),
        about_booking(booking),
        about_cancellation(booking),
        Section("What the guest did", columns=("When", "What", "IP address", "Browser"), rows=guest_steps(booking)),
        about_terms(booking),
        about_mails(booking, mails),
        Section("Money", columns=("When", "What", "Amount", "State", "Reference"), rows=ledger(booking)[1:]),
        Section("Timeline", columns=TIMELINE, rows=timeline(booking)[1:]),
    ]


def about_dispute(dispute: Dispute) -> Section:
    """Return what the bank wants."""
    hotel, payment = dispute.payment.booking.hotel, dispute.payment
    return Section(
        "The dispute",
        facts=[
            ("Dispute", dispute.stripe_dispute_id),
            ("Payment at Stripe", payment.stripe_payment_intent_id or ""),
            ("Charge at Stripe", payment.stripe_charge_id),
            ("Disputed", amount(dispute.amount, dispute.currency)),
            ("The bank's reason", str(dispute.get_reason_display())),
            ("State", str(dispute.get_status_display())),
            ("Opened", moment(hotel, dispute.opened_at)),
            ("Evidence due by", moment(hotel, dispute.evidence_due_by)),
            ("Closed", moment(hotel, dispute.closed_at)),
        ],
    )


def about_booking(booking: Booking) -> Section:
    """Return who booked what, where and when."""
    hotel = booking.hotel
    return Section(
        "The booking",
        facts=[
            ("Reference", booking.booking_id),
            ("Hotel", ", ".join(part for part in (hotel.name, hotel.address) if part)),
            ("Time zone", f"{hotel.time_zone}; all times below are the hotel's own"),
            ("Guest", booking.guest_name),
            ("Email", booking.guest_email),
            ("Phone", booking.guest_phone),
            ("Check-in", moment(hotel, booking.check_in_moment)),
            ("Check-out", moment(hotel, hotel.check_out_moment(booking.check_out))),
            ("Nights", str(booking.nights)),
            ("Room", booking.room_type.name),
            ("Price agreed", amount(booking.total_amount, booking.currency)),
            ("Booked", moment(hotel, booking.created_at)),
            ("Authorized", moment(hotel, booking.payment_authorized_at)),
            ("Paid", moment(hotel, booking.paid_at)),
            ("State now", str(booking.get_status_display())),
        ],
    )


def about_cancellation(booking: Booking) -> Section:
    """Return who cancelled, why, and what was kept; nothing for a booking that stands."""
    if booking.cancelled_at is None:
        return Section("Cancellation", note="This booking was not cancelled.")
    return Section(
        "Cancellation",
        facts=[
            ("Cancelled", moment(booking.hotel, booking.cancelled_at)),
            ("By", "The guest" if booking.cancelled_by_client else "The hotel"),
            ("Reason", booking.cancellation_reason),
            ("Fee by the agreed terms", amount(booking.cancellation_fee or 0, booking.money_currency)),
            ("Refund by the agreed terms", amount(booking.refund_amount or 0, booking.money_currency)),
        ],
    )


def about_terms(booking: Booking) -> Section:
    """Return the cancellation terms in words; the file terms.json holds them as they were frozen."""
    terms = booking.terms
    if not terms:
        return Section("Cancellation terms as agreed", note="No terms were agreed.")
    deadline = calculator.deadline(terms, booking.check_in)
    tiers = [(since(tier), calculator.describe(tier, terms)) for tier in calculator.in_order(terms, booking.check_in)]
    return Section(
        "Cancellation terms as agreed",
        facts=[
            ("Policy", terms["policy"]),
            ("Shown to the guest", terms["description"]),
            *tiers,
            ("Price agreed", amount(terms["price"], terms["currency"])),
            ("Guests may cancel by themselves until", moment(booking.hotel, deadline)),
        ],
    )


def since(tier: Any) -> str:
    """Return from when on a tier holds."""
    return f"At least {tier['at_least']} {tier['unit']} before check-in" if tier["at_least"] else "Later"


def about_mails(booking: Booking, mails: list[Message]) -> Section:
    """Return which mails went to the guest; each is a file of its own."""
    rows = [
        (
            moment(booking.hotel, mail.sent_at) or "not sent",
            str(mail.get_status_display()),
            mail.to,
            mail.subject,
            name,
        )
        for name, mail in named(mails)
    ]
    return Section("Mails to the guest", columns=("Sent", "State", "To", "Subject", "File"), rows=rows)


def mails_to_guest(booking: Booking) -> Iterator[Message]:
    """Yield the mails that went to an address which was the guest's at some time, the oldest first."""
    known = {str(address).casefold() for address in booking.history.values_list("guest_email", flat=True)}
    for mail in booking.messages.order_by("pk"):
        if mail.to.casefold() in known | {booking.guest_email.casefold()}:
            yield mail


def named(mails: list[Message]) -> list[tuple[str, Message]]:
    """Return each mail with its file's name, in plain ASCII."""
    return [
        (f"mails/{number:02}-{re.sub(r'[^a-z0-9]+', '-', mail.kind.lower())}.txt", mail)
        for number, mail in enumerate(mails, start=1)
    ]


def mail_file(booking: Booking, mail: Message) -> str:
    """Return one mail as text, its personal link blotted out."""
    hotel = booking.hotel
    head = (
        ("Subject", mail.subject),
        ("To", mail.to),
        ("Written", moment(hotel, mail.created_at)),
        ("Sent", moment(hotel, mail.sent_at) or "not sent"),
        ("State", str(mail.get_status_display())),
    )
    lines = [f"{name}: {evidence_files.one_line(value)}" for name, value in head]
    return "\n".join([*lines, "", blotted(mail.text)])


def blotted(text: str) -> str:
    """Return a text in which nobody finds a guest's key."""
    return LINK.sub(HIDDEN, text.replace(PERSONAL_LINK, HIDDEN))


def guest_steps(booking: Booking) -> list[tuple[str, ...]]:
    """Return what the guest did by themselves, from which address and with which browser, on the hotel's clock."""
    return [(moment(booking.hotel, at), *rest) for at, *rest in steps_of_guest(booking)]


def steps_of_guest(booking: Booking) -> list[tuple[datetime, str, str, str]]:
    """Return when (UTC) the guest did what, from which address and with which browser."""
    asked = booking.operations.filter(kind=OperationKind.CREATE_SESSION).order_by("pk")
    steps = [
        (operation.created_at, "opened the payment page", actor["ip"], actor["user_agent"])
        for operation in asked
        if (actor := operation.details.get("actor", {})).get("kind") == ActorKind.GUEST
    ]
    steps += [
        (row.history_date, in_words(row.transition), row.ip or "", row.user_agent)
        for row in booking.history.filter(actor_kind=ActorKind.GUEST).exclude(transition="")
    ]
    return sorted(steps, key=lambda step: step[0])


TIMELINE: Final = ("When", "Who", "What", "Why", "IP address")


def timeline(booking: Booking) -> list[tuple[str, ...]]:
    """Return what became of the booking and its money, under a first line that names the columns."""
    told = [
        (
            moment(booking.hotel, row.history_date),
            WHO[ActorKind(row.actor_kind)],
            f"{row.instance_type._meta.verbose_name}: {in_words(row.transition)}",
            blotted(row.history_change_reason or ""),
            (row.ip or "") if row.actor_kind == ActorKind.GUEST else "",
        )
        for row in recorded(booking)
    ]
    return [TIMELINE, *told]


def recorded(booking: Booking) -> list[Any]:
    """Return the history rows that name a transition: the booking's, its payments' and its refunds'."""
    payments = list(booking.payments.order_by("pk"))
    refunds = [refund for payment in payments for refund in payment.refunds.order_by("pk")]
    told: list[Any] = [booking, *payments, *refunds]
    rows = [row for each in told for row in each.history.exclude(transition="")]
    return sorted(rows, key=lambda row: (row.history_date, type(row).__name__, row.history_id))


def in_words(transition: str) -> str:
    """Return a transition's name as words."""
    return transition.replace("_", " ")


def ledger(booking: Booking) -> list[tuple[str, ...]]:
    """Return every movement of money, under a first line that names the columns."""
    lines: list[tuple[str, ...]] = [("When", "What", "Amount", "State", "Reference")]
    for payment in booking.payments.order_by("attempt_number"):
        lines += [payment_line(booking, payment), *refund_lines(booking, payment)]
    return [*lines, *(operation_line(booking, each) for each in booking.operations.order_by("pk"))]


def payment_line(booking: Booking, payment: Payment) -> tuple[str, ...]:
    """Return one attempt to pay."""
    return (
        moment(booking.hotel, payment.captured_at or payment.authorized_at or payment.created_at),
        f"Payment {payment.attempt_number}, {payment.card_brand} {payment.card_last4}".strip(" ,"),
        amount(amount_of(payment), payment.currency),
        str(payment.get_status_display()),
        payment.stripe_payment_intent_id or "",
    )


def refund_lines(booking: Booking, payment: Payment) -> Iterator[tuple[str, ...]]:
    """Yield what went back of a payment, or is to."""
    for refund in payment.refunds.order_by("pk"):
        yield (
            moment(booking.hotel, refund.succeeded_at or refund.created_at),
            f"Refund of payment {payment.attempt_number}, {refund.get_provider_display()}",
            amount(refund.amount, refund.currency),
            str(refund.get_status_display()),
            refund.stripe_refund_id or refund.reference,
        )


def operation_line(booking: Booking, operation: PaymentOperation) -> tuple[str, ...]:
    """Return what Stripe was asked for, and its answer."""
    return (
        moment(booking.hotel, operation.created_at),
        f"Asked of Stripe: {str(operation.get_kind_display()).lower()}",
        amount(operation.amount, operation.currency) if operation.amount else "",
        str(operation.get_status_display()),
        operation.stripe_request_id,
    )


def amount(minor_units: int, currency: str) -> str:
    """Return minor units as "340.00 EUR": unmistakable in every language."""
    return f"{plain(minor_units, currency)} {currency}"
