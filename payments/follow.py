"""Let a booking follow its payment when no operation is open, and send back money that nobody waits for."""

from datetime import timedelta
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_noop

from bookings import audit, emails, lifecycle
from bookings.models import Booking, BookingStatus
from payments import ledger, rates
from payments.external import follow_external
from payments.models import (
    OperationKind,
    OperationStatus,
    Payment,
    PaymentOperation,
    PaymentPurpose,
    PaymentStatus,
)
from payments.opening import open_next
from payments.owed import owe

K, P, S = OperationKind, PaymentStatus, BookingStatus
# What Stripe refuses (a dispute, too low a balance, a wrong key) does not change within seconds.
PAUSE: Final = timedelta(hours=1)
# After so many refusals of money that has to go back, a person pays it out.
TRIES: Final = 3
REFUSED: Final = gettext_noop("Stripe does not send this money back.")
NOT_WAITING: Final = gettext_noop("The booking no longer waits for money.")
UNWANTED: Final = gettext_noop("Nobody waits for this money.")
SURPLUS: Final = gettext_noop("More was captured at Stripe than the stay costs.")
# With less time left no payment page can be opened any more.
SHORTEST_RETRY: Final = timedelta(minutes=31)


def follow(booking: Booking, payment: Payment) -> PaymentOperation | None:
    """Let the booking follow its payment when no operation is open; send back money that nobody waits for."""
    if payment.status == P.AUTHORIZED:
        return follow_authorized(booking, payment)
    if payment.is_captured:
        return follow_captured(booking, payment)
    is_open = payment.status in (P.PROCESSING, P.FAILED) and payment.session_url
    waits_for_stay = booking.status in (S.DRAFT, S.PENDING_PAYMENT) and ledger.is_of_this_round(booking, payment)
    waits = waits_for_stay or is_asked_for(booking, payment)
    if is_open and not waits:
        return open_by_itself(payment, K.EXPIRE_SESSION, reason=NOT_WAITING)
    if waits and has_ended_unpaid(payment):
        ask_to_retry(booking, payment)
    is_its_end = payment.status == P.EXPIRED and ledger.rests_on(booking, payment)
    if is_its_end and booking.status == S.PENDING_APPROVAL:
        lifecycle.record_expired(booking, reason=gettext_noop("The authorization ran out before it was approved."))
    return None


def has_ended_unpaid(payment: Payment) -> bool:
    """Whether a payment was refused and its page is gone, and not because we have closed it.

    While the page is open, Stripe's own words stand on it and the guest may be typing another card.
    """
    is_over = payment.status in (P.FAILED, P.EXPIRED) and not payment.session_url
    return is_over and bool(payment.failure_message) and not payment.operations.filter(kind=K.EXPIRE_SESSION).exists()


def ask_to_retry(booking: Booking, payment: Payment) -> None:
    """Mail the guest, once for each attempt, that a payment came to nothing, while they can still begin another."""
    due = ledger.due(booking)
    is_last = ledger.current_payment(booking) == payment
    if due is None or not is_last or (due.until and due.until < timezone.now() + SHORTEST_RETRY):
        return
    used_up = ledger.number_in_round(booking, payment) >= booking.hotel.payment_attempts
    if due.purpose == PaymentPurpose.STAY and used_up:
        return
    if not booking.messages.filter(kind="payment_failed", created_at__gte=payment.created_at).exists():
        emails.payment_failed(booking)


def follow_authorized(booking: Booking, payment: Payment) -> PaymentOperation | None:
    """Held money: ask staff to decide, or release what the booking does not wait for."""
    if is_awaited(booking, payment):
        lifecycle.record_authorized(booking, **by_this(payment))
        return None
    if booking.status == S.PENDING_APPROVAL and ledger.rests_on(booking, payment):
        return None
    mark_unwanted(payment)
    return open_by_itself(payment, K.VOID, amount=payment.amount_authorized, reason=UNWANTED)


def follow_captured(booking: Booking, payment: Payment) -> PaymentOperation | None:
    """Captured money: confirm the stay, or send back what the booking does not wait for."""
    if payment.unwanted_since is None:
        if is_awaited(booking, payment):
            lifecycle.record_confirmed(booking, **by_this(payment))
            if (sent := send_surplus_back(payment)) is not None:
                return sent
            follow_external(booking)
            return None
        if payment.accepted_at is None and is_missing_part(booking, payment):
            accept(booking, payment)
            return None
        if booking.status != S.PENDING_APPROVAL and ledger.rests_on(booking, payment):
            follow_external(booking)
            return None
    left = ledger.left_of(payment)
    if left == 0:
        return None
    mark_unwanted(payment)
    if ledger.is_locked(payment):
        return None  # a bank has it; its decision comes by webhook
    return open_by_itself(payment, K.REFUND, amount=left, reason=UNWANTED, stripe_reason="duplicate")


