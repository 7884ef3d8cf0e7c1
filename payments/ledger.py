"""What a booking owes, paid and got back: always derived from the payment and refund rows, stored nowhere else."""

from dataclasses import dataclass

from django.db.models import Sum

from bookings.models import Booking
from payments.models import CAPTURED, COMMITTED_REFUNDS, Payment, PaymentStatus, Refund, RefundStatus


@dataclass(frozen=True)
class Balance:
    """Amounts in minor units. `refunding` is on its way; `left` can still be refunded."""

    authorized: int
    captured: int
    refunded: int
    refunding: int

    @property
    def committed(self) -> int:
        """What went back or is on its way."""
        return self.refunded + self.refunding

    @property
    def left(self) -> int:
        """What can still be refunded."""
        return self.captured - self.committed

    @property
    def net(self) -> int:
        """What the hotel keeps as things stand."""
        return self.captured - self.refunded


def balance(booking: Booking) -> Balance:
    """Return the sums over all of the booking's payments."""
    return sums(list(booking.payments.all()))


def resting_balance(booking: Booking) -> Balance:
    """Return the sums that a decision may count on: without money that nobody waits for and that goes back."""
    payments = booking.payments.filter(unwanted_since=None)
    return sums([payment for payment in payments if not booking.payment_reference or rests_on(booking, payment)])


def sums(payments: list[Payment]) -> Balance:
    """Return the sums over some payments."""
    committed = dict(
        Refund.objects.filter(payment__in=payments, status__in=COMMITTED_REFUNDS)
        .values_list("status")
        .annotate(sum=Sum("amount"))
        .order_by()
    )
    return Balance(
        authorized=sum(p.amount_authorized for p in payments if p.status == PaymentStatus.AUTHORIZED),
        captured=sum(p.amount_captured for p in payments if p.status in CAPTURED),
        refunded=committed.get(RefundStatus.SUCCEEDED, 0),
        refunding=sum(amount for status, amount in committed.items() if status != RefundStatus.SUCCEEDED),
    )


def left_of(payment: Payment) -> int:
    """Return what can still be refunded of one payment, in minor units."""
    committed = payment.refunds.filter(status__in=COMMITTED_REFUNDS).aggregate(sum=Sum("amount"))["sum"]
    return int(payment.amount_captured - (committed or 0))


def current_payment(booking: Booking) -> Payment | None:
    """Return the newest attempt."""
    return booking.payments.order_by("-attempt_number").first()


def paying_payment(booking: Booking) -> Payment | None:
    """Return the payment that the booking rests on: held, or captured."""
    standing = booking.payments.filter(status__in=(PaymentStatus.AUTHORIZED, *CAPTURED), unwanted_since=None)
    newest_first = standing.order_by("-attempt_number")
    if not booking.payment_reference:
        return newest_first.first()
    # A second page may have been paid, too: its money is never the booking's, however new it is.
    return next((payment for payment in newest_first if rests_on(booking, payment)), None)


def rests_on(booking: Booking, payment: Payment) -> bool:
    """Whether the booking got where it is by this payment."""
    names = (payment.stripe_payment_intent_id, f"manual:{payment.pk}")
    return bool(booking.payment_reference) and booking.payment_reference in names
