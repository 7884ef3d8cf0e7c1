"""Our books beside Stripe's, in the same words. Pure: rows and a snapshot in, two sides out.

A side is a flat dict of readable keys; amounts are minor units of the `currency` beside them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from bookings.models import Booking, BookingStatus, PaymentMethod
from payments import ledger
from payments.models import (
    CAPTURED,
    COMMITTED_REFUNDS,
    UNPAID,
    Payment,
    PaymentProvider,
    PaymentStatus,
    RefundStatus,
)
from payments.snapshot import Snapshot

type Side = dict[str, Any]

S, R = BookingStatus, RefundStatus
NONE, HELD, TAKEN, UNKNOWN = "none", "held", "captured", "unknown"
AT_STRIPE: Final = {"requires_capture": HELD, "succeeded": TAKEN}
ON_ITS_WAY: Final = (R.PENDING, R.REQUIRES_ACTION)
# Once the guest was to stay, captured money stays, too.
AGREED: Final = (S.CONFIRMED, S.COMPLETED, S.NO_SHOW)


@dataclass(frozen=True)
class Difference:
    """What we say and what is there instead; `payment` is the money in question, if any."""

    ours: Side
    theirs: Side
    payment: Payment | None = None


def between(payment: Payment, seen: Snapshot) -> Difference | None:
    """Return how our row of a payment differs from what Stripe shows; None where both say the same."""
    here, there = ours(payment), theirs(seen)
    if not seen.session_id:  # read without its page: nothing is said about it
        here.pop("page"), there.pop("page")
    if not seen.disputes:
        here.pop("dispute"), there.pop("dispute")
    if there["money"] == NONE:  # nothing that could be in a currency
        there["currency"] = here["currency"]
    return None if here == there else Difference(here, there, payment)


def ours(payment: Payment) -> Side:
    """Return what our rows say about a payment at Stripe."""
    returned = [refund for refund in payment.refunds.all() if refund.provider == PaymentProvider.STRIPE]
    disputes = sorted(payment.disputes.all(), key=lambda dispute: dispute.opened_at)
    is_page_open = payment.status in UNPAID and bool(payment.session_url)
    return {
        "money": money_of(payment),
        "held": payment.amount_authorized if payment.status == PaymentStatus.AUTHORIZED else 0,
        "captured": payment.amount_captured,
        "refunded": sum(each.amount for each in returned if each.status == R.SUCCEEDED),
        "refunding": sum(each.amount for each in returned if each.status in ON_ITS_WAY),
        "currency": payment.currency,
        "dispute": disputes[-1].status if disputes else "",
        "page": "open" if is_page_open else "closed",
    }


def money_of(payment: Payment) -> str:
    """Return where a payment's money is, as our row says."""
    if payment.status in CAPTURED:
        return TAKEN
    return HELD if payment.status == PaymentStatus.AUTHORIZED else NONE


def theirs(seen: Snapshot) -> Side:
    """Return what Stripe says about a payment."""
    disputes = sorted(seen.disputes, key=lambda dispute: dispute.created)
    return {
        "money": AT_STRIPE.get(seen.intent_status, NONE),
        "held": seen.capturable if seen.intent_status == "requires_capture" else 0,
        "captured": seen.captured,
        "refunded": sum(each.amount for each in seen.refunds if each.status == R.SUCCEEDED),
        "refunding": sum(each.amount for each in seen.refunds if each.status in ON_ITS_WAY),
        "currency": seen.currency,
        "dispute": disputes[-1].status if disputes else "",
        "page": "open" if seen.session_status == "open" else "closed",
    }


def of_stranger(seen: Snapshot, reference: str) -> Side:
    """Return what Stripe says about a payment that we do not know, but that carries a reference of ours."""
    there = theirs(seen)
    there.pop("page")
    return {"reference": reference, **there}


def has_money(seen: Snapshot) -> bool:
    """Whether money is held, was taken, or is about to be."""
    return seen.intent_status in (*AT_STRIPE, "processing")


def of_booking(booking: Booking, payments: Iterable[Payment]) -> list[Difference]:
    """Return where a booking's status disagrees with its money at Stripe, as our rows know it.

    A request whose hold is gone is none of them: that one waits for staff on a list of its own.
    """
    at_stripe = [payment for payment in payments if payment.provider == PaymentProvider.STRIPE]
    return [*too_much(booking, at_stripe), *too_little(booking, at_stripe)]


def too_much(booking: Booking, payments: list[Payment]) -> Iterator[Difference]:
    """Yield money that is held or kept although the booking says that it is not."""
    fee = booking.cancellation_fee or 0  # one for all of the booking's payments
    for payment in payments:
        said: Side = {"booking": str(booking.status), "currency": payment.currency}
        held = payment.amount_authorized if payment.status == PaymentStatus.AUTHORIZED else 0
        if held and not (booking.status == S.PENDING_APPROVAL and ledger.rests_on(booking, payment)):
            yield Difference({**said, "held": 0}, {**said, "held": held}, payment)
        kept = kept_of(payment)
        allowed = may_keep(booking, payment, kept=kept, fee=fee)
        if kept > allowed:
            yield Difference({**said, "kept": allowed}, {**said, "kept": kept}, payment)
        fee -= allowed


def kept_of(payment: Payment) -> int:
    """Return what of a payment is neither back, nor on its way, nor owed, nor written off; minor units.

    Nor with the guest's bank: what is in dispute waits for the bank, and what was lost in one is gone.
    """
    if payment.status not in CAPTURED or ledger.is_locked(payment):
        return 0
    decided = [
        refund.amount
        for refund in payment.refunds.all()
        if refund.status in COMMITTED_REFUNDS
        # What was owed and is not any more was written off, or went another way.
        or (refund.provider == PaymentProvider.MANUAL and refund.status == R.CANCELED)
    ]
    return payment.amount_captured - sum(decided) - ledger.lost_of(payment)


def may_keep(booking: Booking, payment: Payment, *, kept: int, fee: int) -> int:
    """Return how much of what is kept of a payment the booking's status allows; `fee` is what other ones leave."""
    if not ledger.rests_on(booking, payment):
        return 0
    if booking.status in AGREED:
        return kept
    return max(0, min(kept, fee)) if booking.status == S.CANCELLED else 0


def too_little(booking: Booking, payments: list[Payment]) -> Iterator[Difference]:
    """Yield the agreed stay for which nothing was ever captured."""
    paid = any(payment.status in CAPTURED and ledger.rests_on(booking, payment) for payment in payments)
    if booking.status in AGREED and booking.payment_method == PaymentMethod.ONLINE and not paid:
        said: Side = {"booking": str(booking.status), "currency": booking.currency}
        yield Difference({**said, "captured": booking.total_amount}, {**said, "captured": 0})
