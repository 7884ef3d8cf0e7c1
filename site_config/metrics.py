"""Numbers for Prometheus: what waits, and when things last moved, of all hotels together.

They are read from the database at each scrape, so that it does not matter which of several processes is asked, and
nothing is counted twice or lost when one is replaced. Nothing here names a hotel or a person.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bookings.models import UNFINISHED_RUNS, UNREAD, Booking, BookingStatus, BulkRun, Message, MessageStatus
from payments import heartbeat
from payments.admin import refund_filters
from payments.models import (
    CLOSED_DISPUTES,
    Dispute,
    Drift,
    OperationStatus,
    PaymentOperation,
    ProcessingResult,
    Refund,
    StripeWebhookEvent,
)

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST
NOTHING: Final = 0.0

type Rows = Callable[[], QuerySet[Any]]

# What waits, for whom: the name after "innkeep_", what it says, and the rows.
WAITING: Final[Mapping[str, tuple[str, Rows]]] = {
    "bookings_to_approve": (
        "Bookings that wait for an approval.",
        lambda: Booking.objects.active().filter(status=BookingStatus.PENDING_APPROVAL),
    ),
    "operations_open": (
        "Steps at Stripe whose outcome is not known yet.",
        lambda: PaymentOperation.objects.filter(status=OperationStatus.PENDING),
    ),
    "webhooks_waiting": (
        "Events of Stripe that are stored and not processed yet.",
        lambda: StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.RECEIVED),
    ),
    "webhooks_failed": (
        "Events of Stripe that could not be processed.",
        lambda: StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.FAILED),
    ),
    "mails_waiting": (
        "Mails that have not left yet.",
        lambda: Message.objects.filter(status=MessageStatus.QUEUED),
    ),
    "mails_undelivered": (
        "Mails that did not arrive, and nobody has dealt with that.",
        lambda: Message.objects.filter(status__in=UNREAD, handled_at=None),
    ),
    "refunds_owed": (
        "Refunds that have to be paid out by hand.",
        lambda: Refund.objects.filter(refund_filters.OWED),
    ),
    "drifts_open": (
        "Differences between our records and Stripe's that nobody has settled.",
        lambda: Drift.objects.filter(resolved_at=None),
    ),
    "disputes_open": (
        "Disputes that no bank has decided.",
        lambda: Dispute.objects.exclude(status__in=CLOSED_DISPUTES),
    ),
    "bulk_runs_open": (
        "Bulk runs that are not over.",
        lambda: BulkRun.objects.filter(state__in=UNFINISHED_RUNS),
    ),
}


class Desk(Collector):
    """The numbers of one moment (UTC)."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def collect(self) -> Iterator[Metric]:
        """Read and give them one after the other."""
        for name, (says, rows) in WAITING.items():
            yield GaugeMetricFamily(f"innkeep_{name}", says, value=rows().count())
        yield age("operation_oldest", "open step at Stripe", self.now, oldest_operation())
        yield age("mail_oldest", "mail that should have left", self.now, oldest_mail(self.now))
        yield moment("worker_last_turn", "a worker turned", heartbeat.last())
        yield moment("webhook_last_received", "Stripe sent an event", last_webhook())


def exposition(now: datetime) -> bytes:
    """Return all numbers of a moment (UTC) in the form that Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Desk(now))
    return generate_latest(registry)


def oldest_operation() -> datetime | None:
    """Return since when the oldest step at Stripe is open."""
    waiting = PaymentOperation.objects.filter(status=OperationStatus.PENDING).order_by("created_at")
    return waiting.values_list("created_at", flat=True).first()


def oldest_mail(now: datetime) -> datetime | None:
    """Return when the mail that waits the longest should have left."""
    due = Message.objects.filter(status=MessageStatus.QUEUED, next_at__lte=now).order_by("next_at")
    return due.values_list("next_at", flat=True).first()


def last_webhook() -> datetime | None:
    """Return when Stripe last sent an event that was new."""
    return StripeWebhookEvent.objects.order_by("-pk").values_list("received_at", flat=True).first()


def age(name: str, of_what: str, now: datetime, since: datetime | None) -> Metric:
    """Return how long something waits, in seconds; 0 where nothing does."""
    seconds = (now - since).total_seconds() if since else NOTHING
    return GaugeMetricFamily(f"innkeep_{name}_age_seconds", f"Age of the oldest {of_what}.", value=seconds)


def moment(name: str, says: str, at: datetime | None) -> Metric:
    """Return when something last happened, in seconds since 1970; 0 where it never did."""
    seconds = at.timestamp() if at else NOTHING
    return GaugeMetricFamily(f"innkeep_{name}_timestamp_seconds", f"When {says} last.", value=seconds)
