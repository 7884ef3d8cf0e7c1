"""Refunds that somebody made at Stripe itself: recognised, shown, and answered as the hotel wants."""

from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings import audit, lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking, BookingStatus, ExternalRefunds
from bookings.refusals import Refused
from bookings.retold import retold
from payments import ledger
from payments.models import COMMITTED_REFUNDS, Payment, Refund

S = BookingStatus
REFUNDED: Final = gettext_noop("The payment was refunded at Stripe.")
KEPT: Final = gettext_noop("The booking stays as it is.")


def follow_external(booking: Booking, payment: Payment) -> None:
    """Let a confirmed booking follow a payment that was wholly refunded at Stripe, if its hotel wants that."""
    if booking.status != S.CONFIRMED:
        return
    waiting = unreviewed(payment)
    if not waiting or ledger.left(booking) > 0:
        return
    with audit.acting_as(audit.ActorKind.STRIPE):
        if booking.hotel.external_refunds == ExternalRefunds.CANCEL:
            cancel_with(booking, payment, reason=REFUNDED)
        elif booking.hotel.external_refunds == ExternalRefunds.REOPEN and not lifecycle.why_unfit(booking):
            lifecycle.record_reopened(booking, reason=REFUNDED)
            mark_reviewed(waiting, gettext_noop("The booking was reopened for payment."))


def unreviewed(payment: Payment) -> list[Refund]:
    """Return the refunds made at Stripe that nobody has answered yet."""
    return list(payment.refunds.filter(is_external=True, reviewed_at=None, status__in=COMMITTED_REFUNDS))


def cancel_with(booking: Booking, payment: Payment, *, reason: str) -> None:
    """Cancel a locked booking whose money went back at Stripe; what is left is the hotel's fee."""
    waiting = unreviewed(payment)
    lifecycle.record_cancelled(
        booking,
        reason=reason,
        fee=ledger.left(booking),
        refund=sum(refund.amount for refund in waiting),
        refund_reference=waiting[-1].stripe_refund_id or "" if waiting else "",
    )
    mark_reviewed(waiting, gettext_noop("The booking was cancelled."))


def mark_reviewed(refunds: list[Refund], answer: str) -> None:
    """Take refunds off the worklist, with what the hotel made of them."""
    for refund in refunds:
        refund.reviewed_at, refund.review = timezone.now(), answer
        with audit.change("review", answer):
            refund.save()


def keep_booking(refund: Refund, *, note: str = "") -> Outcome:
    """Accept a refund made at Stripe; the booking stays as it is."""
    with transaction.atomic():
        booking, _payment, refund = lock(refund)
        if refund.reviewed_at:
            return Outcome(
                booking, Outcome.ALREADY, _("Already done. %(review)s") % {"review": retold(refund.review)}
            )
        mark_reviewed([refund], f"{KEPT} {note}".strip())
    return Outcome(booking)


def cancel_booking_too(refund: Refund, *, reason: str) -> Outcome:
    """Cancel the booking of a refund made at Stripe; whatever was not refunded is kept as the fee."""
    with transaction.atomic():
        booking, payment, refund = lock(refund)
        if booking.status == S.CANCELLED and refund.reviewed_at:
            return Outcome(
                booking, Outcome.ALREADY, _("Already done. %(review)s") % {"review": retold(refund.review)}
            )
        refuse_reviewed(refund)
        lifecycle.refuse_while_waiting(booking)
        lifecycle.require(booking, booking.cancel)
        refuse_other_money(booking, payment)
        cancel_with(booking, payment, reason=reason)
    return Outcome(booking)


def refuse_reviewed(refund: Refund) -> None:
    """Refuse what was not made at Stripe, or was answered before."""
    if not refund.is_external:
        raise Refused(_("This refund was made here, not at Stripe."))
    if refund.reviewed_at:
        raise Refused(_("This refund was answered before. %(review)s") % {"review": retold(refund.review)})


def refuse_other_money(booking: Booking, payment: Payment) -> None:
    """Refuse to cancel in passing what rests on another payment: that one has to move first."""
    if not ledger.rests_on(booking, payment):
        raise Refused(_("The booking rests on another payment. Cancel it on its own page."))


def lock(refund: Refund) -> tuple[Booking, Payment, Refund]:
    """Return a refund, its payment and booking afresh, the booking locked."""
    booking = lifecycle.lock(refund.payment.booking)
    refund = Refund.objects.select_related("payment").get(pk=refund.pk)
    refund.payment.booking = booking
    return booking, refund.payment, refund
