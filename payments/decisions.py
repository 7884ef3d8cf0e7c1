"""What staff and the clock decide about money: approve, decline, refund, mark paid, expire, delete.

Each returns an Outcome: done, done already, waiting for Stripe, or for a second person. Refused says why it is not
possible, Declined that Stripe said no; after both, nothing has changed.
"""

from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings import audit, hotel_emails, lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking, BookingStatus, PaymentMethod
from bookings.refusals import Refused, describe_state, refuse_state
from payments import four_eyes, ledger, operations, rates
from payments.checkout import is_open
from payments.disputes import refuse_locked
from payments.models import (
    OperationKind,
    Payment,
    PaymentOperation,
    PaymentProvider,
    PaymentStatus,
    RefundStatus,
    RequestKind,
)
from payments.money import spoken
from payments.opening import open_next
from payments.settle import STRIPE_REASONS

S, K, P = BookingStatus, OperationKind, PaymentStatus
# Stands in a sentence for what is possible later.
THEN = "{then}"


def approve(booking: Booking, *, reason: str = "", promised: int | None = None) -> Outcome:
    """Agree to the stay: capture the held money, or just confirm a booking that is paid on arrival.

    `promised` is what staff were shown to be captured, in minor units: another amount is refused.
    """
    decide = partial(decide_approve, reason=reason, promised=promised)
    return operations.request(booking, decide, transition="approve")


def decide_approve(booking: Booking, *, reason: str, promised: int | None = None) -> Outcome | PaymentOperation:
    """Under the lock: the capture to make, or the result."""
    if booking.status in (S.CONFIRMED, S.COMPLETED, S.NO_SHOW) and booking.decision_made_at:
        return Outcome(
            booking, Outcome.ALREADY, _("Already done: this booking %(state)s.") % {"state": describe_state(booking)}
        )
    lifecycle.require(booking, booking.approve)
    if booking.payment_method == PaymentMethod.ARRIVAL:
        lifecycle.record_approved(booking, paid_at=None, reason=reason)
        return Outcome(booking)
    payment = ledger.paying_payment(booking)
    if payment is None or payment.status != P.AUTHORIZED:
        raise Refused(_("No money is held for this booking any more, so there is nothing to capture."))
    payment.booking = booking
    amount = rates.to_capture(payment)
    if promised is not None and promised != amount:
        before, now = spoken(promised, payment.currency), spoken(amount, payment.currency)
        raise Refused(
            _("The amount has changed: %(before)s when it was decided, now %(now)s would be captured.")
            % {"before": before, "now": now}
        )
    return open_next(payment, K.CAPTURE, amount=amount, transition="approve", details={"reason": reason})


def decline(booking: Booking, *, reason: str) -> Outcome:
    """Refuse the stay and release the held money. The reason goes into the history."""
    if not reason.strip():
        raise Refused(_("Please give a reason; it is kept in the history."), code="ERR_VALIDATION")
    return operations.request(booking, partial(decide_decline, reason=reason.strip()), transition="decline")


def decide_decline(booking: Booking, *, reason: str) -> Outcome | PaymentOperation:
    """Under the lock: the hold to release, or the result."""
    if booking.status == S.DECLINED and not booking.is_deleted:
        return Outcome(
            booking, Outcome.ALREADY, _("Already done: this booking %(state)s.") % {"state": describe_state(booking)}
        )
    lifecycle.require(booking, booking.decline)
    payment = ledger.paying_payment(booking)
    if payment is None or payment.status != P.AUTHORIZED:
        lifecycle.record_declined(booking, reason=reason)
        return Outcome(booking)
    payment.booking = booking
    return open_next(
        payment, K.VOID, amount=payment.amount_authorized, transition="decline", details={"reason": reason}
    )


def refund(
    booking: Booking,
    *,
    amount: int,
    stripe_reason: str = "requested_by_customer",
    note: str,
    seen_left: int | None = None,
) -> Outcome:
    """Return part or all of what is left, in minor units. The booking's status stays.

    `seen_left` is what the person saw as left: a second click finds less and is refused.
    """
    if stripe_reason not in STRIPE_REASONS:
        raise Refused(_("Choose one of the reasons."), code="ERR_VALIDATION")
    decide = partial(
        decide_refund, amount=amount, stripe_reason=stripe_reason, note=note.strip(), seen_left=seen_left
    )
    return operations.request(booking, decide, transition="refund")


def decide_refund(
    booking: Booking, *, amount: int, stripe_reason: str, note: str, seen_left: int | None
) -> Outcome | PaymentOperation:
    """Under the lock: the refund to make, or the request that somebody else has to agree to."""
    payment = refundable(booking, amount=amount, seen_left=seen_left)
    refuse_by_hand(payment)
    four_eyes.withdraw_outdated(booking)
    four_eyes.refuse_second_wish(booking)
    if four_eyes.needs_second_person(payment, amount):
        return ask_for_refund(payment, amount=amount, stripe_reason=stripe_reason, note=note)
    reason = note or stripe_reason
    return open_refund(payment, amount=amount, stripe_reason=stripe_reason, note=note, reason=reason)


