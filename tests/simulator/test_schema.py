"""Every object the simulator sends fits Stripe's published OpenAPI schema."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.simulator import openapi
from tests.simulator.world import Simulator

pytestmark = pytest.mark.skipif(
    openapi.location() is None, reason="Stripe's OpenAPI file is not here: set STRIPE_OPENAPI to spec3.json"
)

# The schema's file is of version 2026-08-26; these came with 2026-10-28, which the SDK pins.
NEWER = {"checkout.session.allowed_payment_method_types"}


def complaints(value: Any, name: str | None = None) -> list[str]:
    """What the schema says against an object of the API."""
    name = name or value["object"]
    return [
        text
        for text in openapi.problems(value, openapi.schemas()[name], name)
        if not any(text.startswith(newer) for newer in NEWER)
    ]


def plain(answer: Any) -> Any:
    """The JSON of an SDK object, as it was sent."""
    return json.loads(str(answer.last_response.body))


def open_session(simulator: Simulator) -> Any:
    """A session nobody paid."""
    return simulator.checkout(expand=["line_items"], customer_email="ada@example.com", locale="de")


def completed_session(simulator: Simulator) -> Any:
    """A paid session with all it refers to."""
    session = simulator.checkout()
    simulator.pay(session, "4000000000003220", authenticate="complete")
    return simulator.stripe.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge.refunds"]}
    )


def declined_intent(simulator: Simulator) -> Any:
    """A PaymentIntent with an error and a failed charge."""
    paid = simulator.pay(simulator.checkout(), "4000000000000002")
    return simulator.stripe.payment_intents.retrieve(paid["payment_intent"], {"expand": ["latest_charge"]})


def challenged_intent(simulator: Simulator) -> Any:
    """A PaymentIntent that waits for 3D Secure."""
    paid = simulator.pay(simulator.checkout(), "4000000000003220")
    return simulator.stripe.payment_intents.retrieve(paid["payment_intent"])


def canceled_intent(simulator: Simulator) -> Any:
    """A released hold."""
    params: Any = {"cancellation_reason": "requested_by_customer", "expand": ["latest_charge.refunds"]}
    return simulator.stripe.payment_intents.cancel(simulator.held().id, params)


def settled_refund(simulator: Simulator) -> Any:
    """A refund with all it refers to."""
    expand = ["payment_intent.latest_charge.refunds", "balance_transaction"]
    return simulator.stripe.refunds.create({"payment_intent": simulator.captured().id, "expand": expand})


def refund_of_mode(mode: str) -> Callable[[Simulator], Any]:
    """A refund that isn't done yet."""

    def made(simulator: Simulator) -> Any:
        simulator.control("POST", "refund_outcome", {"mode": mode})
        return simulator.stripe.refunds.create({"payment_intent": simulator.captured().id})

    return made


def failed_refund(simulator: Simulator) -> Any:
    """A refund the bank sent back."""
    refund = settled_refund(simulator)
    simulator.control("POST", f"refunds/{refund.id}/resolve", {"status": "failed"})
    return simulator.stripe.refunds.retrieve(refund.id, {"expand": ["failure_balance_transaction"]})


def dispute(simulator: Simulator) -> Any:
    """An open dispute."""
    intent = simulator.captured()
    made = simulator.control("POST", f"dashboard/payment_intents/{intent.id}/dispute", {})
    return simulator.stripe.disputes.retrieve(made["id"], {"expand": ["charge"]})


MAKERS: dict[str, Callable[[Simulator], Any]] = {
    "open_session": open_session,
    "completed_session": completed_session,
    "declined_intent": declined_intent,
    "challenged_intent": challenged_intent,
    "canceled_intent": canceled_intent,
    "settled_refund": settled_refund,
    "pending_refund": refund_of_mode("pending"),
    "waiting_refund": refund_of_mode("requires_action"),
    "failed_refund": failed_refund,
    "dispute": dispute,
    "account": lambda simulator: simulator.stripe.accounts.retrieve_current(),
    "balance": lambda simulator: simulator.stripe.balance.retrieve(),
}


@pytest.mark.parametrize("name", MAKERS)
def test_object_fits_the_schema(simulator: Simulator, name: str) -> None:
    assert complaints(plain(MAKERS[name](simulator))) == []


def test_every_event_and_its_object_fit_the_schema(simulator: Simulator) -> None:
    for maker in MAKERS.values():
        maker(simulator)
    simulator.advance(8 * 24 * 3600)
    events = plain(simulator.stripe.events.list({"limit": 100}))["data"]
    found = [text for event in events for text in complaints(event) + complaints(event["data"]["object"])]
    assert (found, len(events) > 30) == ([], True)
