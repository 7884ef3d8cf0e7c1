"""A booking in a situation, deliveries to it, and what is to be seen of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Final

from bookings.models import Booking
from payments.models import Dispute, Payment, PaymentOperation, PaymentStatus, Refund
from tests.faults import worklist
from tests.faults.invariants import LEADS_TO, amounts_differ
from tests.payments.event_table import forgeries
from tests.payments.event_table.grammar import Cell, Seen, joined
from tests.payments.event_table.situations import FORGED, OF_FIRST_ATTEMPT, STRANGER
from tests.payments.event_table.stage import Json, Stage, newest, stored, things
from tests.stays import fresh, mails

# The worklists of the Today page, as the tables call them.
LISTS: Final = {
    worklist.APPROVALS: "approvals",
    worklist.WAITING: "waiting",
    worklist.OWED: "owed",
    worklist.EXTERNAL: "external",
    worklist.ENDING: "ending",
    worklist.GONE: "gone",
    worklist.DISPUTES: "disputes",
    worklist.DRIFT: "drift",
    worklist.REQUESTS: "requests",
    worklist.BROKEN: "broken",
    "Money that nobody waited for": "late",
}
# Whatever says where a booking's money is, and how it is found from the booking.
KEPT: Final[Mapping[Any, str]] = {
    Booking: "id",
    Payment: "booking_id",
    PaymentOperation: "booking_id",
    Refund: "payment__booking_id",
    Dispute: "payment__booking_id",
}
type Row = tuple[str, int]


class Scene:
    """A booking in a situation, before the event is delivered."""

    def __init__(self, stage: Stage, booking: Booking) -> None:
        self.stage = stage
        self.booking = booking

    @cached_property
    def events(self) -> list[Json]:
        """What Stripe has raised about the booking, the newest first."""
        return self.stage.events(self.booking)[::-1]

    def deliver(self, cell: Cell, modes: tuple[str, ...]) -> Iterator[str]:
        """Deliver an event in each of the modes in turn; say where it comes to something else than expected."""
        event = self.event(cell)
        before = Written.of(self.booking)
        for number, mode in enumerate(modes):
            self.stage.deliver(event)
            taken = self.stage.work()
            after = Written.of(self.booking)
            wrong = [*self.differences(event, before, cell.expected[mode]), *self.broken(before, after)]
            if number and after != before:
                wrong.append("the second delivery wrote something")
            if (taken, stored(event).deliveries) != (0 if number else 1, number + 1):
                wrong.append(f"the worker took {taken} events, {stored(event).deliveries} deliveries were counted")
            yield from (f"{cell.event}, {mode}: {each}" for each in wrong)
            before = after

    def event(self, cell: Cell) -> Json:
        """Return the event that Stripe has raised, or a forged one where it raises none."""
        if cell.situation == STRANGER:
            return forgeries.of_nobody(cell.event, self.booking)
        if cell.situation == FORGED:
            return forgeries.of_own(self.stage, cell.event, self.booking)
        attempts = self.booking.payments.order_by("attempt_number")
        payment = attempts[0] if cell.situation in OF_FIRST_ATTEMPT else newest(self.booking)
        names = self.stage.names_of(payment)
        return next(each for each in self.events if each["type"] == cell.event and names & things(each))

    def differences(self, event: Json, before: "Written", expected: Seen) -> Iterator[str]:
        """Say where there is something else to see than expected, with what went wrong in the worker."""
        if difference := self.seen(event, before).unlike(expected):
            yield f"{difference} {stored(event).error_message[-600:]}"

    def seen(self, event: Json, before: "Written") -> Seen:
        """Return what there is to see, in the words of the table."""
        booking = fresh(self.booking)
        payments = booking.payments.order_by("attempt_number")
        shown = worklist.lists_with(booking, self.stage.owner)
        return Seen(
            booking=named(booking),
            payments=joined([str(payment.status) for payment in payments]),
            captured=sum(payment.amount_captured for payment in payments),
            refunded=sum(payment.amount_refunded for payment in payments),
            held=sum(each.amount_authorized for each in payments if each.status == PaymentStatus.AUTHORIZED),
            owed=sum(refund.amount for refund in Refund.objects.filter(payment__in=payments) if refund.is_owed),
            event=str(stored(event).processing_result),
            mails=joined(sorted(mails(booking)[before.mails :])),
            lists=joined([LISTS[name] for name in shown]),
        )

    def broken(self, before: "Written", after: "Written") -> Iterator[str]:
        """Say where Stripe has other sums, and where the history doesn't tell each transition once."""
        payments = {payment.stripe_payment_intent_id: payment for payment in self.booking.payments.all()}
        for row in self.stage.rows_of(self.booking):
            yield from amounts_differ(payments.get(row["payment_intent"]), row)
        yield from history_gaps(self.booking, since=len(before.statuses[Booking.__name__, self.booking.pk]))
        yield from stale_histories(self.booking, after)


@dataclass(frozen=True)
class Written:
    """What is written about a booking: each row's statuses by its history, and the number of mails."""

    statuses: Mapping[Row, list[str]]
    mails: int

    @classmethod
    def of(cls, booking: Booking) -> "Written":
        """Read it."""
        statuses: dict[Row, list[str]] = {}
        for model, path in KEPT.items():
            rows = model.history.filter(**{path: booking.pk}).order_by("history_id")
            for key, status in rows.values_list("id", "status"):
                statuses.setdefault((model.__name__, key), []).append(status)
        return cls(statuses, len(mails(booking)))


def history_gaps(booking: Booking, *, since: int) -> Iterator[str]:
    """Say where the booking's new history isn't one row for each transition."""
    rows = list(booking.history.order_by("history_id"))[since - 1 :]
    names = [row.transition for row in rows[1:]]
    if len(names) != len(set(names)):
        yield f"history rows {names}"
    for row, following in pairwise(rows):
        if row.status != following.status and following.status not in LEADS_TO.get(following.transition, ()):
            yield f"{row.status} became {following.status} by {following.transition or 'nothing'}"


def stale_histories(booking: Booking, written: Written) -> Iterator[str]:
    """Say which rows are something else than their last history row says."""
    for model, path in KEPT.items():
        for key, status in model.objects.filter(**{path: booking.pk}).values_list("pk", "status"):
            told = written.statuses[model.__name__, key]
            if told[-1] != status:
                yield f"{model.__name__} is {status}, its history says {told}"


def named(booking: Booking) -> str:
    """Return a booking's state as the tables call it."""
    return f"{booking.status}/deleted" if booking.is_deleted else str(booking.status)