def ask_for_refund(payment: Payment, *, amount: int, stripe_reason: str, note: str) -> Outcome:
    """Write the refund down for a second person; nothing moves."""
    kind = RequestKind.REFUND
    wish = four_eyes.ask(payment, kind=kind, amount=amount, note=note, stripe_reason=stripe_reason)
    hotel_emails.refund_to_approve(wish)
    return Outcome(payment.booking, Outcome.ASKED, four_eyes.next_words(wish))


def open_refund(payment: Payment, *, amount: int, stripe_reason: str, note: str, **details: Any) -> PaymentOperation:
    """Write down the refund that Stripe is asked for."""
    parts = ledger.split(ledger.free_to_refund(payment.booking), amount)
    (first, part), *rest = parts or [(payment, amount)]
    first.booking = payment.booking
    said = {**details, "stripe_reason": stripe_reason, "note": note}
    if rest:
        said["parts"] = [[each.pk, more] for each, more in rest]
    return open_next(first, K.REFUND, amount=part, transition="refund", details=said)


def refundable(booking: Booking, *, amount: int, seen_left: int | None) -> Payment:
    """Return the payment that a refund draws on; Refused when it is not possible, or not what was seen."""
    if booking.is_deleted:
        raise refuse_state(booking)
    payment, left = to_refund(booking)
    refuse_refund(payment, amount=amount, left=left)
    assert payment is not None  # refuse_refund has refused it
    if seen_left is not None and left != seen_left:
        shown = spoken(left, payment.currency)
        raise Refused(
            _("A refund was made in the meantime; %(shown)s is left now. Please check the amount again.")
            % {"shown": shown}
        )
    payment.booking = booking
    return payment


def to_refund(booking: Booking) -> tuple[Payment | None, int]:
    """Return the newest payment that a refund can draw on, and how much is left of all of them; minor units."""
    taken = ledger.refundable(booking)
    payment = next((each for each in taken if ledger.left_of(each)), taken[0] if taken else None)
    if payment is None:
        return ledger.paying_payment(booking), 0
    payment.booking = booking
    return payment, sum(ledger.left_of(each) for each in taken)


def refuse_refund(payment: Payment | None, *, amount: int, left: int) -> None:
    """Refuse a refund of nothing, of too much, of disputed money, or of money that Stripe never had."""
    if payment is None or not payment.is_captured:
        raise Refused(_("No money was taken for this booking, so there is nothing to refund."))
    if left == 0 and ledger.lost_of(payment):
        raise Refused(_("The guest's bank has taken this payment back for the guest, so nothing is left to refund."))
    if left == 0:
        raise Refused(_("Everything that was paid has been refunded already."))
    refuse_locked(payment)
    if not 0 < amount <= left:
        raise Refused(amount_words(spoken(left, payment.currency)), code="ERR_VALIDATION")


def amount_words(shown: str) -> str:
    """Say which amounts can be refunded; `shown` is what is left, with its currency."""
    return _("Choose an amount above zero and up to %(shown)s, which is left.") % {"shown": shown}


def refuse_by_hand(payment: Payment) -> None:
    """Refuse to ask Stripe for money that it never had."""
    if payment.provider == PaymentProvider.MANUAL:
        raise Refused(_("The hotel took this money itself, so it has to be given back by hand."))


def mark_paid(booking: Booking, *, method: str, note: str = "", promised: int | None = None) -> Outcome:
    """Record that the hotel took the money itself: cash, card terminal or bank transfer.

    `promised` is what staff were shown to be recorded, in minor units: another amount is refused.
    """
    with transaction.atomic():
        booking = lifecycle.lock(booking)
        if booking.payment_method != PaymentMethod.ARRIVAL:
            raise Refused(_("This booking is paid online; only bookings paid on arrival are marked as paid."))
        if booking.paid_at and not booking.is_deleted:
            return Outcome(booking, Outcome.ALREADY, _("This booking is marked as paid already."))
        lifecycle.require(booking, booking.mark_paid)
        refuse_other_amount(booking.total_amount, booking.currency, promised=promised)
        said = f"{method}: {note}" if note else method
        payment = manual_payment(booking, note=said)
        booking.mark_paid(at=timezone.now(), reference=f"manual:{payment.pk}")
        lifecycle.save(booking, "mark_paid", said)
    return Outcome(booking)


def refuse_other_amount(amount: int, currency: str, *, promised: int | None) -> None:
    """Refuse an amount, in minor units, that is not the one that staff were shown."""
    if promised is not None and promised != amount:
        words = _("The amount has changed: %(before)s when it was decided, now it is %(now)s.")
        raise Refused(words % {"before": spoken(promised, currency), "now": spoken(amount, currency)})


def manual_payment(booking: Booking, *, note: str) -> Payment:
    """Make the row of money that never passed through Stripe."""
    payment = Payment(
        booking=booking,
        attempt_number=1,
        provider=PaymentProvider.MANUAL,
        price=booking.total_amount,
        amount=booking.total_amount,
        currency=booking.currency,
        note=note,
    )
    payment.capture(amount=booking.total_amount, at=timezone.now())
    with audit.change("mark_paid", note):
        payment.save()
    return payment


