"""The product and a Stripe on one clock, with no webhook delivered unless a test does it."""

import hashlib
import hmac
import json
import os
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, Final
from unittest import mock

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import Booking, User
from payments import webhooks
from payments.models import Payment, StripeWebhookEvent
from tests.factories import UserFactory
from tests.simulator_process import StripeSimulator

type Json = dict[str, Any]
PRESENT: Final = timezone.now


class Stage:
    """One simulated Stripe, and the time that has passed on it and in the product."""

    def __init__(self, simulator: StripeSimulator) -> None:
        self.simulator = simulator
        self.passed = timedelta()
        self.owner: User = UserFactory.create(role="owner")
        self.client = Client()

    @contextmanager
    def clock(self) -> Iterator[None]:
        """Let the product's clock run as far ahead as Stripe's."""
        with mock.patch.object(timezone, "now", side_effect=lambda: PRESENT() + self.passed):
            yield

    def begin(self) -> None:
        """Empty Stripe, and back to the present."""
        self.simulator.reset()
        self.passed = timedelta()

    def days_pass(self, days: float) -> None:
        """Move both clocks; what falls due at Stripe happens there."""
        self.passed += timedelta(days=days)
        self.simulator.control("clock", advance=round(days * 24 * 3600))

    def days_ahead(self, days: int) -> date:
        """Return a date counted from the clock's today in UTC."""
        return (timezone.now() + timedelta(days=days)).date()

    def ask(self, path: str) -> Any:
        """Read something at Stripe, beside the product."""
        headers = {"Authorization": f"Bearer {os.environ['STRIPE_SECRET_KEY']}"}
        request = urllib.request.Request(f"{self.simulator.url}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def wishes(self) -> int:
        """How often the product has asked Stripe to do something."""
        return len(self.simulator.look("requests?method=POST"))

    def clear_faults(self) -> None:
        """Let Stripe answer again."""
        urllib.request.urlopen(urllib.request.Request(f"{self.simulator.url}/_sim/faults", method="DELETE")).close()

    def rows_of(self, booking: Booking) -> Iterator[Json]:
        """Yield what Stripe says about the money of a booking: each PaymentIntent's sums, with its disputes."""
        for row in self.simulator.look("summary"):
            if row["metadata"].get("booking") == booking.booking_id:
                path = f"/v1/disputes?payment_intent={row['payment_intent']}"
                yield {**row, "disputes": self.ask(path)["data"] if row["disputed"] else []}

    def intent_of(self, payment: Payment) -> str:
        """Return the PaymentIntent of an attempt, whether or not the product has heard of it."""
        session: Json = self.ask(f"/v1/checkout/sessions/{payment.stripe_checkout_session_id}")
        return session["payment_intent"] or ""

    def at_dashboard(self, payment: Payment, what: str, **given: Any) -> Json:
        """Do something to an attempt in Stripe's Dashboard."""
        answer: Json = self.simulator.control(f"dashboard/payment_intents/{self.intent_of(payment)}/{what}", **given)
        return answer

    def names_of(self, payment: Payment) -> set[str]:
        """Return what Stripe calls an attempt: its session, and its PaymentIntent if there is one."""
        return {str(payment.stripe_checkout_session_id), self.intent_of(payment)} - {""}

    def events(self, booking: Booking) -> list[Json]:
        """Return all events about a booking, the oldest first."""
        names = set(booking.payments.values_list("stripe_checkout_session_id", flat=True))
        names |= {row["payment_intent"] for row in self.rows_of(booking)}
        every = reversed(self.ask("/v1/events?limit=100")["data"])
        return [event for event in every if names & things(event)]

    def deliver(self, event: Mapping[str, Any]) -> None:
        """Deliver an event to the product's address, signed as Stripe signs."""
        body, moment = json.dumps(event).encode(), int(time.time())
        secret = os.environ["STRIPE_WEBHOOK_SECRET"]
        mark = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"Stripe-Signature": f"t={moment},v1={mark}"}
        answer = self.client.post(reverse("stripe-webhook"), body, content_type="application/json", headers=headers)
        assert (answer.status_code, answer.json()) == (200, {"received": True})

    def work(self) -> int:
        """Let the worker take what waits; return how many events it took."""
        return webhooks.process_due(timezone.now())


def things(event: Mapping[str, Any]) -> set[str]:
    """Return what an event may be about: a session, a PaymentIntent."""
    thing = event["data"]["object"]
    return {thing["id"], thing.get("payment_intent") or thing["id"]}


def stored(event: Mapping[str, Any]) -> StripeWebhookEvent:
    """Return what the product keeps of an event."""
    return StripeWebhookEvent.objects.get(event_id=event["id"])


def newest(booking: Booking) -> Payment:
    """Return the newest attempt to pay."""
    return booking.payments.latest("attempt_number")
