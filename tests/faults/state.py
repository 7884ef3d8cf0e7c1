"""What is compared after a fault: Stripe's own account of a booking, and the whole state of it on both sides."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bookings.models import Booking
from payments.models import Dispute, Payment, Refund
from tests.stays import fresh, mails, transitions

type Row = dict[str, Any]
UNDONE: Final = ("failed", "canceled")


@dataclass(frozen=True)
class Truth:
    """What the simulated Stripe holds for one booking: a row for each PaymentIntent, and the payment pages."""

    rows: tuple[Row, ...]
    pages: tuple[Row, ...] = ()

    @classmethod
    def of(cls, booking: Booking, *, summary: Iterable[Row], pages: Iterable[Row]) -> "Truth":
        """Pick what carries the booking's reference."""
        return cls(
            tuple(row for row in summary if row["metadata"].get("booking") == booking.booking_id),
            tuple(page for page in pages if page["metadata"].get("booking") == booking.booking_id),
        )

    def sum(self, name: str) -> int:
        """Add up one number of all PaymentIntents."""
        return sum(row[name] for row in self.rows)

    @property
    def refunds(self) -> list[Row]:
        """Every refund that was ever made, undone or not."""
        return [refund for row in self.rows for refund in row["refunds"]]

    @property
    def external(self) -> list[Row]:
        """The refunds that name no operation of ours: somebody made them in the Dashboard."""
        return [refund for refund in self.refunds if not refund["metadata"].get("operation")]

    @property
    def disputes(self) -> list[Row]:
        """Every dispute that a bank ever opened."""
        return [dispute for row in self.rows for dispute in row["disputes"]]

    @property
    def open_pages(self) -> int:
        """On how many pages the guest could pay now."""
        return sum(page["status"] == "open" for page in self.pages)


@dataclass(frozen=True)
class State:
    """Everything that an action may change, ours and Stripe's, as one value to compare. Amounts in minor units.

    `returned` are our refund rows ("stripe succeeded 17000"), `decided` is the frozen fee and refund, `shown` are the
    worklists of the Today page that lead to the booking.
    """

    status: str
    payments: tuple[str, ...]
    captured: int = 0
    refunded: int = 0
    captures: int = 0
    voids: int = 0
    refunds: int = 0
    external: int = 0
    open_pages: int = 0
    transitions: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    decided: tuple[int | None, int | None] = (None, None)
    disputes: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    charged: str = ""
    drifts: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    nights: int = 2
    price: int = 34000

    @classmethod
    def of(cls, booking: Booking, truth: Truth, shown: Iterable[str]) -> "State":
        """Read the state of a booking."""
        booking = fresh(booking)
        payments = list(booking.payments.order_by("attempt_number"))
        refunds = Refund.objects.filter(payment__booking=booking).order_by("pk")
        disputes = Dispute.objects.filter(payment__booking=booking).order_by("pk")
        return cls(
            status=str(booking.status),
            payments=tuple(str(payment.status) for payment in payments),
            captured=truth.sum("captured"),
            refunded=truth.sum("refunded"),
            captures=truth.sum("captures"),
            voids=truth.sum("voids"),
            refunds=len(truth.refunds),
            external=len(truth.external),
            open_pages=truth.open_pages,
            transitions=tuple(transitions(booking)),
            steps=tuple(step for payment in payments for step in steps_of(payment)),
            operations=tuple(f"{each.kind} {each.status}" for each in booking.operations.order_by("pk")),
            mails=tuple(mails(booking)),
            returned=tuple(f"{each.provider} {each.status} {each.amount}" for each in refunds),
            decided=(booking.cancellation_fee, booking.refund_amount),
            disputes=tuple(str(each.status) for each in disputes),
            requests=tuple(str(each.status) for each in booking.refund_requests.order_by("pk")),
            charged=booking.charged_currency,
            drifts=tuple(str(each.kind) for each in booking.drifts.filter(resolved_at=None)),
            shown=tuple(shown),
            nights=booking.nights,
            price=booking.total_amount,
        )


def steps_of(payment: Payment) -> list[str]:
    """Return the transitions in a payment's history, the oldest first."""
    rows = payment.history.order_by("history_id").values_list("transition", flat=True)
    return [row for row in rows if row not in ("", "create")]


def differences(state: State, expected: tuple[State, ...]) -> str:
    """Say where a state differs from the nearest of the expected ones."""
    return min((", ".join(difference(state, each)) for each in expected), key=len)


def difference(state: State, expected: State) -> list[str]:
    """Say which parts differ."""
    wanted = expected.__dict__
    return [
        f"{name} {value} instead of {wanted[name]}" for name, value in state.__dict__.items() if value != wanted[name]
    ]


def more_than_once(names: Iterable[str], *, but: Iterable[str] = ()) -> Mapping[str, int]:
    """Count what there should be one of."""
    return {name: number for name, number in Counter(names).items() if number > 1 and name not in but}
