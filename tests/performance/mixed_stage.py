"""What is sent to an installation under load, and whether its books are right afterwards."""

import hashlib
import hmac
import json
import os
import random
import time
import urllib.request
from collections import Counter
from typing import Any, Final

from django.conf import settings
from django.db.models import Sum
from django.test import Client

from bookings.models import Booking, Message
from payments.models import Payment, PaymentOperation, ProcessingResult, StripeWebhookEvent
from tests.api.calls import address, key_of
from tests.factories import UserFactory
from tests.faults.invariants import amounts_differ
from tests.performance.bulk_stage import prepared, stripe
from tests.performance.mixed import CANCELLED, DUPLICATES, PAGES, WEBHOOKS
from tests.simulator_process import StripeSimulator
from trail import verifying

__all__ = ["stripe"]

HOOK: Final = "/api/public/hotel/room-bookings/stripe-webhook/"
BOOKINGS: Final = 150
PATIENCE: Final = 300
HOST: Final = {"Host": "127.0.0.1"}

type Plan = list[dict[str, Any]]


def planned(simulator: StripeSimulator, seconds: int, share: float) -> Plan:
    """Make bookings, and say what is sent when: the same for the same seconds and share."""
    chance = random.Random(17)
    bookings = prepared(simulator, BOOKINGS)
    going = bookings[: int(min(BOOKINGS, seconds * CANCELLED * share))]
    plan = [
        *webhooks(bookings, chance, seconds, int(WEBHOOKS * share)),
        *pages(bookings[len(going) :] or bookings, chance, seconds, int(PAGES * share)),
        *(
            {"at": (number + 0.5) * seconds / len(going), "kind": "cancel", **cancelling(each)}
            for number, each in enumerate(going)
        ),
    ]
    return sorted(plan, key=lambda each: each["at"])


def webhooks(bookings: list[Booking], chance: random.Random, seconds: int, rate: int) -> Plan:
    """Events about these bookings' payments; so many of them are sent once more."""
    plan: Plan = []
    new: Plan = []
    for number in range(seconds * rate):
        at = number / rate
        if new and chance.random() < DUPLICATES:
            plan.append({**chance.choice(new), "at": at})
            continue
        new.append({"at": at, "kind": "webhook", **signed(number, chance.choice(bookings).payment_reference or "")})
        plan.append(new[-1])
    return plan


def signed(number: int, intent: str) -> dict[str, Any]:
    """One delivery, as Stripe sends it."""
    now = int(time.time())
    event = {
        "id": f"evt_load_{number}",
        "object": "event",
        "api_version": "2026-10-28",
        "created": now,
        "livemode": False,
        "type": "payment_intent.succeeded",
        "data": {"object": {"id": intent, "object": "payment_intent", "description": "Hotel booking " + "x" * 900}},
    }
    body = json.dumps(event)
    secret = os.environ["STRIPE_WEBHOOK_SECRET"].encode()
    digest = hmac.new(secret, f"{now}.{body}".encode(), hashlib.sha256).hexdigest()
    headers = {**HOST, "Content-Type": "application/json", "Stripe-Signature": f"t={now},v1={digest}"}
    return {"method": "POST", "path": HOOK, "body": body, "headers": headers}


def pages(bookings: list[Booking], chance: random.Random, seconds: int, rate: int) -> Plan:
    """Page views: eight of ten are guests' (their booking, the start page), two are the desk's (list, booking)."""
    person = UserFactory(role="owner")
    client = Client()
    client.force_login(person, backend=settings.AUTHENTICATION_BACKENDS[-1])
    desk = {**HOST, "Cookie": f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"}
    guests = [{**HOST, "Authorization": f"Bearer {key_of(each)}"} for each in bookings]
    views: Plan = [
        *(
            {"kind": "guest", "path": address(each), "headers": own}
            for each, own in zip(bookings, guests, strict=True)
        ),
    ]
    start = {"kind": "guest", "path": "/booking/", "headers": HOST}
    listed = {"kind": "desk", "path": "/admin/bookings/booking/", "headers": desk}
    plan: Plan = []
    for number in range(seconds * rate):
        one = {
            "kind": "desk",
            "path": f"/admin/bookings/booking/{chance.choice(bookings).pk}/change/",
            "headers": desk,
        }
        view = (chance.choice(views), start, chance.choice(views), start, chance.choice(views), start)
        drawn = (*view, chance.choice(views), start, listed, one)[number % 10]
        plan.append({**drawn, "method": "GET", "at": number / rate})
    return plan


def cancelling(booking: Booking) -> dict[str, Any]:
    """Cancel as a guest's program does."""
    headers = {**HOST, "Authorization": f"Bearer {key_of(booking)}", "Content-Type": "application/json"}
    return {"method": "POST", "path": address(booking, "cancel/"), "body": "{}", "headers": headers}


def wait_until_served(port: int) -> None:
    """Return when pages are answered; the first one waits in the socket's queue until then."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=PATIENCE):
        return


def drain() -> float:
    """Wait until nothing is left to do; return the seconds."""
    began = time.monotonic()
    while StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.RECEIVED).exists():
        if time.monotonic() - began > PATIENCE:
            break
        time.sleep(0.1)
    return time.monotonic() - began


def delays() -> list[float]:
    """Return how long each event waited from its answer to the end of its processing, in milliseconds."""
    done = StripeWebhookEvent.objects.exclude(processed_at=None).values_list("received_at", "processed_at")
    return [1000 * (end - begin).total_seconds() for begin, end in done]


def wrong(simulator: StripeSimulator, plan: Plan, answers: list[list[Any]]) -> list[str]:
    """Say what is not as it has to be: events, amounts beside Stripe's, cancellations, mails, the chains."""
    hooks = [each["body"] for each in plan if each["kind"] == "webhook"]
    taken = sum(kind == "webhook" and status == 200 for kind, status, *_ in answers)
    stored = StripeWebhookEvent.objects.aggregate(deliveries=Sum("deliveries"))["deliveries"]
    known = {each.stripe_payment_intent_id: each for each in Payment.objects.select_related("booking")}
    rows = [{**row, "disputes": []} for row in simulator.look("summary")]
    gone = sum(each["kind"] == "cancel" for each in plan)
    cancelled = Booking.objects.filter(status="CANCELLED")
    mails = Counter(Message.objects.filter(kind__startswith="cancelled").values_list("booking", flat=True))
    facts = {
        "events": (StripeWebhookEvent.objects.count(), len(set(hooks))),
        "deliveries": (stored, taken),
        "not processed": (StripeWebhookEvent.objects.filter(processing_result__in=("received", "failed")).count(), 0),
        "open operations": (PaymentOperation.objects.filter(status="pending").count(), 0),
        "cancelled": (cancelled.count(), gone),
        "refunds": (sorted(len(row["refunds"]) for row in rows), sorted([1] * gone + [0] * (len(rows) - gone))),
        "mails of cancelled": (mails, Counter(dict.fromkeys(cancelled.values_list("pk", flat=True), 1))),
    }
    return [
        *(f"{name}: {found} instead of {wanted}" for name, (found, wanted) in facts.items() if found != wanted),
        *(problem for row in rows for problem in amounts_differ(known.get(row["payment_intent"]), row)),
        *map(str, verifying.verify().findings),
    ]
