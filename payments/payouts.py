"""What staff do about money that does not go back through Stripe by itself.

Refund what was paid by hand; pay out what is owed, send it through Stripe again, or write it off.
"""

from functools import partial

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import audit, emails, lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking
from bookings.refusals import Refused
from bookings.retold import retold
from payments import decisions, four_eyes, mirror, operations
from payments.disputes import refuse_locked
from payments.external import why_unanswered
from payments.models import OperationKind, OperationStatus, PaymentOperation, PaymentProvider, Refund, RefundStatus
from payments.opening import open_next
from payments.owed import close_owed, owe, refuse_owed

R = RefundStatus


def refund_by_hand(
    booking: Booking, *, amount: int, note: str, method: str = "", seen_left: int | None = None
) -> Outcome:
    """Return money, in minor units, that the hotel took itself: paid out where `method` says how, else owed.

    `seen_left` is what the person saw as left: a second click finds less and is refused. So is whatever comes while
    something is owed already: that is paid out first.
    """
    with transaction.atomic():
        booking = lifecycle.lock(booking)
        lifecycle.refuse_while_waiting(booking)
        refuse_owed(booking)
        payment = decisions.refundable(booking, amount=amount, seen_left=seen_left)
        if payment.provider != PaymentProvider.MANUAL:
            raise Refused(_("This money came through Stripe, so it goes back through Stripe."))
        four_eyes.withdraw_outdated(booking)
        four_eyes.refuse_second_wish(booking)
        if four_eyes.needs_second_person(payment, amount):
            return decisions.ask_for_refund(payment, amount=amount, stripe_reason="requested_by_customer", note=note)
        refund = owe(payment, amount, reason=note, code=four_eyes.BEYOND_POLICY)
        if method:
            record_payout(booking, refund, method=method, note="")
    return Outcome(booking)


def pay_out(refund: Refund, *, method: str, note: str = "", promised: int | None = None) -> Outcome:
    """Record that the hotel has given an owed refund back itself: cash, card terminal or bank transfer.

    `promised` is the amount that staff were shown, in minor units: it shrinks when Stripe returns a part.
    """
    with transaction.atomic():
        booking, refund = lock(refund)
        if refund.status == R.SUCCEEDED:
            return Outcome(booking, Outcome.ALREADY, _("This refund is recorded as paid out already."))
        refuse_settled(refund)
        refuse_unanswered(refund)
        refuse_locked(refund.payment)
        lifecycle.refuse_while_waiting(booking)
        decisions.refuse_other_amount(refund.amount, refund.currency, promised=promised)
        record_payout(booking, refund, method=method, note=note)
    return Outcome(booking)


def record_payout(booking: Booking, refund: Refund, *, method: str, note: str) -> None:
    """Note on a locked booking that an owed refund has reached its guest by hand, and tell them."""
    said = f"{method}: {note}" if note else method
    refund.status, refund.succeeded_at = R.SUCCEEDED, timezone.now()
    refund.reference = note[:80]
    refund.note = f"{refund.note} Paid out by hand, {said}."
    with audit.change("pay_out", said):
        refund.save()
    follow_by_hand(refund)
    booking.record_refund(at=timezone.now(), reference=refund.reference)
    lifecycle.save(booking, "pay_out", said)
    emails.refund_paid_out(booking, amount=refund.amount, currency=refund.currency)


def lock(refund: Refund) -> tuple[Booking, Refund]:
    """Return a refund and its booking afresh, the booking locked."""
    booking = lifecycle.lock(refund.payment.booking)
    refund = Refund.objects.select_related("payment").get(pk=refund.pk)
    refund.payment.booking = booking
    return booking, refund


def refuse_settled(refund: Refund) -> None:
    """Refuse what is not owed, or no longer."""
    if refund.provider != PaymentProvider.MANUAL:
        raise Refused(_("This refund went through Stripe, so there is nothing to pay out by hand."))
    if refund.status != R.PENDING:
        raise Refused(_("This refund is not owed any more. %(note)s") % {"note": retold(refund.note)})


def refuse_unanswered(refund: Refund) -> None:
    """Refuse to give back again what may have gone back at Stripe itself."""
    if why := why_unanswered(refund):
        raise Refused(why)


def follow_by_hand(refund: Refund) -> None:
    """Let a payment that never passed through Stripe follow its refunds."""
    payment = refund.payment
    if payment.provider != PaymentProvider.MANUAL:
        return
    if mirror.copy_refunds(payment, list(payment.refunds.order_by("pk"))):
        with audit.change("follow_refunds"):
            payment.save()


def send_again(refund: Refund, *, promised: int | None = None) -> Outcome:
    """Send an owed refund through Stripe; raises Refused, or Declined when Stripe refuses it again.

    `promised` is the amount that staff were shown, in minor units: another one is refused.
    """
    decide = partial(decide_send_again, refund=refund, promised=promised)
    return operations.request(refund.payment.booking, decide, transition="send_again")


def decide_send_again(booking: Booking, *, refund: Refund, promised: int | None = None) -> Outcome | PaymentOperation:
    """Under the lock: the refund to make."""
    refund = Refund.objects.select_related("payment").get(pk=refund.pk)
    if booking.operations.filter(details__owed=refund.pk, status=OperationStatus.SUCCEEDED).exists():
        return Outcome(booking, Outcome.ALREADY, _("This refund was sent through Stripe already."))
    refuse_settled(refund)
    payment = refund.payment
    payment.booking = booking
    if payment.provider == PaymentProvider.MANUAL:
        raise Refused(_("The hotel took this money itself, so it has to be given back by hand."))
    refuse_unanswered(refund)
    refuse_locked(payment)
    decisions.refuse_other_amount(refund.amount, refund.currency, promised=promised)
    details = {"reason": refund.note, "owed": refund.pk}
    return open_next(payment, OperationKind.REFUND, amount=refund.amount, transition="send_again", details=details)


def write_off(refund: Refund, *, reason: str) -> Outcome:
    """Note that a refund is not owed any more, with the reason."""
    with transaction.atomic():
        booking, refund = lock(refund)
        if refund.provider == PaymentProvider.MANUAL and refund.status == R.CANCELED:
            return Outcome(
                booking,
                Outcome.ALREADY,
                _("This refund is not owed any more. %(note)s") % {"note": retold(refund.note)},
            )
        refuse_settled(refund)
        lifecycle.refuse_while_waiting(booking)
        if not reason.strip():
            raise Refused(_("Please give a reason; it is kept in the history."), code="ERR_VALIDATION")
        close_owed(refund, note=reason.strip())
        four_eyes.withdraw_outdated(booking)
    return Outcome(booking)
