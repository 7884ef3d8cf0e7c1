"""Idempotency keys (docs.stripe.com/api/idempotent_requests)."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import stripe

from tests.simulator.world import Simulator, eventually, session_params

DAY = 24 * 3600


def refund(simulator: Simulator, intent: str, key: str, amount: int = 1000) -> stripe.Refund:
    """Refund a part, under a key."""
    return simulator.stripe.refunds.create({"payment_intent": intent, "amount": amount}, {"idempotency_key": key})


def headers(answer: Any) -> dict[str, str]:
    """Headers of an SDK object's response."""
    return {name.lower(): value for name, value in answer.last_response.headers.items()}


def test_same_key_replays_the_answer_and_acts_once(simulator: Simulator) -> None:
    intent = simulator.captured()
    first = refund(simulator, intent.id, "guest_cancel_refund:7")
    second = refund(simulator, intent.id, "guest_cancel_refund:7")
    assert second.to_dict() == first.to_dict()
    assert simulator.money() == (10000, 10000, 1000)
    assert "idempotent-replayed" not in headers(first)
    assert headers(second)["idempotent-replayed"] == "true"
    assert headers(second)["original-request"] == headers(first)["request-id"]
    log = simulator.control("GET", "requests?path=/v1/refunds")
    assert log[0]["params"] == {"payment_intent": intent.id, "amount": "1000"}
    assert [(row["status"], row["replayed"], row["idempotency_key"]) for row in log] == [
        (200, False, "guest_cancel_refund:7"),
        (200, True, "guest_cancel_refund:7"),
    ]


def test_refusal_while_executing_is_replayed(simulator: Simulator) -> None:
    intent = simulator.captured()
    with pytest.raises(stripe.InvalidRequestError) as first:
        refund(simulator, intent.id, "k", 10001)
    with pytest.raises(stripe.InvalidRequestError) as second:
        refund(simulator, intent.id, "k", 10001)
    assert second.value.headers["Idempotent-Replayed"] == "true"
    assert first.value.user_message == second.value.user_message


def test_refusal_before_executing_is_not_kept(simulator: Simulator) -> None:
    intent = simulator.captured()
    with pytest.raises(stripe.InvalidRequestError):
        simulator.stripe.refunds.create({"payment_intent": intent.id, "reason": "because"}, {"idempotency_key": "k"})
    assert refund(simulator, intent.id, "k").status == "succeeded"


def test_same_key_with_other_parameters_is_refused(simulator: Simulator) -> None:
    intent = simulator.captured()
    refund(simulator, intent.id, "k", 1000)
    with pytest.raises(stripe.IdempotencyError) as refused:
        refund(simulator, intent.id, "k", 1001)
    assert refused.value.http_status == 400
    assert refused.value.user_message == (
        "Keys for idempotent requests can only be used with the same parameters they were first used "
        "with. Try using "
        "a key other than 'k' if you meant to execute a different request."
    )
    assert simulator.money() == (10000, 10000, 1000)


def test_same_key_at_another_endpoint_is_refused(simulator: Simulator) -> None:
    intent = simulator.held()
    simulator.stripe.payment_intents.capture(intent.id, {}, {"idempotency_key": "k"})
    with pytest.raises(stripe.IdempotencyError):
        simulator.stripe.payment_intents.cancel(intent.id, {}, {"idempotency_key": "k"})


def test_key_in_flight_is_a_409(simulator: Simulator) -> None:
    intent = simulator.captured()
    simulator.fault("slow", seconds=0.6, match={"path_regex": "refunds"})
    slow = threading.Thread(target=refund, args=(simulator, intent.id, "k"))
    slow.start()
    eventually(lambda: simulator.control("GET", "faults") == [])
    time.sleep(0.05)
    with pytest.raises(stripe.APIError) as refused:
        refund(simulator, intent.id, "k")
    slow.join()
    assert (refused.value.http_status, refused.value.error.code) == (409, "idempotency_key_in_use")
    assert refused.value.headers["Stripe-Should-Retry"] == "true"
    assert simulator.money() == (10000, 10000, 1000)


def test_key_is_forgotten_after_a_day(simulator: Simulator) -> None:
    intent = simulator.captured()
    first = refund(simulator, intent.id, "k")
    simulator.advance(DAY - 60)
    assert refund(simulator, intent.id, "k").id == first.id
    simulator.advance(120)
    assert refund(simulator, intent.id, "k").id != first.id
    assert simulator.money() == (10000, 10000, 2000)


@pytest.mark.parametrize(("kind", "refunded"), [("error_500", 0), ("error_500_after", 1000)])
def test_500_is_replayed_for_ever(simulator: Simulator, kind: str, refunded: int) -> None:
    intent = simulator.captured()
    simulator.fault(kind, match={"path_regex": "refunds"})
    for _ in range(3):
        with pytest.raises(stripe.APIError) as failed:
            refund(simulator, intent.id, "k")
        assert failed.value.http_status == 500
    assert simulator.money() == (10000, 10000, refunded)
    assert refund(simulator, intent.id, "k2").status == "succeeded"


def test_429_is_not_kept(simulator: Simulator) -> None:
    intent = simulator.captured()
    simulator.fault("error_429", match={"path_regex": "refunds"})
    with pytest.raises(stripe.RateLimitError):
        refund(simulator, intent.id, "k")
    assert refund(simulator, intent.id, "k").status == "succeeded"


def test_keys_mean_nothing_to_reading(simulator: Simulator) -> None:
    options: stripe.RequestOptions = {"idempotency_key": "k"}
    intent = simulator.held()
    simulator.stripe.payment_intents.retrieve(intent.id, {}, options)
    assert simulator.stripe.payment_intents.capture(intent.id, {}, options).status == "succeeded"
    assert simulator.stripe.payment_intents.retrieve(intent.id, {}, options).status == "succeeded"


def test_long_key_is_refused(simulator: Simulator) -> None:
    simulator.stripe.checkout.sessions.create(session_params(), {"idempotency_key": "k" * 255})
    with pytest.raises(stripe.InvalidRequestError):
        simulator.stripe.checkout.sessions.create(session_params(), {"idempotency_key": "k" * 256})


def test_many_racing_with_one_key_act_once(simulator: Simulator) -> None:
    intent = simulator.captured()
    outcomes: list[object] = []

    def race() -> None:
        try:
            outcomes.append(refund(simulator, intent.id, "k").id)
        except stripe.APIError as error:
            outcomes.append(error.http_status)

    threads = [threading.Thread(target=race) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = {outcome for outcome in outcomes if outcome != 409}
    assert (len(outcomes), len(ids), simulator.money()) == (12, 1, (10000, 10000, 1000))