def send_surplus_back(payment: Payment) -> PaymentOperation | None:
    """Send back what was captured at Stripe beyond the stay's price, which had sunk since the money was held.

    It is owed as well until Stripe has said yes: if that is no, it stays on the worklist.
    """
    surplus = ledger.left_of(payment) - rates.to_capture(payment)
    if surplus <= 0:
        return None
    owed = owe(payment, surplus, reason=SURPLUS)
    if ledger.is_locked(payment):
        return None
    details = {"reason": SURPLUS, "owed": owed.pk}
    return open_next(payment, K.REFUND, amount=surplus, transition="refund", details=details)


def by_this(payment: Payment) -> dict[str, Any]:
    """Return what a booking keeps of the payment that it rests on from now on."""
    return {
        "at": timezone.now(),
        "reference": payment.stripe_payment_intent_id or "",
        "currency": payment.currency,
    }


def open_by_itself(payment: Payment, kind: str, *, amount: int = 0, **details: str) -> PaymentOperation | None:
    """Open an operation that no person asked for, unless it was tried lately or a person has to look at it."""
    tried = payment.operations.filter(kind=kind).order_by("-pk")
    if kind == K.REFUND:
        # What went back, whoever sent it, says nothing about the rest: whatever is left has to go.
        tried = tried.filter(transition="", status=OperationStatus.FAILED)
    last = tried.first()
    if last is not None and (last.status != OperationStatus.FAILED or is_recent(last)):
        return None
    if kind == K.REFUND and tried.count() >= TRIES:
        owe(payment, amount, reason=f"{REFUSED} {last.error_message if last else ''}".strip())
        return None
    return open_next(payment, kind, amount=amount, details=details)


def is_recent(operation: PaymentOperation) -> bool:
    """Whether Stripe refused an operation so lately that it would only do so again."""
    return operation.settled_at is not None and operation.settled_at > timezone.now() - PAUSE


def is_awaited(booking: Booking, payment: Payment) -> bool:
    """Whether the booking waits for exactly this money: amount in minor units and currency as asked."""
    if booking.is_deleted or booking.status not in (S.PENDING_PAYMENT, S.PENDING_APPROVAL):
        return False
    if not (is_as_asked(payment) and ledger.is_of_this_round(booking, payment)):
        return False
    if booking.status == S.PENDING_APPROVAL and payment.is_captured and ledger.rests_on(booking, payment):
        # Approved at Stripe. The stay may have become cheaper since the money was held: what is beyond it goes back.
        return bool(payment.amount_captured >= rates.to_capture(payment))
    given = payment.amount_captured or payment.amount_authorized
    asked = payment.price == booking.total_amount and given == payment.amount
    return bool(booking.status == S.PENDING_PAYMENT and asked)


def is_asked_for(booking: Booking, payment: Payment) -> bool:
    """Whether an attempt is about the difference that the guest of a changed stay is asked for now."""
    return payment.purpose == PaymentPurpose.DIFFERENCE and ledger.is_for_due(booking, payment)


def is_missing_part(booking: Booking, payment: Payment) -> bool:
    """Whether captured money is exactly what a changed stay costs more; amount and currency as asked."""
    whole = payment.amount_captured == payment.amount and payment.currency == booking.currency
    return whole and is_asked_for(booking, payment) and is_as_asked(payment)


def accept(booking: Booking, payment: Payment) -> None:
    """Take a difference as a part of the booking's price: refunds and fees count it from now on."""
    payment.accepted_at = timezone.now()
    with audit.change("accept", gettext_noop("The difference of a changed stay.")):
        payment.save()
    lifecycle.record_difference_paid(booking, amount=payment.amount_captured, currency=payment.currency)


def is_as_asked(payment: Payment) -> bool:
    """Whether Stripe shows the amount and currency of the page that the guest was given."""
    page = payment.operations.filter(kind=K.CREATE_SESSION).order_by("-pk").first()
    is_priced = payment.currency == payment.booking.currency or payment.exchange_rate is not None
    return is_priced and page is not None and (page.amount, page.currency) == (payment.amount, payment.currency)


def mark_unwanted(payment: Payment) -> None:
    """Remember, even across a crash, that this money has to go back."""
    if payment.unwanted_since is None:
        payment.unwanted_since = timezone.now()
        with audit.change("unwanted", gettext_noop("Money arrived that the booking does not wait for.")):
            payment.save()
