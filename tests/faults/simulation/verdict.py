"""What must hold after each step, and when everything has come to rest."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

from django.db.models import F, Q

from bookings.models import Booking
from payments import reconcile
from payments.models import Dispute, Payment, ProcessingResult, Refund
from payments.models import StripeWebhookEvent as Event
from payments.opening import open_operation
from tests.faults import invariants, worklist
from tests.faults.simulation.stage import Stage
from tests.faults.state import UNDONE, Truth
from tests.payments.too_much import too_much
from trail import verifying

# What the worker notes and survives. Of these, only a no of Stripe's, or none of its answers, is right.
SURVIVED: Final = (
    "worker.failed",
    "chore.failed",
    "webhook.broken",
    "reconcile.failed",
    "compare.failed",
    "bulk.row_failed",
)
MEANT: Final = ("OutcomeUnknown", "Declined")
# Where staff see money that could not go back by itself.
SEEN_BY_STAFF: Final = {worklist.OWED, worklist.DISPUTES, worklist.DRIFT}


def wrong_at_once(stage: Stage) -> list[str]:
    """b and c, at any moment: no more is back than was taken, no more was taken than was held, and once."""
    beyond = Q(amount_refunded__gt=F("amount_captured")) | Q(amount_captured__gt=F("amount_authorized"))
    ours = [f"b: {payment} is beyond" for payment in Payment.objects.filter(beyond, provider="stripe")]
    rows = stage.at_stripe()
    theirs = [
        f"b: {row['refunded']} ≤ {row['captured']} ≤ {row['authorized']} is wrong at Stripe"
        for row in rows
        if not row["refunded"] <= row["captured"] <= row["authorized"]
    ]
    twice = [
        f"c: {row['captures']} captures and {row['voids']} voids of {stage.name_of(row)}"
        for row in rows
        if row["captures"] > 1 or row["voids"] > 1
    ]
    return [*ours, *theirs, *twice]


def broken(log: Any) -> list[str]:
    """What broke in the worker, which goes on all the same."""
    return [str(line) for line in log.lines if line["event"] in SURVIVED and not is_meant(line)]


def is_meant(line: dict[str, Any]) -> bool:
    """Whether Stripe, or the way to it, was the cause."""
    types = [each["type"].rpartition(".")[2] for each in line.get("exception", ())]
    return any(name in MEANT for name in types)


def is_at_rest() -> bool:
    """Whether the worker has nothing left to do or to hear."""
    return not invariants.is_unsettled() and not reconcile.strays().exists()


def wrong(stage: Stage) -> list[str]:
    """Every invariant that any booking breaks."""
    rows = [{**row, "disputes": stage.world.disputes(row)} for row in stage.at_stripe()]
    pages = stage.world.ask_stripe("/v1/checkout/sessions?limit=100")["data"]
    found = []
    for booking in stage.all_bookings():
        truth = Truth.of(booking, summary=rows, pages=pages)
        found += [f"{stage.name(booking)}: {each}" for each in violations(booking, truth, stage)]
    hotels = {room.hotel_id for room in stage.rooms}
    chains = (*verifying.verify(chains=sorted(hotels)).findings, *verifying.without_entry("default"))
    failed = Event.objects.filter(processing_result=ProcessingResult.FAILED)
    return [
        *found,
        *(f"f: {finding}" for finding in chains),
        *(f"d: {event}: {event.error_message}" for event in failed),
    ]


def violations(booking: Booking, truth: Truth, stage: Stage) -> Iterator[str]:
    """Yield the invariants that a booking breaks, however much has been done to it at Stripe."""
    payments = {payment.stripe_payment_intent_id: payment for payment in booking.payments.all()}
    # What somebody has asked for themselves waits on the lists of somebody else.
    shown = (*stage.world.shown(booking), *worklist.lists_with(booking, stage.partner))
    for row in truth.rows:
        yield from invariants.amounts_differ(payments.get(row["payment_intent"]), row)
    yield from invariants.too_many_effects(booking, truth, len(truth.external))
    if waiting := open_operation(booking):
        yield f"d: {waiting} is open"
    yield from (f"d: {kept} is kept, and nothing decides about it" for kept in invariants.undecided(booking))
    if is_untouched(truth):
        yield from invariants.disagreement(booking, truth, payments)
    elif not SEEN_BY_STAFF & set(shown):
        yield from (f"e: {each}, shown only on {shown}" for each in too_much(booking, truth))
    yield from invariants.history_gaps(booking)
    yield from invariants.other_mails(booking, truth, mails_owed(booking))
    for name in sorted(set(unsettled(booking, truth)) - set(shown)):
        yield f"h: not on the worklist “{name}”, only on {shown}"


def mails_owed(booking: Booking) -> Counter[str]:
    """Return the mails for what the desk has heard: what came and went between two looks is told by its end alone."""
    owed = invariants.mails_of_transitions(booking)
    refunds = Refund.objects.filter(payment__booking=booking)
    owed["refund_failed"] = refunds.exclude(replaces=None).count()
    asked = refunds.filter(operation__transition__in=("refund", "send_again"))
    owed["refund_sent"] -= sum(refund.history.earliest("history_id").status in UNDONE for refund in asked)
    owed["dispute_opened"] = sum(map(times_opened, Dispute.objects.filter(payment__booking=booking)))
    return owed


def times_opened(dispute: Dispute) -> int:
    """Return how often a dispute was news: when the desk first saw it open, and when an inquiry became one."""
    rows = [None, *dispute.history.order_by("history_id")]
    return sum(
        row.status not in worklist.CLOSED
        and (before is None or (before.status.startswith("warning") and not row.status.startswith("warning")))
        for before, row in pairwise(rows)
    )


def is_untouched(truth: Truth) -> bool:
    """Whether nobody but the desk has moved money, and all of it has arrived."""
    undone = any(refund["status"] in UNDONE for refund in truth.refunds)
    return not (undone or truth.external or truth.disputes or any(row["cancellation_reason"] for row in truth.rows))


def unsettled(booking: Booking, truth: Truth) -> Iterator[str]:
    """Yield the worklists that a booking has to be on; what is owed is in `too_much`."""
    for name in invariants.unsettled(booking, truth):
        if name not in (worklist.OWED, worklist.EXTERNAL):
            yield name
    refunds = Refund.objects.filter(payment__booking=booking)
    for refund in truth.external:
        ours = refunds.filter(stripe_refund_id=refund["id"], reviewed_at=None)
        if refund["status"] not in UNDONE and ours:
            yield worklist.EXTERNAL