def expire(booking: Booking) -> Outcome:
    """Give the room back when the hold or the authorization has run out. Called by the worker."""
    return operations.request(booking, decide_expire, transition="expire")


def decide_expire(booking: Booking) -> Outcome | PaymentOperation:
    """Under the lock: the page to close, the hold to release, or the result."""
    if booking.status == S.EXPIRED:
        return Outcome(booking, Outcome.ALREADY)
    lifecycle.require(booking, booking.expire)
    payment = ledger.current_payment(booking)
    if payment:
        payment.booking = booking
    if booking.status == S.PENDING_PAYMENT:
        return expire_hold(booking, payment)
    return expire_authorization(booking)


def expire_hold(booking: Booking, payment: Payment | None) -> Outcome | PaymentOperation:
    """Close the payment page first, so that nobody pays for a room that is given away."""
    if booking.hold_expires_at is None or booking.hold_expires_at > timezone.now():
        raise Refused(_("The room is still held for the guest."))
    if payment is not None and payment.status in (P.AUTHORIZED, P.SUCCEEDED) and payment.unwanted_since is None:
        # It came while another operation was open. The next look at strays makes of it what it is for.
        raise Refused(_("The guest has paid in the meantime."))
    reason = gettext_noop("The hold ran out before the guest paid.")
    if payment is not None and is_open(payment):
        return open_next(payment, K.EXPIRE_SESSION, transition="expire", details={"reason": reason})
    lifecycle.record_expired(booking, reason=reason)
    return Outcome(booking)


def expire_authorization(booking: Booking) -> PaymentOperation:
    """Release what Stripe will not let us capture any more."""
    payment = ledger.paying_payment(booking)
    if payment is None or payment.capture_before is None or payment.capture_before > timezone.now():
        raise Refused(_("The guest's money is still held."))
    payment.booking = booking
    reason = gettext_noop("The authorization ran out before it was approved.")
    return open_next(
        payment, K.VOID, amount=payment.amount_authorized, transition="expire", details={"reason": reason}
    )


def note_seen(payment: Payment) -> Outcome:
    """Take money that nobody waited for off the worklist, once it has gone back or is owed by hand."""
    with transaction.atomic():
        booking = lifecycle.lock(payment.booking)
        payment = Payment.objects.get(pk=payment.pk)
        if payment.unwanted_seen_at is not None:
            return Outcome(booking, Outcome.ALREADY, _("Somebody has looked at this already."))
        if payment.unwanted_since is None:
            raise Refused(_("The booking waited for this money."))
        if why := why_not_gone_back(payment):
            raise Refused(why)
        payment.unwanted_seen_at = timezone.now()
        with audit.change("seen"):
            payment.save()
    return Outcome(booking)


def why_not_gone_back(payment: Payment) -> str:
    """Return why unwanted money is not settled yet; nothing when it is back, on its way or owed."""
    is_here = payment.status == P.AUTHORIZED or (payment.is_captured and ledger.left_of(payment) > 0)
    return _("This money has not gone back yet. It goes by itself, usually within a minute.") if is_here else ""


def soft_delete(booking: Booking, *, reason: str = "") -> Outcome:
    """Hide an ended booking. Refused while money is on its way or in dispute."""
    with transaction.atomic():
        booking = lifecycle.lock(booking)
        if booking.is_deleted:
            return Outcome(booking, Outcome.ALREADY, _("This booking is deleted already."))
        refuse_open_money(booking)
        lifecycle.record_deleted(booking, reason=reason.strip())
    return Outcome(booking)


def refuse_open_money(booking: Booking, *, then: str = "") -> None:
    """Refuse to hide a booking whose money has not come to rest; `then` is what is possible once it has."""
    if why := why_open(booking):
        raise Refused(why.replace(THEN, then or _("Delete the booking")))


def why_open(booking: Booking) -> str:
    """Return why a booking's money has not come to rest, with `THEN` for what waits for it; nothing when it has."""
    try:
        lifecycle.refuse_while_waiting(booking)
        refuse_refund_on_its_way(booking)
        four_eyes.refuse_second_wish(booking)
    except Refused as refused:
        return refused.message
    if any(payment.is_disputed for payment in booking.payments.all()):
        return _("The guest's bank disputes this payment. %(then)s once the dispute is closed.") % {"then": THEN}
    return ""


def refuse_refund_on_its_way(booking: Booking) -> None:
    """Refuse while money is on its way back, or is owed by hand."""
    waiting = (RefundStatus.PENDING, RefundStatus.REQUIRES_ACTION)
    refunds = ledger.refunds_of(list(booking.payments.all()))
    if any(refund.status in waiting for refund in refunds):
        raise Refused(
            _("A refund of this booking is still on its way. %(then)s once the refund has arrived.") % {"then": THEN}
        )
