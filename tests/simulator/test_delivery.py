"""Signed webhooks: retry, duplicates, holding back, reordering, dropping, surviving a kill."""

from __future__ import annotations

import pytest
import stripe

from tests.simulator.world import Receiver, Simulator, eventually

PAID = [
    "payment_intent.created",
    "charge.succeeded",
    "payment_intent.amount_capturable_updated",
    "checkout.session.completed",
]


def test_events_arrive_signed_with_every_secret(told: Simulator, receiver: Receiver) -> None:
    intent = told.held()
    eventually(lambda: len(receiver.seen) == 4)
    assert sorted(receiver.types) == sorted(PAID)
    completed = next(event for event in receiver.seen if event.type == "checkout.session.completed")
    assert completed.data.object.payment_intent == intent.id
    assert (completed.livemode, completed.api_version) == (False, "2026-10-28.endive")
    eventually(lambda: told.stripe.events.retrieve(completed.id).pending_webhooks == 0)


def test_event_names_the_request_that_caused_it(told: Simulator, receiver: Receiver) -> None:
    intent = told.held()
    captured = told.stripe.payment_intents.capture(intent.id, {}, {"idempotency_key": "capture:7:1"})
    eventually(lambda: "payment_intent.succeeded" in receiver.types)
    event = next(event for event in receiver.seen if event.type == "payment_intent.succeeded")
    assert event.request.idempotency_key == "capture:7:1"
    assert event.request.id == captured.last_response.headers["Request-Id"]


def test_refused_delivery_is_tried_again(told: Simulator, receiver: Receiver) -> None:
    receiver.answers.put(500)
    session = told.checkout()
    told.stripe.checkout.sessions.expire(session.id)
    eventually(lambda: len(receiver.seen) == 2)
    assert receiver.seen[0].id == receiver.seen[1].id
    eventually(lambda: told.control("GET", "deliveries")[0]["state"] == "succeeded")
    delivery = told.control("GET", "deliveries")[0]
    assert (delivery["attempts"], delivery["answer"], delivery["error"]) == (2, 200, None)
    assert told.stripe.events.list({"delivery_success": True}).data[0].id == receiver.seen[0].id


def test_webhook_may_arrive_before_the_answer(told: Simulator, receiver: Receiver) -> None:
    session = told.checkout()
    told.fault("slow_after", seconds=0.5, match={"path_regex": "expire"})
    told.stripe.checkout.sessions.expire(session.id)
    assert receiver.types == ["checkout.session.expired"]


def test_redelivery_repeats_an_event(told: Simulator, receiver: Receiver) -> None:
    told.stripe.checkout.sessions.expire(told.checkout().id)
    eventually(lambda: len(receiver.seen) == 1)
    event = receiver.seen[0].id
    told.control("POST", "deliveries/redeliver", {"event_id": event, "times": 3})
    eventually(lambda: len(receiver.seen) == 4)
    assert {seen.id for seen in receiver.seen} == {event}


@pytest.mark.parametrize(("order", "step"), [("fifo", 1), ("reverse", -1)])
def test_held_deliveries_are_released_in_order(told: Simulator, receiver: Receiver, order: str, step: int) -> None:
    told.control("POST", "deliveries", {"mode": "hold"})
    told.held()
    assert told.stripe.events.list().data[0].pending_webhooks == 1
    assert receiver.seen == []
    told.control("POST", "deliveries", {"mode": "normal"})
    assert told.control("POST", "deliveries/release", {"order": order}) == {"released": 4}
    eventually(lambda: len(receiver.seen) == 4)
    assert receiver.types == PAID[::step]


def test_shuffled_release_is_repeatable(told: Simulator, receiver: Receiver) -> None:
    told.control("POST", "deliveries", {"mode": "hold"})
    told.held()
    told.control("POST", "deliveries/release", {"order": "shuffle", "seed": 3})
    eventually(lambda: len(receiver.seen) == 4)
    assert sorted(receiver.types) == sorted(PAID)


def test_dropped_deliveries_never_arrive_but_are_listed(told: Simulator, receiver: Receiver) -> None:
    told.control("POST", "deliveries", {"mode": "drop"})
    told.stripe.checkout.sessions.expire(told.checkout().id)
    told.control("POST", "deliveries", {"mode": "normal"})
    last = told.checkout()
    told.stripe.checkout.sessions.expire(last.id)
    eventually(lambda: len(receiver.seen) == 1)
    assert receiver.seen[0].data.object.id == last.id
    missed = told.stripe.events.list({"delivery_success": False}).data
    assert [event.type for event in missed] == ["checkout.session.expired"]


def test_delayed_delivery_waits(told: Simulator, receiver: Receiver) -> None:
    told.control("POST", "deliveries", {"delay": 0.7})
    told.stripe.checkout.sessions.expire(told.checkout().id)
    assert told.control("GET", "deliveries")[0]["state"] == "pending"
    assert receiver.seen == []
    eventually(lambda: len(receiver.seen) == 1)


def test_undelivered_events_survive_a_kill(told: Simulator, receiver: Receiver) -> None:
    told.control("POST", "deliveries", {"mode": "hold"})
    intent = told.held()
    told.kill()
    told.start()
    assert told.stripe.payment_intents.retrieve(intent.id).status == "requires_capture"
    told.control("POST", "deliveries/release", {})
    eventually(lambda: receiver.types == PAID)


def test_changed_endpoint_and_secret_are_used(told: Simulator, receiver: Receiver) -> None:
    told.control("POST", "webhook", {"url": receiver.url, "secrets": ["whsec_wrong"]})
    told.stripe.checkout.sessions.expire(told.checkout().id)
    eventually(lambda: told.control("GET", "deliveries")[0]["answer"] == 400)
    told.control("POST", "webhook", {"url": None})
    told.stripe.checkout.sessions.expire(told.checkout().id)
    assert len(told.control("GET", "deliveries")) == 1
    assert receiver.seen == []


def test_moved_clock_does_not_move_the_signature(told: Simulator, receiver: Receiver) -> None:
    told.advance(30 * 24 * 3600)
    told.stripe.checkout.sessions.expire(told.checkout().id)
    eventually(lambda: len(receiver.seen) == 1)
    assert isinstance(receiver.seen[0], stripe.Event)


def test_refused_delivery_does_not_stop_the_released_ones(told: Simulator, receiver: Receiver) -> None:
    told.control("POST", "deliveries", {"mode": "hold"})
    told.held()
    receiver.answers.put(500)
    told.control("POST", "deliveries/release", {"order": "fifo"})
    eventually(lambda: len(receiver.seen) == 5)
    assert receiver.types == [*PAID, PAID[0]]
