"""Faults on demand, and what is left after each."""

from __future__ import annotations

import time
from typing import Any

import pytest
import stripe

from tests.simulator.world import KEY, Simulator


def refund(simulator: Simulator, intent: str, retries: int = 0) -> stripe.Refund:
    """Refund 10.00 under the key "k"."""
    api = simulator.client(retries=retries)
    return api.refunds.create({"payment_intent": intent, "amount": 1000}, {"idempotency_key": "k"})


@pytest.mark.parametrize(
    ("kind", "error", "refunded"),
    [
        ("drop_before", stripe.APIConnectionError, 0),
        ("drop_after", stripe.APIConnectionError, 1000),
        ("error_500", stripe.APIError, 0),
        ("error_500_after", stripe.APIError, 1000),
        ("error_429", stripe.RateLimitError, 0),
        ("refused", stripe.InvalidRequestError, 0),
        ("error_409", stripe.APIError, 0),
        ("malformed", stripe.APIError, 1000),
    ],
)
def test_fault_acts_or_not_as_named(simulator: Simulator, kind: str, error: type[Exception], refunded: int) -> None:
    intent = simulator.captured()
    simulator.fault(kind, match={"method": "POST", "path_regex": "^/v1/refunds$"})
    with pytest.raises(error):
        refund(simulator, intent.id)
    assert simulator.money() == (10000, 10000, refunded)
    assert simulator.control("GET", "requests?path=/v1/refunds")[0]["fault"] == kind


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
def test_dropped_connection_is_retried_by_the_sdk_and_acts_once(simulator: Simulator, kind: str) -> None:
    intent = simulator.captured()
    simulator.fault(kind, times=2, match={"path_regex": "refunds"})
    assert refund(simulator, intent.id, retries=2).status == "succeeded"
    assert simulator.money() == (10000, 10000, 1000)
    log = simulator.control("GET", "requests?path=/v1/refunds")
    assert [row["status"] for row in log] == [None, None, 200]
    assert log[-1]["replayed"] is (kind == "drop_after")


@pytest.mark.parametrize("kind", ["slow", "slow_after"])
def test_slow_answer_outlasts_the_callers_patience(simulator: Simulator, kind: str) -> None:
    intent = simulator.captured()
    simulator.fault(kind, seconds=0.5, match={"path_regex": "refunds"})
    transport = stripe.RequestsClient(timeout=0.15)
    addresses: Any = {"api": simulator.url}
    impatient = stripe.StripeClient(KEY, base_addresses=addresses, http_client=transport).v1
    with pytest.raises(stripe.APIConnectionError):
        impatient.refunds.create({"payment_intent": intent.id, "amount": 1000})
    acted_at_once = simulator.money()[2]
    assert acted_at_once == (0 if kind == "slow" else 1000)
    time.sleep(0.6)
    assert simulator.money() == (10000, 10000, 1000)


def test_fault_waits_for_its_match_and_its_number(simulator: Simulator) -> None:
    simulator.fault("error_500", times=2, match={"method": "GET", "path_regex": "events$"})
    simulator.stripe.balance.retrieve()
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            simulator.stripe.events.list()
    assert simulator.stripe.events.list().data == []


def test_faults_can_be_seen_and_cleared(simulator: Simulator) -> None:
    simulator.fault("error_500", times=3)
    assert [(row["kind"], row["times"]) for row in simulator.control("GET", "faults")] == [("error_500", 3)]
    simulator.control("DELETE", "faults")
    assert simulator.stripe.balance.retrieve().object == "balance"


def test_should_retry_header_is_sent_on_demand(simulator: Simulator) -> None:
    simulator.fault("error_500", should_retry=False)
    with pytest.raises(stripe.APIError) as failed:
        simulator.client(retries=2).balance.retrieve()
    assert failed.value.headers["Stripe-Should-Retry"] == "false"
    assert len(simulator.control("GET", "requests")) == 1
