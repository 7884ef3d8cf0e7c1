"""Whatever is asked in whatever order, at once: refunded ≤ captured ≤ authorized, and one capture or one void."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable

import stripe

from tests.simulator.world import Simulator

ROUNDS = 12


def one_of_everything(simulator: Simulator, intent: str, seed: int) -> None:
    """Random money calls on one PaymentIntent; refusals are expected."""
    dice = random.Random(seed)
    api = simulator.client()
    calls: list[Callable[[], object]] = [
        lambda: api.payment_intents.capture(intent, {"amount_to_capture": dice.randint(1, 11000)}),
        lambda: api.payment_intents.cancel(intent),
        lambda: api.refunds.create({"payment_intent": intent, "amount": dice.randint(1, 6000)}),
        lambda: api.refunds.create({"payment_intent": intent}),
    ]
    for _ in range(ROUNDS):
        try:
            dice.choice(calls)()
        except stripe.InvalidRequestError:
            continue


def test_money_stays_within_its_bounds(simulator: Simulator) -> None:
    simulator.control("POST", "refund_outcome", {"mode": "pending_then_failed", "times": 10, "delay": 0})
    intents = [simulator.held().id for _ in range(6)]
    threads = [
        threading.Thread(target=one_of_everything, args=(simulator, intent, seed))
        for seed, intent in enumerate(intents * 3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows = simulator.control("GET", "summary")
    assert len(rows) == len(intents)
    for row in rows:
        assert 0 <= row["refunded"] <= row["captured"] <= row["authorized"] == 10000
        assert row["captures"] + row["voids"] == 1
        assert (row["captured"] > 0) is (row["captures"] == 1)
    moved = sum(row["captured"] - row["refunded"] for row in rows)
    balance = {row.currency: row.amount for row in simulator.stripe.balance.retrieve().pending}
    assert balance.get("eur", 0) == moved
