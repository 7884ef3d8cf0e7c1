"""What a comparison of two books needs: lists by time with all that hangs on a payment, page by page."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.simulator.world import Simulator

DAY = 24 * 3600
WITH_MONEY = ["data.latest_charge.refunds"]


def test_payments_of_a_time_come_with_their_refunds_page_by_page(simulator: Simulator) -> None:
    old = simulator.captured()
    simulator.advance(5 * DAY)
    made = [simulator.captured() for _ in range(5)]
    for number, intent in enumerate(made):
        for _ in range(number):
            simulator.stripe.refunds.create({"payment_intent": intent.id, "amount": 100})
    since = simulator.control("GET", "clock")["now"] - DAY
    params: Any = {"created": {"gte": since}, "limit": 2, "expand": WITH_MONEY}
    seen = list(simulator.stripe.payment_intents.list(params).auto_paging_iter())
    assert [intent.id for intent in seen] == [intent.id for intent in made][::-1]
    assert [len(intent.latest_charge.refunds.data) for intent in seen] == [4, 3, 2, 1, 0]
    assert [intent.latest_charge.amount_refunded for intent in seen] == [400, 300, 200, 100, 0]
    everything = simulator.stripe.payment_intents.list({"expand": WITH_MONEY}).data
    assert everything[-1].id == old.id


def test_more_than_ten_refunds_of_a_payment_are_cut_off_and_listed_apart(simulator: Simulator) -> None:
    intent = simulator.captured()
    for _ in range(12):
        simulator.stripe.refunds.create({"payment_intent": intent.id, "amount": 1})
    shown = simulator.stripe.payment_intents.list({"expand": WITH_MONEY}).data[0].latest_charge.refunds
    assert (len(shown.data), shown.has_more) == (10, True)
    rest = simulator.stripe.refunds.list({"payment_intent": intent.id, "limit": 100})
    assert (len(rest.data), rest.has_more) == (12, False)


def test_payments_without_a_charge_are_listed_too(simulator: Simulator) -> None:
    simulator.pay(simulator.checkout(), "4000000000003220")
    row = simulator.stripe.payment_intents.list({"expand": WITH_MONEY}).data[0]
    assert (row.status, row.latest_charge) == ("requires_action", None)


def test_events_are_kept_for_30_days(simulator: Simulator) -> None:
    simulator.captured()
    first = simulator.stripe.events.list({"limit": 1}).data[0]
    simulator.advance(30 * DAY - 60)
    assert simulator.stripe.events.retrieve(first.id).id == first.id
    simulator.advance(120)
    assert [event.type for event in simulator.stripe.events.list({"type": "payment_intent.*"}).data] == []
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.stripe.events.retrieve(first.id)
    assert refused.value.http_status == 404


def test_events_are_found_by_time_and_kind(simulator: Simulator) -> None:
    simulator.captured()
    simulator.advance(DAY)
    simulator.held()
    since = simulator.control("GET", "clock")["now"] - 60
    rows = simulator.stripe.events.list({"created": {"gte": since}, "limit": 100}).data
    assert [event.type for event in rows][::-1] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "checkout.session.completed",
    ]
    kinds: Any = {"types": ["charge.captured", "charge.succeeded"]}
    assert [event.type for event in simulator.stripe.events.list(kinds).data] == [
        "charge.succeeded",
        "charge.captured",
        "charge.succeeded",
    ]


def test_two_sessions_for_one_booking_can_both_be_paid(simulator: Simulator) -> None:
    """Stripe doesn't know that they are for the same thing: two holds."""
    first, second = simulator.checkout(), simulator.checkout()
    paid = [simulator.pay(session)["payment_intent"] for session in (first, second)]
    assert len(set(paid)) == 2
    rows = simulator.control("GET", "summary")
    assert [(row["status"], row["metadata"]["booking"]) for row in rows] == [("requires_capture", "7")] * 2
    found = simulator.stripe.checkout.sessions.list({"created": {"gte": first.created}}).data
    assert [(row.id, row.payment_intent) for row in found][::-1] == [(first.id, paid[0]), (second.id, paid[1])]
    simulator.stripe.payment_intents.cancel(paid[0])
    assert simulator.stripe.payment_intents.retrieve(paid[1]).status == "requires_capture"
