"""After an outage: fetch the events that Stripe could not deliver, and forget the ones that are old enough."""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import batched
from typing import Any, Final

from django.db.models import Max, QuerySet

from payments import gateway
from payments.event_check import check_event
from payments.models import ProcessingResult, StripeWebhookEvent
from payments.webhooks import store

# Stripe's clock and ours differ, and an event may have been made before it could be listed.
OVERLAP: Final = timedelta(hours=1)
# Stripe lists events for 30 days (docs.stripe.com/api/events/list).
FURTHEST: Final = timedelta(days=30)
KEPT_DAYS: Final = 90
SHORTEST_KEPT_DAYS: Final = 30
# So many rows at once: no other process has to wait long for the database.
BATCH: Final = 100
DONE: Final = (ProcessingResult.PROCESSED, ProcessingResult.IGNORED)


def fetch_missed_events(now: datetime, *, since: datetime | None = None) -> int:
    """Store the events that are at Stripe but not here; return how many. The worker processes them as usual.

    Without a time it begins an hour before the newest event that arrived. Raises Declined or OutcomeUnknown.
    """
    start = max(since or newest_event() or now - FURTHEST, now - FURTHEST)
    before = StripeWebhookEvent.objects.count()
    for some in batched(gateway.events_since(int((start - OVERLAP).timestamp())), BATCH):
        store_missing(some)
    return StripeWebhookEvent.objects.count() - before


def newest_event() -> datetime | None:
    """Return when Stripe made the newest event that we have (UTC)."""
    return StripeWebhookEvent.objects.aggregate(newest=Max("created"))["newest"]


def store_missing(events: Sequence[dict[str, Any]]) -> None:
    """Store those of some events that are not here; a fetched event is not another delivery."""
    checked = [check_event(event) for event in events]
    ids = [event["id"] for event in checked]
    here = set(StripeWebhookEvent.objects.filter(event_id__in=ids).values_list("event_id", flat=True))
    for event in checked:
        if event["id"] not in here:
            text = json.dumps(event, sort_keys=True, separators=(",", ":"))
            store(event, hashlib.sha256(text.encode()).hexdigest())


def prune(now: datetime, *, days: int = KEPT_DAYS) -> int:
    """Delete processed events older than so many days; return how many. ValueError under 30 days."""
    if days < SHORTEST_KEPT_DAYS:
        raise ValueError(f"Webhook events are kept for at least {SHORTEST_KEPT_DAYS} days.")
    deleted = 0
    old = before(now, days).filter(processing_result__in=DONE)
    while keys := list(old.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        _, each = StripeWebhookEvent.objects.filter(pk__in=keys).delete()
        deleted += each.get(StripeWebhookEvent._meta.label, 0)
    return deleted


def kept(now: datetime, *, days: int = KEPT_DAYS) -> int:
    """Return how many events are as old and stay, since nobody has dealt with them."""
    return before(now, days).exclude(processing_result__in=DONE).count()


def before(now: datetime, days: int) -> QuerySet[StripeWebhookEvent]:
    """Return the events that came more than so many days ago."""
    return StripeWebhookEvent.objects.filter(received_at__lt=now - timedelta(days=days))
