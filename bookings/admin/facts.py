"""What the booking page, its buttons and its dialogs need to know about one booking, read once."""

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from bookings.models import Booking
from payments import decisions, four_eyes, ledger, rates
from payments.ledger import Balance
from payments.models import OperationStatus, Payment, PaymentOperation, PaymentStatus, RefundRequest
from payments.money import spoken


@dataclass(frozen=True)
class Facts:
    """One booking and its money at a moment (UTC)."""

    booking: Booking
    balances: list[Balance]
    payment: Payment | None
    operations: list[PaymentOperation]
    # The refund that waits for a second person.
    wish: RefundRequest | None
    now: datetime

    @property
    def balance(self) -> Balance:
        """The sums of the booking's money."""
        return self.balances[0]

    @property
    def others(self) -> list[Balance]:
        """The sums of money in other currencies, which the booking does not rest on."""
        return self.balances[1:]

    @property
    def waiting(self) -> PaymentOperation | None:
        """The operation whose answer from Stripe is still unknown."""
        return next((each for each in self.operations if each.is_open), None)

    @property
    def failed(self) -> PaymentOperation | None:
        """The last operation, if Stripe refused it and nothing came after."""
        last = self.operations[0] if self.operations else None
        return last if last and last.status == OperationStatus.FAILED else None

    @property
    def held(self) -> int:
        """What is held for the stay, in minor units."""
        return self.balance.authorized

    @cached_property
    def open_money(self) -> str:
        """Why the money has not come to rest, as `decisions.why_open` says it; several buttons wait for it."""
        return decisions.why_open(self.booking)

    @cached_property
    def to_refund(self) -> tuple[Payment | None, int]:
        """What a refund can draw on, as `decisions.to_refund` says it; two buttons ask for it."""
        return decisions.to_refund(self.booking)

    @property
    def captures(self) -> int:
        """What an approval would capture of it: the price, which may have sunk since."""
        is_held = self.payment is not None and self.payment.status == PaymentStatus.AUTHORIZED
        return rates.to_capture(self.payment) if is_held and self.payment else 0

    def shown(self, amount: int) -> str:
        """Return minor units of the booking's money as people read it."""
        return spoken(amount, self.currency)

    @property
    def currency(self) -> str:
        """The currency that was charged; the booking's own before any payment."""
        return self.payment.currency if self.payment else self.booking.money_currency

    @property
    def price(self) -> str:
        """What the stay costs, in the booking's own currency."""
        return spoken(self.booking.total_amount, self.booking.currency)


def facts_of(booking: Booking, now: datetime) -> Facts:
    """Read the money of a booking."""
    return Facts(
        booking=booking,
        balances=ledger.balances(booking),
        payment=ledger.paying_payment(booking),
        operations=list(booking.operations.all()),
        wish=four_eyes.pending(booking),
        now=now,
    )
