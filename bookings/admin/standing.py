"""What is open between guest and hotel, told from rows that were read before: no question to the database."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from bookings.models import Booking, BookingStatus, PaymentMethod
from payments import ledger
from payments.models import CAPTURED, COMMITTED_REFUNDS, Payment, PaymentPurpose, PaymentStatus, Refund
from payments.rates import rate_of

S = BookingStatus
OWING: Final = (S.PENDING_PAYMENT, S.PENDING_APPROVAL, S.CONFIRMED)


@dataclass(frozen=True)
class Standing:
    """What the guest still owes in the booking's currency, and what the hotel owes by currency; minor units."""

    due: int
    owed: tuple[tuple[str, int], ...] = ()


def standing(booking: Booking, payments: list[Payment], refunds: Iterable[Refund]) -> Standing:
    """Return what is open of a booking, by its payments and their refunds; of these only what is owed counts."""
    owed: dict[str, int] = {}
    for refund in refunds:
        if refund.is_owed:
            owed[refund.currency] = owed.get(refund.currency, 0) + refund.amount
    return Standing(guest_owes(booking, payments), tuple(sorted(owed.items())))


def guest_owes(booking: Booking, payments: list[Payment]) -> int:
    """Return what the guest still owes, in minor units of the booking's currency."""
    return max(0, still_due(booking, payments)) if owes(booking) else 0


def owes(booking: Booking) -> bool:
    """Whether a guest can owe anything at all: nobody owes for a draft, or for a stay that came to nothing."""
    left_unpaid = booking.status == S.COMPLETED and booking.payment_method == PaymentMethod.ARRIVAL
    return booking.status in OWING or (left_unpaid and booking.paid_at is None)


def still_due(booking: Booking, payments: Iterable[Payment]) -> int:
    """Return what is yet to pay, in minor units of the price; of that, a converted payment pays what it is for."""
    payments = list(payments)
    total, payment = int(booking.total_amount), paying(booking, payments)
    if payment is None:
        return total
    if rate_of(payment):
        return total - int(payment.price)
    # Not the balance: after a reopening it also counts the money of earlier rounds, which went back.
    taken = sum(each.amount_captured for each in round_of(booking, payments) if is_resting(booking, each))
    return total - int(taken or payment.amount_authorized)


def round_of(booking: Booking, payments: Iterable[Payment]) -> list[Payment]:
    """Return the attempts of this round that are waited for and hold or took money, the newest first."""
    standing = (PaymentStatus.AUTHORIZED, *CAPTURED)
    found = [
        each
        for each in payments
        if ledger.is_of_this_round(booking, each) and each.status in standing and each.unwanted_since is None
    ]
    return sorted(found, key=lambda each: each.attempt_number, reverse=True)


def is_resting(booking: Booking, payment: Payment) -> bool:
    """Whether refunds draw on a payment: it was captured, and the booking rests on it."""
    return payment.is_captured and (not booking.payment_reference or ledger.rests_on(booking, payment))


def paying(booking: Booking, payments: Iterable[Payment]) -> Payment | None:
    """Return the payment that the booking rests on, as `ledger.paying_payment` reads it."""
    found = round_of(booking, payments)
    if not booking.payment_reference:
        return next(iter(found), None)
    return next((each for each in found if ledger.is_named(booking, each)), None)


def telling(booking: Booking, payments: Iterable[Payment]) -> Payment | None:
    """Return the payment by which people say how far the money is: the paying one, or else the newest attempt."""
    payments = list(payments)
    for_stay = [each for each in payments if each.purpose == PaymentPurpose.STAY]
    newest = max(for_stay, key=lambda each: each.attempt_number, default=None)
    return paying(booking, payments) or newest


def is_lost(payment: Payment) -> bool:
    """Whether a bank has given back to the guest all that was left of a payment."""
    if payment.dispute_closed_at is None:
        return False
    taken = sum(ledger.taken_by(each, payment) for each in payment.disputes.all() if each.is_lost)
    lost = min(ledger.not_refunded(payment), taken)
    committed = sum(each.amount for each in payment.refunds.all() if each.status in COMMITTED_REFUNDS)
    return lost > 0 and payment.amount_captured <= committed + lost
