"""Bookings whose guests have paid, the events that tell of it, and the worker's part that reads them."""

import hashlib
import json
import logging
from typing import Any, Final

from django.utils import timezone

from bookings.models import Booking
from payments import gateway, webhooks
from payments.models import Payment, StripeWebhookEvent
from site_config.management.commands.worker import POLL
from tests.performance.bulk_stage import stripe
from tests.simulator_process import StripeSimulator
from tests.stays import pay, transitions, with_page

__all__ = ["POLL", "stripe"]

TYPES: Final = ("checkout.session.completed", "payment_intent.amount_capturable_updated")


def paid_for(simulator: StripeSimulator, number: int) -> list[Payment]:
    """Payments that were made on their pages; the desk has not heard of them."""
    logging.disable(logging.INFO)
    return [pay(simulator, with_page()) for _ in range(number)]


def events_of(payments: list[Payment]) -> list[dict[str, Any]]:
    """Return the two events about each payment, the oldest first, as Stripe sends them."""
    keys = {str(payment.pk) for payment in payments}
    found = [event for event in gateway.events_since(0) if event["type"] in TYPES and about(event) in keys]
    assert len(found) == 2 * len(payments), (len(found), len(payments))
    return found[::-1]


def about(event: dict[str, Any]) -> str:
    """Return the key of the payment that an event is about."""
    return str((event["data"]["object"].get("metadata") or {}).get("payment", ""))


def take(event: dict[str, Any]) -> None:
    """Store an event as its address does once it is verified."""
    webhooks.store(event, hashlib.sha256(json.dumps(event).encode()).hexdigest())


def fill(payments: list[Payment]) -> int:
    """Put the events about some payments into the inbox; return how many."""
    events = events_of(payments)
    for event in events:
        take(event)
    return len(events)


def work() -> int:
    """Do what the worker does at each turn."""
    return webhooks.process_due(timezone.now())


def late(events: list[dict[str, Any]]) -> list[float]:
    """Return how long each of some events waited until it was processed, in seconds."""
    rows = StripeWebhookEvent.objects.filter(event_id__in=[event["id"] for event in events])
    return [(row.processed_at - row.received_at).total_seconds() for row in rows if row.processed_at]


def answers_take(simulator: StripeSimulator, seconds: float) -> None:
    """Let every look at a payment take its time."""
    match = {"method": "GET", "path_regex": "^/v1/(checkout/sessions|payment_intents)/"}
    simulator.control("faults", kind="slow", seconds=seconds, times=10**6, match=match)


def check(payments: list[Payment]) -> None:
    """Make sure that every booking moved once, with its history, and that no event is left."""
    for payment in payments:
        assert transitions(Booking.objects.get(pk=payment.booking_id)) == ["submit", "authorize"]
    results = StripeWebhookEvent.objects.values_list("processing_result", flat=True)
    assert set(results) == {"processed"}, set(results)
