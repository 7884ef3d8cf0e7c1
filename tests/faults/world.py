"""The product, its database and a Stripe, with the levers that the fault tests pull."""

import hashlib
import hmac
import json
import os
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings.models import Booking
from cancellations import cancel, tokens
from payments.models import ProcessingResult, StripeWebhookEvent
from tests.factories import UserFactory
from tests.faults import invariants
from tests.faults.forks import Ended, Forks, Job
from tests.faults.invariants import Row, State
from tests.simulator_process import StripeSimulator

type Event = dict[str, Any]
RECOVERIES: Final = 5
MOVES_MONEY: Final = {"method": "POST", "path_regex": "^/v1/"}


def signed_in() -> str:
    """The session of an owner, who may press every button."""
    client = Client()
    person: Any = UserFactory(role="owner")
    client.force_login(person)
    return client.cookies["innkeep_session"].value


@dataclass
class World:
    """One hotel business under test. Each booking is a fresh one; nothing is emptied between them."""

    simulator: StripeSimulator
    forks: Forks
    session: str = field(default_factory=signed_in)

    def staff_job(self, booking: Booking, name: str, **data: Any) -> Job:
        """The press of an admin dialog's button, with what the dialog showed in its fields."""
        client = Client()
        client.cookies["innkeep_session"] = self.session
        url = reverse(f"admin:bookings_booking_{name}", args=[booking.pk])
        shown: Any = client.get(url, headers={"HX-Request": "true"})
        form = shown.context_data["form"]
        fields = {each: form[each].value() for each in form.fields}
        filled = {each: value for each, value in {**fields, **data}.items() if value is not None}
        return {"do": "staff", "name": name, "booking": booking.pk, "session": self.session, "data": filled}

    def guest_job(self, booking: Booking, do: str) -> Job:
        """Something that the guest does on their own page, with the quote that they were shown."""
        token = tokens.issue(booking, expires_at=timezone.now() + timedelta(days=1))
        shown = cancel.quote(booking, at=timezone.now()).signed(booking)
        return {"do": do, "booking": booking.pk, "key": tokens.reveal(token), "quote": shown}

    def webhook_job(self, booking: Booking, kind: str, do: str = "webhook") -> Job:
        """The delivery of a booking's newest event of a kind."""
        return delivery(next(e for e in self.events(booking) if e["type"] == kind), do)

    def recover(self, **options: Any) -> None:
        """Let the janitor and the worker run until nothing is left to do."""
        for _ in range(RECOVERIES):
            self.minutes_pass()
            ended = self.forks.one({"do": "recover", **options})
            assert not ended.error, ended.error
            if not invariants.is_unsettled():
                return

    def minutes_pass(self) -> None:
        """Events that a dead worker had claimed are due again after two minutes."""
        waiting = StripeWebhookEvent.objects.filter(processing_result=ProcessingResult.RECEIVED)
        waiting.update(next_at=timezone.now())

    def rows(self, booking: Booking) -> list[Row]:
        """Stripe's own summary of a booking."""
        return invariants.rows_of(self.simulator, booking)

    def state(self, booking: Booking) -> State:
        """The whole state of a booking."""
        return invariants.state_of(booking, self.rows(booking))

    def violations(self, booking: Booking) -> list[str]:
        """Which invariants a booking breaks."""
        return invariants.violations(booking, self.rows(booking))

    def broken_by(self, booking: Booking, *expected: State) -> list[str]:
        """What is wrong with a booking that should have come to one of the states."""
        rows = self.rows(booking)
        state = invariants.state_of(booking, rows)
        wrong = [] if state in expected else [f"state: {differences(state, expected)}"]
        return [*invariants.violations(booking, rows), *wrong]

    def plan_fault(self, kind: str, *, times: int = 1, match: Mapping[str, str] = MOVES_MONEY, **more: Any) -> None:
        """Let the next requests that move money go wrong."""
        self.simulator.control("faults", kind=kind, times=times, match=dict(match), **more)

    def clear_faults(self) -> None:
        """Let Stripe answer again."""
        self.ask_stripe("/_sim/faults", method="DELETE")

    def events(self, booking: Booking) -> list[Event]:
        """A booking's events as Stripe keeps them, the newest first."""
        every = self.ask_stripe("/v1/events?limit=100")["data"]
        intents = set(booking.payments.values_list("stripe_payment_intent_id", flat=True))
        return [event for event in every if is_about(event, booking, intents)]

    def sessions(self, booking: Booking) -> list[dict[str, Any]]:
        """The payment pages that Stripe opened for a booking."""
        every = self.ask_stripe("/v1/checkout/sessions?limit=100")["data"]
        return [each for each in every if each["metadata"].get("booking") == booking.booking_id]

    def ask_stripe(self, path: str, *, method: str = "GET") -> Any:
        """Ask Stripe's API, beside the product."""
        headers = {"Authorization": f"Bearer {os.environ['STRIPE_SECRET_KEY']}"}
        request = urllib.request.Request(f"{self.simulator.url}{path}", headers=headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)


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


def differences(state: State, expected: tuple[State, ...]) -> str:
    """Where a state differs from the nearest of the expected ones."""
    return min((", ".join(difference(state, each)) for each in expected), key=len)


def difference(state: State, expected: State) -> Iterator[str]:
    """Which parts differ."""
    for name, value in state.__dict__.items():
        if value != getattr(expected, name):
            yield f"{name} {value} instead of {getattr(expected, name)}"


def only(ended: Ended) -> Ended:
    """The job, which must have ended in good order."""
    assert not ended.error, ended.error
    return ended
