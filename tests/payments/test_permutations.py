"""Real histories of events, delivered late, in any order and more than once, end as the ordered delivery does.

People and the product act on while events wait: what one of them needs to know is read at Stripe, as by the page to
which a guest returns, or by the janitor. Each run draws by its seed which events come when, how often, and when the
worker takes its turn.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
import stripe
from django.db import connection, transaction

from bookings.models import Booking
from cancellations.cancel import QuoteChanged
from payments import decisions, ledger, payouts
from payments.models import Dispute, Payment, ProcessingResult, Refund
from tests.faults import worklist
from tests.payments.event_table import lives
from tests.payments.event_table.stage import Json, Stage, newest, stored
from tests.stays import REFUSED_CARD, by_staff, fresh, guest_cancels, mails, pay, transitions

pytestmark = pytest.mark.django_db

PERMUTATIONS: Final = 200
# What order events come in is no matter of the database, so SQLite sees every fifth.
SPARING: Final = 5


@dataclass
class Life:
    """A booking, and the events of Stripe's that have not been delivered yet. Without dice they come in order."""

    stage: Stage
    booking: Booking
    dice: random.Random | None
    waiting: list[Json] = field(default_factory=list)
    told: set[str] = field(default_factory=set)

    @property
    def payment(self) -> Payment:
        """The newest attempt to pay."""
        return newest(self.booking)

    def look(self) -> None:
        """Let the product read the newest attempt at Stripe."""
        lives.hear(self.payment)

    def gather(self) -> None:
        """Take what Stripe has raised since the last time, the oldest first."""
        news = [event for event in self.stage.events(self.booking) if event["id"] not in self.told]
        self.told |= {event["id"] for event in news}
        copies = [1] if self.dice is None else (1, 1, 2, 3)
        for event in news:
            self.waiting += [event] * (self.dice.choice(copies) if self.dice else 1)

    def some_arrive(self) -> None:
        """Deliver all that waits, each processed at once; with dice any of it, in any order."""
        self.gather()
        if self.dice is None:
            self.arrive(len(self.waiting))
        else:
            self.dice.shuffle(self.waiting)
            self.arrive(self.dice.randint(0, len(self.waiting)))

    def rest_arrives(self) -> None:
        """Deliver everything that is left, also what is raised by that."""
        self.gather()
        while self.waiting or self.stage.work():
            self.arrive(len(self.waiting))
            self.gather()

    def arrive(self, number: int) -> None:
        """Deliver the first ones of what waits; the worker takes its turn after each, or now and then."""
        for event in self.waiting[:number]:
            self.stage.deliver(event)
            if self.dice is None or self.dice.random() < 0.3:
                self.stage.work()
        del self.waiting[:number]


type History = Callable[[Life], Iterator[None]]


def refunded_in_part_then_cancelled(life: Life) -> Iterator[None]:
    """Paid, approved, refunded in part, and cancelled when half of it is kept."""
    yield from paid(life)
    approve(life)
    yield
    lives.refund(life.booking, 5000)
    yield
    guest_cancels(life.booking)
    yield


def declined(life: Life) -> Iterator[None]:
    """Paid and declined."""
    yield from paid(life)
    with by_staff():
        decisions.decline(life.booking, reason="The room is being painted.")
    yield


def expired_then_paid_at_second_try(life: Life) -> Iterator[None]:
    """The card is refused, the page runs out, the guest asks for another and pays, and staff approve."""
    first = lives.with_page(life.booking)
    yield
    pay(life.stage.simulator, first, REFUSED_CARD)
    yield
    life.stage.simulator.control(f"expire/{first.stripe_checkout_session_id}")
    yield
    life.look()
    yield from paid(life)
    approve(life)
    yield


def captured_and_disputed(life: Life) -> Iterator[None]:
    """Captured and refunded in part at Stripe; then the guest's bank takes the rest, and keeps it."""
    yield from paid(life)
    life.stage.at_dashboard(life.payment, "capture")
    yield
    life.stage.at_dashboard(life.payment, "refund", amount=5000)
    yield
    dispute = life.stage.at_dashboard(life.payment, "dispute")
    yield
    life.look()  # of a dispute that is over when it is first heard of the hotel needn't be warned
    life.stage.simulator.control(f"dashboard/disputes/{dispute['id']}/review")
    yield
    life.stage.simulator.control(f"dashboard/disputes/{dispute['id']}/close", status="lost")
    yield


def refund_fails_and_is_sent_again(life: Life) -> Iterator[None]:
    """A refund on its way fails; staff send it again, and that one arrives."""
    yield from paid(life)
    approve(life)
    life.stage.simulator.control("refund_outcome", mode="pending")
    yield
    lives.refund(life.booking, 5000)
    yield
    failing = Refund.objects.get(payment=life.payment)
    life.stage.simulator.control(f"refunds/{failing.stripe_refund_id}/resolve", status="failed")
    yield
    life.look()
    with by_staff():
        payouts.send_again(Refund.objects.get(replaces=failing))
    yield


def slow_payment_after_the_end(life: Life) -> Iterator[None]:
    """The guest cancels while a slow payment is on its way; it arrives, and goes back by itself."""
    payment = lives.with_page(life.booking)
    life.stage.simulator.control(f"pay/{payment.stripe_checkout_session_id}/delayed")
    yield
    life.look()
    guest_cancels(life.booking)
    yield
    life.stage.simulator.control(f"pay/{payment.stripe_checkout_session_id}/settle", status="succeeded")
    yield


