"""What a booking owes, paid and got back: always derived from the payment and refund rows, stored nowhere else."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db.models import QuerySet, Sum, prefetch_related_objects

from bookings.models import Booking, BookingStatus, KeptStay, PaymentMethod
from bookings.prepared import Prepared
from payments.models import (
    CAPTURED,
    CLOSED_DISPUTES,
    COMMITTED_REFUNDS,
    INQUIRIES,
    Dispute,
    Payment,
    PaymentPurpose,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from payments.money import spoken

OF_BOOKING: Final = Prepared(lambda booking: Payment.objects.filter(booking=booking))


@dataclass(frozen=True)
class Balance:
    """Amounts in minor units of one currency: money of two currencies is never added up.

    `refunding` is on its way at Stripe, `owed` is to be paid out by hand, `lost` is what a bank took from the hotel
    and gave back to the guest. `left` can still be refunded.
    """

    currency: str
    authorized: int
    captured: int
    refunded: int
    refunding: int
    owed: int
    lost: int = 0

    def shown(self, amount: int) -> str:
        """Return one of the amounts as staff read it."""
        return spoken(amount, self.currency)

    @property
    def committed(self) -> int:
        """What went back in one way or another, is on its way, or is promised."""
        return self.refunded + self.refunding + self.owed + self.lost

    @property
    def left(self) -> int:
        """What can still be refunded."""
        return max(0, self.captured - self.committed)

    @property
    def net(self) -> int:
        """What the hotel keeps as things stand."""
        return self.captured - self.refunded - self.lost


def payments_of(booking: Booking) -> list[Payment]:
    """Return every attempt to pay; no query where they were read with the booking, as for many at once."""
    if "payments" in getattr(booking, "_prefetched_objects_cache", {}):
        return list(booking.payments.all())
    payments = OF_BOOKING.all(booking.pk)
    for payment in payments:
        payment.booking = booking
    return payments


def read_once(booking: Booking) -> None:
    """Read the payments with the booking, for whoever asks for them in many places and changes none in between."""
    rows: Any = booking.payments.all()
    rows._result_cache = payments_of(booking)
    vars(booking).setdefault("_prefetched_objects_cache", {})["payments"] = rows


def balance(booking: Booking) -> Balance:
    """Return the sums over all of the booking's payments in the currency of its money."""
    return balances(booking)[0]


def balances(booking: Booking) -> list[Balance]:
    """Return the sums for each currency in which money moved: that of the booking's money first, whatever moved."""
    payments = payments_of(booking)
    others = {payment.currency for payment in payments if has_money(payment)} - {booking.money_currency}
    return [sums(payments, currency=currency) for currency in (booking.money_currency, *sorted(others))]


def has_money(payment: Payment) -> bool:
    """Whether money is held, or was taken, on an attempt."""
    return payment.status in (PaymentStatus.AUTHORIZED, *CAPTURED)


def resting_balance(booking: Booking) -> Balance:
    """Return the sums that a decision may count on: without money that nobody waits for and that goes back."""
    waited_for = [each for each in attempts(booking) if each.unwanted_since is None]
    resting = [each for each in waited_for if not booking.payment_reference or rests_on(booking, each)]
    # Before the booking has learned of a payment, only the payment itself knows its currency.
    newest = max(filter(has_money, resting), key=lambda each: each.attempt_number, default=None)
    return sums(resting, currency=newest.currency if newest else booking.money_currency)


def sums(payments: list[Payment], *, currency: str) -> Balance:
    """Return the sums over those of some payments that are in a currency."""
    payments = [payment for payment in payments if payment.currency == currency]
    committed = committed_refunds(payments)
    refunded = sum(refund.amount for refund in committed if refund.status == RefundStatus.SUCCEEDED)
    owed = sum(refund.amount for refund in committed if refund.is_owed)
    return Balance(
        currency=currency,
        authorized=sum(p.amount_authorized for p in payments if p.status == PaymentStatus.AUTHORIZED),
        captured=sum(p.amount_captured for p in payments if p.status in CAPTURED),
        refunded=refunded,
        refunding=sum(refund.amount for refund in committed) - refunded - owed,
        owed=owed,
        lost=sum(lost_of(payment) for payment in payments),
    )


def committed_refunds(payments: list[Payment]) -> list[Refund]:
    """Return the refunds that are done, on their way, or owed."""
    return [refund for refund in refunds_of(payments) if refund.status in COMMITTED_REFUNDS]


