"""The product, its database and a Stripe, with the levers that the fault tests pull."""

import hashlib
import hmac
import json
import os
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.apps import apps
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import OPEN_ROWS, Booking, BulkRow, User
from cancellations import cancel, tokens
from payments.models import ProcessingResult, StripeWebhookEvent
from tests.factories import UserFactory
from tests.faults import invariants, worklist
from tests.faults.forks import Ended, Forks, Job
from tests.faults.state import State, Truth, differences
from tests.simulator_process import StripeSimulator
from trail.models import Shape

type Event = dict[str, Any]
RECOVERIES: Final = 5
MINUTE: Final = 60.0
MOVES_MONEY: Final = "^/v1/"
EMPTIED: Final = ("bookings", "payments", "cancellations", "trail")
KEPT: Final = (User, Shape)


@dataclass(frozen=True)
class Person:
    """An owner, who may press every button, in a browser where they are signed in."""

    user: User
    session: str

    @classmethod
    def signs_in(cls) -> "Person":
        """Make one."""
        client = Client()
        user: Any = UserFactory(role="owner")
        client.force_login(user)
        return cls(user, client.cookies["innkeep_session"].value)

    def signed_in_again(self) -> "Person":
        """The same person in another session."""
        client = Client()
        client.force_login(self.user)
        return Person(self.user, client.cookies["innkeep_session"].value)


@dataclass
class World:
    """One hotel business under test. Each booking is a fresh one."""

    simulator: StripeSimulator
    forks: Forks
    owner: Person = field(default_factory=Person.signs_in)
    partner: Person = field(default_factory=Person.signs_in)
    third: Person = field(default_factory=Person.signs_in)

    def empty(self) -> None:
        """Forget every booking, here and at Stripe. The people stay, signed in."""
        self.simulator.reset()
        models = [model for label in EMPTIED for model in apps.get_app_config(label).get_models()]
        tables = ", ".join(f'"{model._meta.db_table}"' for model in models if model not in KEPT)
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {tables} CASCADE")

    def press(self, row: Any, name: str, *, by: Person | None = None, **data: Any) -> Job:
        """The press of a button on a row's page, with what its dialog showed in its fields."""
        client, session = Client(), (by or self.owner).session
        client.cookies["innkeep_session"] = session
        url = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])
        shown: Any = client.get(url, headers={"HX-Request": "true"})
        form = shown.context_data["form"]
        fields = {each: form[each].value() for each in form.fields}
        filled = {each: value for each, value in {**fields, **data}.items() if value is not None}
        return {"do": "staff", "url": url, "session": session, "data": filled}

    def guest_job(self, booking: Booking, do: str) -> Job:
        """Something that the guest does on their own page, with the quote that they were shown."""
        token = tokens.issue(booking, expires_at=timezone.now() + timedelta(days=1))
        shown = cancel.quote(booking, at=timezone.now()).signed(booking)
        return {"do": do, "booking": booking.pk, "key": tokens.reveal(token), "quote": shown}

    def webhook_job(self, booking: Booking, kind: str, *, number: int = 0) -> Job:
        """The delivery of a booking's newest event of a kind, or of the one before."""
        return delivery([event for event in self.events(booking) if event["type"] == kind][number])

    def recover(self, *, later: float = 0, broken: str = "", **around: Any) -> None:
        """Let the worker run until nothing is left to do, from a minute later on."""
        for _ in range(RECOVERIES):
            self.minutes_pass()
            only(self.forks.one({**recovery(later=later, broken=broken), **around}))
            if not invariants.is_unsettled():
                return

    def minutes_pass(self) -> None:
        """Events, and bookings of a run, that a dead worker had claimed are due again after two minutes."""
        waiting = StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.RECEIVED)
        waiting.update(next_at=timezone.now())
        BulkRow.objects.filter(state__in=OPEN_ROWS).update(due_at=timezone.now())

    def truth(self, booking: Booking) -> Truth:
        """Stripe's own account of a booking."""
        rows = [{**row, "disputes": self.disputes(row)} for row in self.simulator.look("summary")]
        pages = self.ask_stripe("/v1/checkout/sessions?limit=100")["data"]
        return Truth.of(booking, summary=rows, pages=pages)

    def disputes(self, row: Mapping[str, Any]) -> list[Any]:
        """What banks want back of a PaymentIntent."""
        if not row["disputed"]:
            return []
        found: list[Any] = self.ask_stripe(f"/v1/disputes?payment_intent={row['payment_intent']}")["data"]
        return found

    def shown(self, booking: Booking) -> tuple[str, ...]:
        """The worklists that lead an owner to a booking."""
        return worklist.lists_with(booking, self.owner.user)

    def state(self, booking: Booking) -> State:
        """The whole state of a booking."""
        return State.of(booking, self.truth(booking), self.shown(booking))

    def violations(self, booking: Booking, *, external: int = 0) -> list[str]:
        """Which invariants a booking breaks."""
        return invariants.violations(booking, self.truth(booking), self.shown(booking), external=external)

    def broken_by(self, booking: Booking, *expected: State) -> list[str]:
        """What is wrong with a booking that should have come to one of the states."""
        truth, shown = self.truth(booking), self.shown(booking)
        state = State.of(booking, truth, shown)
        wrong = [] if state in expected else [f"state: {differences(state, expected)}"]
        return [*invariants.violations(booking, truth, shown, external=expected[0].external), *wrong]

    def plan_fault(self, kind: str, *, times: int = 1, path: str = MOVES_MONEY, **more: Any) -> None:
        """Let the next requests that move money go wrong."""
        match = {"method": "POST", "path_regex": path}
        self.simulator.control("faults", kind=kind, times=times, match=match, **more)

    def clear_faults(self) -> None:
        """Let Stripe answer again."""
        self.ask_stripe("/_sim/faults", method="DELETE")

    def events(self, booking: Booking) -> list[Event]:
        """A booking's events as Stripe keeps them, the newest first."""
        every = self.ask_stripe("/v1/events?limit=100")["data"]
        intents = set(booking.payments.values_list("stripe_payment_intent_id", flat=True))
        return [event for event in every if is_about(event, booking, intents)]

    def ask_stripe(self, path: str, *, method: str = "GET") -> Any:
        """Ask Stripe's API, beside the product."""
        headers = {"Authorization": f"Bearer {os.environ['STRIPE_SECRET_KEY']}"}
        request = urllib.request.Request(f"{self.simulator.url}{path}", headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


def recovery(*, later: float = 0, broken: str = "") -> Job:
    """What a machine does after a crash: the worker's next turn, with the janitor's in it."""
    return {"do": "worker", "later": MINUTE + later, "broken": broken}


def is_about(event: Event, booking: Booking, intents: set[str | None]) -> bool:
    """Whether an event belongs to a booking."""
    thing = event["data"]["object"]
    named = (thing.get("metadata") or {}).get("booking") == booking.booking_id
    return named or thing.get("payment_intent") in intents - {None} or thing["id"] in intents


def delivery(event: Event, do: str = "webhook") -> Job:
    """The delivery of an event, signed as Stripe signs."""
    body, moment = json.dumps(event), int(time.time())
    secret = os.environ["STRIPE_WEBHOOK_SECRET"].split(",")[0]
    digest = hmac.new(secret.encode(), f"{moment}.{body}".encode(), hashlib.sha256).hexdigest()
    return {"do": do, "body": body, "signature": f"t={moment},v1={digest}"}


def only(ended: Ended) -> Ended:
    """The job, which must have ended in good order."""
    assert not ended.error, ended.error
    return ended
