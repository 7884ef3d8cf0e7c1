"""After an outage: fetch the events that Stripe could not deliver, and forget the ones that are old enough."""

import hashlib
import json
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Max

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


def fetch_missed_events(now: datetime, *, since: datetime | None = None) -> int:
    """Store the events that are at Stripe but not here; return how many. The worker processes them as usual.

    Without a time it begins an hour before the newest event that arrived. Raises Declined or OutcomeUnknown.
    """
    start = max(since or newest_event() or now - FURTHEST, now - FURTHEST)
    before = StripeWebhookEvent.objects.count()
    for event in gateway.events_since(int((start - OVERLAP).timestamp())):
        store_missing(event)
    return StripeWebhookEvent.objects.count() - before


def newest_event() -> datetime | None:
    """Return when Stripe made the newest event that we have (UTC)."""
    return StripeWebhookEvent.objects.aggregate(newest=Max("created"))["newest"]


def store_missing(event: dict[str, object]) -> None:
    """Store one event unless it is here; a fetched event is not another delivery."""
    checked = check_event(event)
    if not StripeWebhookEvent.objects.filter(event_id=checked["id"]).exists():
        text = json.dumps(checked, sort_keys=True, separators=(",", ":"))
        store(checked, hashlib.sha256(text.encode()).hexdigest())


def prune(now: datetime, *, days: int = KEPT_DAYS) -> int:
    """Delete processed events older than so many days; return how many. ValueError under 30 days."""
    if days < SHORTEST_KEPT_DAYS:
        raise ValueError(f"Webhook events are kept for at least {SHORTEST_KEPT_DAYS} days.")
    done = (ProcessingResult.PROCESSED, ProcessingResult.IGNORED)
    old = StripeWebhookEvent.objects.filter(processing_result__in=done, received_at__lt=now - timedelta(days=days))
    deleted, _ = old.delete()
    return deleted
