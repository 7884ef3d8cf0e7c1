"""What must hold after every fault, once the dust has settled; and what must be visible before it has.

a) our sums equal Stripe's for each PaymentIntent; b) refunded ≤ captured ≤ authorized; c) at most one effect at
Stripe per action; d) no operation open; e) the booking's status agrees with Stripe; f) one history row for each
transition; g) one mail of each kind; h) whatever is unsettled can be seen.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from bookings.models import Booking, BookingStatus
from payments.models import OperationStatus, Payment, PaymentOperation, ProcessingResult, StripeWebhookEvent
from payments.settle import open_operation
from tests.simulator_process import StripeSimulator
from tests.stays import fresh, mails, transitions

type Row = dict[str, Any]
S = BookingStatus
# What may rightly happen to a booking more than once.
REPEATABLE: Final = ("refund",)
PAID: Final = (S.CONFIRMED, S.COMPLETED, S.NO_SHOW)
UNHELD: Final = (S.DECLINED, S.EXPIRED, S.CANCELLED)


@dataclass(frozen=True)
class State:
    """Everything that an action may change, ours and Stripe's, as one value to compare."""

    status: str
    payments: tuple[str, ...]
    captured: int = 0
    refunded: int = 0
    captures: int = 0
    voids: int = 0
    refunds: int = 0
    transitions: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    mails: tuple[str, ...] = ()


def rows_of(simulator: StripeSimulator, booking: Booking) -> list[Row]:
    """Stripe's own summary of each PaymentIntent of a booking."""
    return [row for row in simulator.look("summary") if row["metadata"].get("booking") == booking.booking_id]


def state_of(booking: Booking, rows: list[Row]) -> State:
    """Read the state of a booking."""
    payments = list(booking.payments.order_by("attempt_number"))
    return State(
        status=str(fresh(booking).status),
        payments=tuple(str(payment.status) for payment in payments),
        captured=sum(row["captured"] for row in rows),
        refunded=sum(row["refunded"] for row in rows),
        captures=sum(row["captures"] for row in rows),
        voids=sum(row["voids"] for row in rows),
        refunds=sum(len(row["refunds"]) for row in rows),
        transitions=tuple(transitions(booking)),
        steps=tuple(step for payment in payments for step in steps_of(payment)),
        operations=tuple(f"{each.kind} {each.status}" for each in booking.operations.order_by("pk")),
        mails=tuple(mails(booking)),
    )


def steps_of(payment: Payment) -> list[str]:
    """The transitions in a payment's history, the oldest first."""
    rows = payment.history.order_by("history_id").values_list("transition", flat=True)
    return [row for row in rows if row not in ("", "create")]


def violations(booking: Booking, rows: list[Row]) -> list[str]:
    """Which invariants a booking breaks; rows are Stripe's."""
    booking = fresh(booking)
    payments = {payment.stripe_payment_intent_id: payment for payment in booking.payments.all()}
    found = [problem for row in rows for problem in amounts_differ(payments.get(row["payment_intent"]), row)]
    return [*found, *too_many_effects(booking, rows), *disagreement(booking, rows), *left_over(booking)]


def amounts_differ(payment: Payment | None, row: Row) -> Iterator[str]:
    """a and b, for one PaymentIntent."""
    if payment is None:
        yield f"a: {row['payment_intent']} is unknown to us"
        return
    ours = (payment.amount_captured, payment.amount_refunded)
    if ours != (row["captured"], row["refunded_settled"]):
        yield f"a: we have {ours}, Stripe has {(row['captured'], row['refunded_settled'])}"
    recorded = sum(r.amount for r in payment.refunds.exclude(status__in=("failed", "canceled")))
    if recorded != row["refunded"]:
        yield f"a: our refunds are {recorded}, Stripe's {row['refunded']}"
    if not row["refunded"] <= row["captured"] <= row["authorized"]:
        yield f"b: {row['refunded']} ≤ {row['captured']} ≤ {row['authorized']} is wrong"


def too_many_effects(booking: Booking, rows: list[Row]) -> Iterator[str]:
    """c: no two captures or voids of one hold, and no refund without an operation of its own."""
    for row in rows:
        if row["captures"] > 1 or row["voids"] > 1:
            yield f"c: {row['captures']} captures and {row['voids']} voids"
        asked = Counter(refund["metadata"].get("operation") for refund in row["refunds"])
        if any(number > 1 for number in asked.values()):
            yield f"c: an operation refunded more than once: {dict(asked)}"
    refunds = sum(len(row["refunds"]) for row in rows)
    wanted = booking.operations.filter(kind="refund", status=OperationStatus.SUCCEEDED).count()
    if refunds != wanted:
        yield f"c: {refunds} refunds for {wanted} operations"


def disagreement(booking: Booking, rows: list[Row]) -> Iterator[str]:
    """e: the status against what Stripe holds."""
    held = sum(row["authorized"] for row in rows if row["status"] == "requires_capture")
    captured, refunded = sum(row["captured"] for row in rows), sum(row["refunded"] for row in rows)
    status = S(booking.status)
    says = f"{status} with {held} held, {captured} captured, {refunded} refunded"
    if status == S.PENDING_PAYMENT and (held or captured - refunded):
        yield f"e: {says}"
    if status == S.PENDING_APPROVAL and (held, captured) != (booking.total_amount, 0):
        yield f"e: {says}"
    if status in PAID and (held, captured) != (0, booking.total_amount):
        yield f"e: {says}"
    if status in UNHELD and (held or refunded != (booking.refund_amount or 0)):
        yield f"e: {says}, decided {booking.refund_amount}"


def left_over(booking: Booking) -> Iterator[str]:
    """d, f and g."""
    waiting = open_operation(booking)
    if waiting is not None:
        yield f"d: {waiting} is open"
    told = Counter(each for each in transitions(booking) if each not in REPEATABLE)
    for name, number in told.items():
        if number > 1:
            yield f"f: {number} history rows for {name}"
    for kind, number in Counter(mails(booking)).items():
        if number > 1 and kind != "refund_sent":
            yield f"g: {number} mails {kind}"


def unexplained(booking: Booking, before: list[Row], rows: list[Row]) -> list[str]:
    """h: money that we moved at Stripe, while neither our rows nor an open operation say so."""
    if open_operation(booking) is not None:
        return []
    moved = [row for row in rows if effects(row) not in map(effects, before)]
    payments = {payment.stripe_payment_intent_id: payment for payment in booking.payments.all()}
    return [
        f"h: {row['payment_intent']} moved and nobody can see it"
        for row in moved
        if not is_recorded(payments.get(row["payment_intent"]), row)
    ]


def effects(row: Row) -> tuple[str, int, int, int]:
    """What we can do to a PaymentIntent."""
    return row["payment_intent"], row["captured"], row["refunded"], row["voids"]


def is_recorded(payment: Payment | None, row: Row) -> bool:
    """Whether our row says what Stripe says."""
    if payment is None:
        return False
    ours = (payment.amount_captured, payment.amount_refunded, payment.status == "VOIDED")
    return ours == (row["captured"], row["refunded_settled"], bool(row["voids"]))


def is_unsettled() -> bool:
    """Whether anything still waits for the worker."""
    return (
        PaymentOperation.objects.filter(status=OperationStatus.PENDING).exists()
        or StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.RECEIVED).exists()
    )