def answers_lost(life: Life) -> Iterator[None]:
    """Stripe approves, refunds a part and refunds the cancellation, and none of its answers comes through."""
    yield from paid(life)
    for act in (approve, refund_a_part, cancel):
        lose_answers(life.stage)
        act(life)
        yield


def paid(life: Life) -> Iterator[None]:
    """The guest pays and comes back to the desk's page."""
    payment = lives.with_page(fresh(life.booking))
    yield
    pay(life.stage.simulator, payment)
    yield
    life.look()


def approve(life: Life) -> None:
    """Staff agree to the stay."""
    with by_staff():
        decisions.approve(life.booking)


def refund_a_part(life: Life) -> None:
    """Staff refund 50.00."""
    lives.refund(life.booking, 5000)


def cancel(life: Life) -> None:
    """The guest cancels; once more where the amounts changed, since an answer that was lost is found only now."""
    try:
        guest_cancels(life.booking)
    except QuoteChanged:
        guest_cancels(life.booking)


def lose_answers(stage: Stage) -> None:
    """Let Stripe act on the next wish and its repetitions, and answer none of them."""
    stage.simulator.control("faults", kind="drop_after", times=3, match={"method": "POST", "path_regex": "^/v1/"})


HISTORIES: Final[dict[str, History]] = {
    each.__name__: each
    for each in (
        refunded_in_part_then_cancelled,
        declined,
        expired_then_paid_at_second_try,
        captured_and_disputed,
        refund_fails_and_is_sent_again,
        slow_payment_after_the_end,
        answers_lost,
    )
}
# Whoever has paid meanwhile is no longer told that an earlier card was refused, so these depend on the order.
TIMELY: Final = ("payment_failed",)
IN_INSTANT_HOTEL: Final = ("slow_payment_after_the_end",)
SEEDS: Final = {name: range(number, PERMUTATIONS, len(HISTORIES)) for number, name in enumerate(HISTORIES)}


@dataclass(frozen=True)
class End:
    """Everything that a history comes to, ours and Stripe's; what has no order is sorted. Amounts in minor units."""

    booking: tuple[Any, ...]
    payments: tuple[Any, ...]
    returned: tuple[Any, ...]
    disputes: tuple[Any, ...]
    operations: tuple[Any, ...]
    sums: tuple[Any, ...]
    at_stripe: tuple[Any, ...]
    transitions: tuple[str, ...]
    mails: tuple[str, ...]
    lists: tuple[str, ...]

    @classmethod
    def of(cls, stage: Stage, booking: Booking) -> "End":
        """Read it."""
        booking = fresh(booking)
        payments = booking.payments.order_by("attempt_number")
        returned = Refund.objects.filter(payment__in=payments).order_by("provider", "status", "amount")
        disputes = Dispute.objects.filter(payment__in=payments).order_by("status", "amount")
        operations = booking.operations.order_by("kind", "transition", "status", "amount")
        at_stripe = ("status", "authorized", "captured", "refunded", "refunded_settled", "captures", "voids")
        return cls(
            booking=(booking.status, booking.cancellation_fee, booking.refund_amount),
            payments=rows(
                payments, "status", "amount_authorized", "amount_captured", "amount_refunded", "is_disputed"
            ),
            returned=rows(returned, "provider", "status", "amount", "is_external", "failure_reason"),
            disputes=rows(disputes, "status", "amount", "is_withdrawn"),
            operations=rows(operations, "kind", "transition", "status", "amount"),
            sums=tuple(ledger.balances(booking)),
            at_stripe=tuple(sorted(tuple(row[name] for name in at_stripe) for row in stage.rows_of(booking))),
            transitions=tuple(sorted(transitions(booking))),
            mails=tuple(sorted(kind for kind in mails(booking) if kind not in TIMELY)),
            lists=worklist.lists_with(booking, stage.owner),
        )


def rows(found: Any, *names: str) -> tuple[Any, ...]:
    """Return some values of each row."""
    return tuple(found.values_list(*names))


def differences(end: End, ordered: End) -> str:
    """Say which parts differ."""
    told = ordered.__dict__
    return "; ".join(
        f"{name} {value} not {told[name]}" for name, value in end.__dict__.items() if value != told[name]
    )


def end_of(stage: Stage, name: str, dice: random.Random | None) -> End:
    """Live a history through, and return what it comes to. Nothing of it stays in the database."""
    stage.begin()
    with transaction.atomic():
        make = lives.instant if name in IN_INSTANT_HOTEL else lives.draft
        life = Life(stage, make(stage, "CONFIRMED", days=lives.HALF_KEPT), dice)
        for _ in HISTORIES[name](life):
            life.some_arrive()
        life.rest_arrives()
        undone = [event_id for event_id in life.told if stored({"id": event_id}).processing_result in UNFINISHED]
        assert undone == []
        end = End.of(stage, life.booking)
        transaction.set_rollback(True)
    return end


UNFINISHED: Final = (ProcessingResult.RECEIVED, ProcessingResult.FAILED)


def test_there_are_as_many_permutations_as_promised():
    assert sorted(seed for seeds in SEEDS.values() for seed in seeds) == list(range(200))


@pytest.mark.parametrize("name", HISTORIES)
def test_any_order_ends_as_the_ordered_delivery(stripe_simulator, monkeypatch, name):
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    stage = Stage(stripe_simulator)
    with stage.clock():
        ordered = end_of(stage, name, None)
        for seed in SEEDS[name][:: 1 if connection.vendor == "postgresql" else SPARING]:
            end = end_of(stage, name, random.Random(seed))
            assert end == ordered, f"seed {seed}: {differences(end, ordered)}"
