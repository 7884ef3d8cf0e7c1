"""Everything the simulator sends fits Stripe's published OpenAPI document: every address, every kind of event.

The fixture `documented_answers` holds each answer of each test against the document. Here one long life reaches
every address and every event there is, so that none can be added without being checked.
"""

from __future__ import annotations

import typing
from collections.abc import Callable
from typing import Any

import pytest
import stripe
from stripe import params as sdk

from payments.simulator.catalogue import EVENT_KINDS
from payments.simulator.endpoints import ENDPOINTS
from tests.simulator import checked, openapi
from tests.simulator.world import Receiver, Simulator, eventually

pytestmark = pytest.mark.skipif(
    openapi.location() is None, reason="Stripe's OpenAPI file is not here: set STRIPE_OPENAPI to spec3.json"
)
DAY = 24 * 3600
EXPAND_ALL: Any = {"expand": ["data.payment_intent.latest_charge.refunds"], "limit": 100}


def sessions(simulator: Simulator) -> None:
    """Open, paid, declined, challenged, expired, paid by a method that takes days."""
    api = simulator.stripe.checkout.sessions
    made = simulator.checkout(expand=["line_items"], customer_email="ada@example.com", locale="de")
    api.update(made.id, {"metadata": {"desk": "1"}})
    api.line_items.list(made.id)
    simulator.pay(made, "4000000000000002")
    simulator.pay(made, "4000000000003220")
    simulator.pay(made, "4000000000003220", authenticate="fail")
    simulator.pay(made, "4000000000003220", authenticate="complete")
    api.retrieve(made.id, {"expand": ["payment_intent.latest_charge.refunds"]})
    api.expire(simulator.checkout().id)
    for status in ("succeeded", "failed"):
        slow = simulator.checkout(payment_intent_data={"capture_method": "automatic"})
        simulator.control("POST", f"pay/{slow.id}/delayed", {})
        simulator.control("POST", f"pay/{slow.id}/settle", {"status": status})
    simulator.pay(simulator.checkout(payment_intent_data={}))
    api.list({"limit": 100, "expand": ["data.payment_intent.latest_charge"]})


def intents(simulator: Simulator) -> None:
    """Updated, captured in full and in part, canceled, run out."""
    api = simulator.stripe.payment_intents
    held = simulator.held()
    api.update(held.id, {"description": "Another"})
    api.capture(held.id, {"expand": ["latest_charge.refunds", "latest_charge.balance_transaction"]})
    api.capture(simulator.held().id, {"amount_to_capture": 4000, "expand": ["latest_charge.refunds"]})
    api.cancel(simulator.held().id, {"expand": ["latest_charge.refunds"]})
    charge = str(held.latest_charge)
    simulator.stripe.charges.update(charge, {"metadata": {"desk": "1"}})
    simulator.stripe.charges.retrieve(charge)
    simulator.stripe.charges.list()
    simulator.held()
    simulator.advance(8 * DAY)
    api.list({"limit": 100, "expand": ["data.latest_charge.refunds"]})


def refunds(simulator: Simulator) -> None:
    """Every outcome, each as it begins and as it ends."""
    api = simulator.stripe.refunds
    expand: Any = ["payment_intent.latest_charge.refunds", "balance_transaction"]
    for mode in ("succeeded", "succeeded_then_failed", "pending_then_succeeded", "pending_then_failed"):
        simulator.control("POST", "refund_outcome", {"mode": mode})
        made = api.create({"payment_intent": simulator.captured().id, "amount": 4000, "expand": expand})
        simulator.advance(10)
        api.retrieve(made.id, {"expand": ["balance_transaction"]})
    simulator.advance(2 * DAY)
    simulator.control("POST", "refund_outcome", {"mode": "requires_action"})
    waiting = api.create({"payment_intent": simulator.captured().id})
    api.update(waiting.id, {"metadata": {"desk": "1"}})
    api.cancel(waiting.id, {"expand": ["failure_balance_transaction"]})
    many = simulator.captured()
    for _ in range(11):
        api.create({"payment_intent": many.id, "amount": 1})
    charge = simulator.stripe.charges.retrieve(str(many.latest_charge), {"expand": ["refunds"]})
    list(charge.refunds.auto_paging_iter())
    api.list(EXPAND_ALL)


def disputes(simulator: Simulator) -> None:
    """Both kinds, answered, escalated, won, lost and closed."""
    api = simulator.stripe.disputes
    for kind, status in (("chargeback", "won"), ("inquiry", "warning_closed")):
        made = dispute(simulator, kind)
        api.update(made, {"evidence": {"customer_name": "Ada"}, "metadata": {"desk": "1"}})
        simulator.control("POST", f"dashboard/disputes/{made}/close", {"status": status})
        api.retrieve(made, {"expand": ["charge.balance_transaction", "payment_intent"]})
    escalated = dispute(simulator, "inquiry")
    simulator.control("POST", f"dashboard/disputes/{escalated}/escalate", {})
    api.close(escalated)
    api.list()


