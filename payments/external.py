"""Refunds that somebody made at Stripe itself: recognised, shown, and answered as the hotel wants."""

from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet
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
from payments.money import spoken

S = BookingStatus
REFUNDED: Final = gettext_noop("The payment was refunded at Stripe.")
# Refunds made at Stripe that nobody has answered yet.
UNREVIEWED: Final = Q(is_external=True, reviewed_at=None, status__in=COMMITTED_REFUNDS)
KEPT: Final = gettext_noop("The booking stays as it is.")


def follow_external(booking: Booking) -> None:
    """Let a confirmed booking follow its money, the last of which was refunded at Stripe, if its hotel wants that."""
    is_due = booking.status == S.CONFIRMED and Refund.objects.filter(UNREVIEWED, payment__booking=booking).exists()
    if not is_due or ledger.left(booking) > 0:
        return
    moved = Refund.objects.filter(payment__in=ledger.resting(booking), status__in=COMMITTED_REFUNDS)
    newest = moved.order_by("pk").last()
    if newest is None or not newest.is_external or newest.reviewed_at:
        return  # the last of the money was sent back here, and the stay goes on
    with audit.acting_as(audit.ActorKind.STRIPE):
        if booking.hotel.external_refunds == ExternalRefunds.CANCEL:
            cancel_with(booking, reason=REFUNDED)
        elif booking.hotel.external_refunds == ExternalRefunds.REOPEN and not lifecycle.why_unfit(booking):
            waiting = unreviewed(booking)
            lifecycle.record_reopened(booking, reason=REFUNDED)
            mark_reviewed(waiting, gettext_noop("The booking was reopened for payment."))


def unreviewed(booking: Booking) -> list[Refund]:
    """Return the refunds made at Stripe, of the money that a booking rests on, that nobody has answered yet."""
    return list(Refund.objects.filter(UNREVIEWED, payment__in=ledger.resting(booking)).order_by("pk"))


def unreviewed_since(refund: Refund) -> QuerySet[Refund]:
    """Return the unanswered refunds made at Stripe of a payment, heard of since another one came to be owed."""
    since = Q(payment=refund.payment_id, created_at__gte=refund.created_at)
    return Refund.objects.filter(UNREVIEWED, since).order_by("pk")


def why_unanswered(refund: Refund) -> str:
    """Return why an owed refund waits: some of the payment went back at Stripe since, and may be what is owed."""
    made = unreviewed_since(refund).first()
    is_all_owed = not refund.payment.booking.cancellation_fee and ledger.unpromised(refund.payment) == 0
    if made is None or is_all_owed:
        return ""  # where the hotel keeps nothing, what is owed has shrunk by what went back
    said = {"amount": spoken(made.amount, made.currency)}
    return (
        _(
            "%(amount)s of this payment was refunded at Stripe itself after this came to be owed. Answer that refund "
            "first; then pay out what is still owed, or write it off."
        )
        % said
    )


def cancel_with(booking: Booking, *, reason: str) -> None:
    """Cancel a locked booking whose money went back at Stripe; what is left is the hotel's fee."""
    waiting = unreviewed(booking)
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
        cancel_with(booking, reason=reason)
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