def refunds_of(payments: list[Payment]) -> list[Refund]:
    """Return every refund of some payments, in one query; in none where they were read with the payments."""
    prefetch_related_objects(payments, "refunds")
    return [refund for payment in payments for refund in payment.refunds.all()]


def amount_of(payment: Payment) -> int:
    """Return what one attempt came to, in minor units: what was taken; else what is held; else what was asked for."""
    return int(payment.amount_captured or payment.amount_authorized or payment.amount)


def left_of(payment: Payment) -> int:
    """Return what can still be refunded of one payment, in minor units."""
    return max(0, unpromised(payment))


def unpromised(payment: Payment) -> int:
    """Return what nobody has a claim on, in minor units; below zero where more is promised than was taken."""
    committed = payment.refunds.filter(status__in=COMMITTED_REFUNDS).aggregate(sum=Sum("amount"))["sum"]
    return int(payment.amount_captured - (committed or 0) - lost_of(payment))


def lost_of(payment: Payment) -> int:
    """Return what a bank has given back to the guest for good, in minor units.

    Never more than was not refunded before: a dispute over the whole amount is then lost for the rest only
    (support.stripe.com/questions/dispute-for-full-charge-amount-after-a-partial-refund-was-issued).
    """
    if payment.disputed_at is None:
        return 0
    lost = [each for each in payment.disputes.all() if each.status in CLOSED_DISPUTES and each.is_withdrawn]
    return min(not_refunded(payment), sum(taken_by(dispute, payment) for dispute in lost))


def taken_by(dispute: Dispute, payment: Payment) -> int:
    """Return how much of a payment a dispute takes at most, in minor units of the payment."""
    # Where the bank counts in another currency, its amount says no more than that everything is at stake.
    amount = dispute.amount if dispute.currency == payment.currency else payment.amount_captured
    return min(amount, not_refunded(payment))


def not_refunded(payment: Payment) -> int:
    """Return what Stripe has taken and not sent back, in minor units."""
    return payment.amount_captured - payment.amount_refunded


def is_bank_deciding(booking: Booking) -> bool:
    """Whether a bank holds money of the booking until it has decided a dispute."""
    return any(is_locked(payment) for payment in payments_of(booking))


def promised_by(booking: Booking) -> date | None:
    """Return the day until which the hotel still has to send a guest's refund by hand; None where it has not to."""
    if not (booking.refund_amount and booking.cancelled_by_client):
        return None
    # Not from rows that were read before the refund was promised.
    rows = Refund.objects.filter(payment__booking=booking, status=RefundStatus.PENDING, promised_by__isnull=False)
    return rows.order_by("promised_by").values_list("promised_by", flat=True).first()


def is_locked(payment: Payment) -> bool:
    """Whether a bank has taken the money and not decided yet: until then nothing of it can be refunded.

    A mere inquiry locks nothing: the money is still here, and to refund it all settles the inquiry.
    """
    if not payment.is_disputed:
        return False
    return any(each.status not in (*CLOSED_DISPUTES, *INQUIRIES) for each in payment.disputes.all())


def current_payment(booking: Booking) -> Payment | None:
    """Return the newest attempt of the round that runs now."""
    return max(attempts(booking), key=lambda each: each.attempt_number, default=None)


def this_round(booking: Booking) -> QuerySet[Payment]:
    """Return the attempts since the booking was submitted or last reopened."""
    return booking.payments.filter(attempt_number__gte=booking.first_attempt)


def attempts(booking: Booking) -> list[Payment]:
    """Return the same as a list; no query where the payments were read with the booking."""
    return [payment for payment in payments_of(booking) if is_of_this_round(booking, payment)]


def is_of_this_round(booking: Booking, payment: Payment) -> bool:
    """Whether an attempt was begun since the booking was submitted or last reopened."""
    return bool(payment.attempt_number >= booking.first_attempt)


def number_in_round(booking: Booking, payment: Payment | None) -> int:
    """Return which attempt of its round a payment is, from 1 on; 0 where none was begun."""
    return int(payment.attempt_number + 1 - booking.first_attempt) if payment else 0


def paying_payment(booking: Booking) -> Payment | None:
    """Return the payment that the booking rests on: held, or captured."""
    standing = [each for each in attempts(booking) if has_money(each) and each.unwanted_since is None]
    newest_first = sorted(standing, key=lambda each: each.attempt_number, reverse=True)
    if not booking.payment_reference:
        return newest_first[0] if newest_first else None
    # A second page may have been paid, too: its money is never the booking's, however new it is.
    return next((payment for payment in newest_first if is_named(booking, payment)), None)