def dispute(simulator: Simulator, kind: str) -> str:
    """The id of a new dispute."""
    path = f"dashboard/payment_intents/{simulator.captured().id}/dispute"
    return str(simulator.control("POST", path, {"kind": kind})["id"])


def account(simulator: Simulator) -> None:
    """The account and what is on it."""
    simulator.stripe.accounts.retrieve_current()
    simulator.stripe.balance.retrieve()
    simulator.control("POST", "webhook", {"url": "http://127.0.0.1:9/", "enabled_events": ["charge.refunded"]})
    simulator.stripe.webhook_endpoints.list()
    simulator.control("POST", "webhook", {"url": None})
    rows = simulator.stripe.balance_transactions.list({"limit": 100})
    simulator.stripe.balance_transactions.retrieve(rows.data[0].id)


def told(simulator: Simulator) -> list[str]:
    """The kinds of all events; each comes through the library, and so is checked with its object."""
    rows = list(simulator.stripe.events.list({"limit": 100}).auto_paging_iter())
    simulator.stripe.events.retrieve(rows[0].id)
    return [row.type for row in rows]


LIFE: tuple[Callable[[Simulator], None], ...] = (sessions, intents, refunds, disputes, account)


@pytest.fixture(scope="module")
def lived(process: Simulator) -> list[str]:
    """All events of a process in which everything has happened."""
    process.control("POST", "reset", {})
    with checked.answers():
        for part in LIFE:
            part(process)
        return told(process)


def test_every_address_answers_as_documented(process: Simulator, lived: list[str]) -> None:
    answered = [row for row in process.control("GET", "requests") if row["status"] == 200]
    silent = [
        f"{endpoint.method} {endpoint.pattern.pattern}"
        for endpoint in ENDPOINTS
        if not any(row["method"] == endpoint.method and endpoint.pattern.fullmatch(row["path"]) for row in answered)
    ]
    assert silent == []


def test_every_address_is_one_of_stripes() -> None:
    paths = [(endpoint.method, endpoint.pattern.pattern.replace("([^/]+)", "x")) for endpoint in ENDPOINTS]
    assert [path for path in paths if openapi.template(*path) is None] == []


def test_every_kind_of_event_is_sent_as_documented(lived: list[str]) -> None:
    assert sorted(set(lived)) == sorted(EVENT_KINDS)


def test_every_kind_of_event_is_one_of_stripes() -> None:
    listed = set(words_in(sdk.WebhookEndpointCreateParams.__annotations__["enabled_events"]))
    assert set(EVENT_KINDS) - listed == set()


def words_in(hint: Any) -> list[str]:
    """The words that a type allows, however deep in it they are."""
    return [hint] if isinstance(hint, str) else [word for part in typing.get_args(hint) for word in words_in(part)]


def test_delivered_events_are_checked_too(told: Simulator, receiver: Receiver) -> None:
    told.stripe.checkout.sessions.expire(told.checkout().id)
    eventually(lambda: len(receiver.seen) == 1)
    assert receiver.undocumented == []
    assert openapi.object_problems({**receiver.seen[0].to_dict(), "surprise": 1}) == ["event.surprise is unknown"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"surprise": 1}, "GET /v1/refunds/{refund}.surprise is unknown"),
        ({"amount": "4000"}, "GET /v1/refunds/{refund}.amount is '4000', not integer"),
        ({"amount": None}, "GET /v1/refunds/{refund}.amount is null"),
        ({"reason": "because"}, "GET /v1/refunds/{refund}.reason is 'because', not one of"),
        ({"destination_details": {"card": {}}}, "GET /v1/refunds/{refund}.destination_details.type is missing"),
    ],
)
def test_an_answer_stripe_would_not_give_is_noticed(simulator: Simulator, change: Any, told: str) -> None:
    made = simulator.stripe.refunds.create({"payment_intent": simulator.captured().id})
    path = f"/v1/refunds/{made.id}"
    assert openapi.answer_problems("GET", path, 200, made.to_dict()) == []
    assert openapi.answer_problems("GET", path, 200, {**made.to_dict(), **change})[0].startswith(told)


def test_a_bad_answer_fails_the_test_that_got_it(simulator: Simulator, monkeypatch: pytest.MonkeyPatch) -> None:
    def changed(self: Any, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        return '{"object": "balance"}', 200, {}

    monkeypatch.setattr(stripe.RequestsClient, "request", changed)
    with pytest.raises(AssertionError, match=r"GET /v1/balance\.available is missing"), checked.answers():
        simulator.stripe.balance.retrieve()
