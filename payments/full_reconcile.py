"""Compare our books with Stripe's, payment by payment: heal what is safe, list the rest.

Afterwards both say the same, or a `Drift` row says where they do not. A list of Stripe's brings a hundred payments
with one request; only what it does not bring, or what differs, is asked for one by one. Whatever differs is first
settled like any other news from Stripe, and then looked at afresh, so that nothing is listed that heals by itself.
It may be stopped and begun again at any moment.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import batched
from typing import Any, Final

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import Exists, OuterRef, Q, QuerySet

from bookings.models import Booking
from payments import books, gateway, webhooks
from payments.comparison import (
    compare_again,
    compare_booking,
    compare_payment,
    compare_stranger,
    is_at_rest,
    look,
    rows_at_stripe,
)
from payments.gateway import Declined, Listed, OutcomeUnknown
from payments.models import Drift, DriftKind, Payment, PaymentStatus
from payments.pace import Pacer

logger = structlog.get_logger(__name__)

DAYS: Final = 30
BATCH: Final = 100
# How long to wait when Stripe says "too many requests" (seconds), again and again.
PAUSES: Final = (1, 2, 4, 8)
# So many in a row to whom the network brought no answer: each more would only cost its time-outs.
OUT_OF_REACH: Final = 5
# What our own PaymentIntents carry; any other belongs to another use of the account.
OUR_MARKS: Final = frozenset({"booking", "payment"})


@dataclass
class Report:
    """What a full comparison came to. `failed` tells why something could not be compared."""

    since: datetime
    compared: int = 0
    healed: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)

    @property
    def drifts(self) -> QuerySet[Drift]:
        """What differs and waits for somebody, from this comparison or an earlier one."""
        return Drift.objects.filter(resolved_at=None).select_related("booking").order_by("id")


def full_reconcile(now: datetime, *, days: int = DAYS) -> Report:
    """Compare every payment of the last days, and whatever was listed before.

    A payment that cannot be compared is reported and stops no other; Declined or OutcomeUnknown are raised only
    when Stripe's lists cannot be read.
    """
    run = Run(now - timedelta(days=days))
    run.listed()
    run.touched()
    run.unlisted()
    run.strangers()
    run.bookings()
    return run.report


class Run:
    """One full comparison: what it has looked at, and what came of it."""

    def __init__(self, since: datetime) -> None:
        self.report = Report(since)
        self.since = int(since.timestamp())
        self.pacer = Pacer()
        self.seen: set[int] = set()
        self.intents: set[str] = set()
        self.unreached = 0

    def listed(self) -> None:
        """Compare what Stripe lists."""
        after, is_last = "", False
        while not is_last:
            page = self.ask(partial(gateway.payments_page, since=self.since, after=after))
            for listed, payment in matched(page.rows):
                self.one_listed(listed, payment)
            after, is_last = page.after, not page.after

    def one_listed(self, listed: Listed, payment: Payment | None) -> None:
        """Compare one PaymentIntent with its row; what carries no mark of ours is none of our business."""
        self.intents.add(listed.seen.intent_id)
        if payment is not None:
            self.compare(payment, listed.seen)
        elif set(listed.metadata) >= OUR_MARKS:
            self.attempt(listed.seen.intent_id, partial(self.adopt, listed))

    def adopt(self, listed: Listed) -> bool:
        """Find the row of a PaymentIntent whose id we have not heard of, or list that there is none."""
        intent_id, mended = listed.seen.intent_id, False
        payment = webhooks.adopt({"metadata": listed.metadata}, intent_id=intent_id)
        if payment is not None:
            mended = compare_payment(payment)
        compare_stranger(listed.seen, reference=listed.metadata["booking"])
        return mended

    def touched(self) -> None:
        """Compare older payments that were refunded or disputed lately."""
        moved = self.ask(lambda: set(gateway.touched_since(self.since)))
        self.each(rows_at_stripe().filter(stripe_payment_intent_id__in=moved - self.intents))

    def unlisted(self) -> None:
        """Compare our own rows that no list has brought: pages that nobody paid on, and standing holds."""
        moments = ("created_at", "authorized_at", "captured_at", "refunded_at")
        due = Q(status=PaymentStatus.AUTHORIZED) | Q(is_listed=True)
        for moment in moments:
            due |= Q(**{f"{moment}__gte": self.report.since})
        self.each(rows_at_stripe().filter(due))

    def each(self, rows: QuerySet[Payment]) -> None:
        """Read some payments one by one and compare those that were not compared yet."""
        for some in in_batches(rows, leaving_out=self.seen):
            for payment in rows_at_stripe().filter(pk__in=some):
                self.compare(payment)

    def compare(self, payment: Payment, seen: Any = None) -> None:
        """Compare one payment, by what a list has shown or by reading it."""
        self.seen.add(payment.pk)
        self.report.compared += self.attempt(name_of(payment), partial(self.compared, payment, seen))

    def compared(self, payment: Payment, seen: Any) -> bool:
        """Compare one payment, with care if anything about it differs or is at work; whether it was mended."""
        seen = seen or self.ask(partial(look, payment))
        if seen is not None and is_at_rest(payment, seen):
            return False
        return self.ask(partial(compare_payment, payment))

    def strangers(self) -> None:
        """Look again at what was unknown to us and is not in Stripe's list any more."""
        for drift in Drift.objects.filter(resolved_at=None, kind=DriftKind.UNKNOWN_HERE):
            if drift.stripe_id not in self.intents:
                self.attempt(drift.stripe_id, partial(self.ask, partial(compare_again, drift)))

    def bookings(self) -> None:
        """List the bookings whose status disagrees with their money."""
        listed = Drift.objects.filter(booking=OuterRef("pk"), kind=DriftKind.BOOKING, resolved_at=None)
        rows = Booking.objects.annotate(is_listed=Exists(listed))
        paying = Payment.objects.filter(created_at__gte=self.report.since).values("booking")
        due = Q(updated_at__gte=self.report.since) | Q(pk__in=paying) | Q(is_listed=True)
        for some in in_batches(rows.filter(due)):
            for booking in rows.filter(pk__in=some).prefetch_related("payments__refunds"):
                if booking.is_listed or books.of_booking(booking, booking.payments.all()):
                    self.attempt(booking.booking_id, partial(self.ask, partial(compare_booking, booking)))

    def ask[Answer](self, question: Callable[[], Answer]) -> Answer:
        """Ask Stripe at its pace, and again after a pause when that was still too fast."""
        for pause in PAUSES:
            self.pacer.wait()
            try:
                return question()
            except OutcomeUnknown as unknown:
                if "rate_limit" not in unknown.cause:
                    raise
                time.sleep(pause)
        return question()

    def attempt(self, name: str, work: Callable[[], bool]) -> bool:
        """Do one comparison; what goes wrong with it is reported and stops no other. Whether it could be done."""
        try:
            if self.unreached >= OUT_OF_REACH:
                raise OutcomeUnknown("not asked: Stripe is out of reach")
            if work():
                self.report.healed.append(name)
        except (OperationalError, InterfaceError):
            raise  # the database is gone for everybody
        except (OutcomeUnknown, Declined) as error:
            self.unreached += "connection" in str(error)
            self.report.failed[name] = str(error)
        except Exception as error:  # it stays as it is, and the next comparison finds it
            logger.exception("compare.failed", what=name)
            self.report.failed[name] = type(error).__name__
        else:
            self.unreached = 0
        return name not in self.report.failed


def matched(listed: Iterable[Listed]) -> Iterator[tuple[Listed, Payment | None]]:
    """Return what a page lists, each with our row: one look for the whole page."""
    every = list(listed)
    found = rows_at_stripe().filter(stripe_payment_intent_id__in=[each.seen.intent_id for each in every])
    ours = {payment.stripe_payment_intent_id: payment for payment in found}
    return ((each, ours.get(each.seen.intent_id)) for each in every)


def in_batches(rows: QuerySet[Any], *, leaving_out: Iterable[int] = ()) -> Iterator[tuple[int, ...]]:
    """Yield the keys of some rows, a hundred at a time: what is compared meanwhile may change the rows."""
    left_out = set(leaving_out)
    keys = rows.order_by("pk").values_list("pk", flat=True)
    return batched([key for key in keys if key not in left_out], BATCH)


def name_of(payment: Payment) -> str:
    """Return what a report calls a payment."""
    return f"{payment.booking.booking_id} {payment.stripe_payment_intent_id or payment.stripe_checkout_session_id}"