def payment_behind(booking: Booking) -> Payment | None:
    """Return the payment that the booking rests on, or rested on until its hold was released."""
    return next((each for each in attempts(booking) if is_named(booking, each)), None) or paying_payment(booking)


def is_named(booking: Booking, payment: Payment) -> bool:
    """Whether the booking got where it is by this payment."""
    names = (payment.stripe_payment_intent_id, f"manual:{payment.pk}")
    return bool(booking.payment_reference) and booking.payment_reference in names


def rests_on(booking: Booking, payment: Payment) -> bool:
    """Whether this payment is the booking's: it got where it is by it, or took it as a part of its price since."""
    is_part = payment.accepted_at is not None and is_of_this_round(booking, payment)
    return is_named(booking, payment) or (is_part and bool(booking.payment_reference))


def resting(booking: Booking) -> list[Payment]:
    """Return the captured payments that refunds draw on, the newest first."""
    standing = [each for each in attempts(booking) if each.status in CAPTURED and each.unwanted_since is None]
    newest_first = sorted(standing, key=lambda each: each.attempt_number, reverse=True)
    return [each for each in newest_first if not booking.payment_reference or rests_on(booking, each)]


def still_to_pay(booking: Booking) -> int:
    """Return what is still to be paid of the price, in its minor units; for lists, from payments read beforehand."""
    standing = [each for each in booking.payments.all() if each.is_captured and each.unwanted_since is None]
    own = [each for each in standing if is_of_this_round(booking, each)]
    resting_on = [each for each in own if not booking.payment_reference or rests_on(booking, each)]
    taken = sum(each.amount_captured if each.exchange_rate is None else each.price for each in resting_on)
    return max(0, int(booking.total_amount - taken))


def left(booking: Booking) -> int:
    """Return what can still be refunded of all the booking's payments, in minor units."""
    return sum(left_of(each) for each in resting(booking))


def free_to_refund(booking: Booking) -> list[Payment]:
    """Return the payments that a refund can draw on now, the newest first: all but those that a bank has taken."""
    return [each for each in resting(booking) if not is_locked(each)]


def refundable(booking: Booking) -> list[Payment]:
    """Return the payments that a refund by staff is about, the newest first: those that no bank has taken, if any."""
    return free_to_refund(booking) or resting(booking)


def split(payments: Iterable[Payment], amount: int) -> list[tuple[Payment, int]]:
    """Return how much of an amount, in minor units, each of some payments gives back, in their order."""
    parts = []
    for payment in payments:
        part = min(amount, left_of(payment))
        if part:
            parts.append((payment, part))
            amount -= part
    return parts


@dataclass(frozen=True)
class Due:
    """What a guest is asked to pay online now: for what, how much of the booking's currency, and until when (UTC)."""

    purpose: str
    price: int
    until: datetime | None


def due(booking: Booking) -> Due | None:
    """Return what the guest is asked for: the price, or what a changed stay costs more; None for nothing."""
    if booking.payment_method != PaymentMethod.ONLINE or booking.is_deleted:
        return None
    if booking.status == BookingStatus.PENDING_PAYMENT:
        return Due(PaymentPurpose.STAY, booking.total_amount, booking.hold_expires_at)
    kept = unpaid_change(booking)
    if kept is None:
        return None
    return Due(PaymentPurpose.DIFFERENCE, booking.total_amount - kept.total_amount, kept.due_at)


def is_for_due(booking: Booking, payment: Payment) -> bool:
    """Whether an attempt is about exactly what the guest is asked for now."""
    asked = due(booking)
    return asked is not None and (asked.purpose, asked.price) == (payment.purpose, payment.price)


def unpaid_change(booking: Booking) -> KeptStay | None:
    """Return the stay that a confirmed booking goes back to unless the difference is paid."""
    if booking.status != BookingStatus.CONFIRMED:
        return None
    # Read once for each booking in hand: a page asks for it in many places.
    kept: KeptStay | None = getattr(booking, "kept_stay", None)
    return kept if kept is not None and kept.due_at is not None else None


def agreed_stay(booking: Booking) -> Booking | KeptStay:
    """Return the stay whose terms count: until a change is paid for, the one before it."""
    return unpaid_change(booking) or booking
