"""The life of a payment: pay, capture, refund, decline, 3D Secure, cancel, expire."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.simulator.world import Simulator, line_item

DAY = 24 * 3600


def test_payment_held_captured_and_refunded(simulator: Simulator) -> None:
    session = simulator.checkout()
    assert (session.status, session.payment_status, session.payment_intent) == ("open", "unpaid", None)
    assert (session.amount_total, session.currency) == (10000, "eur")
    assert session.url == f"{simulator.url}/pay/{session.id}"

    paid = simulator.pay(session)
    assert paid["return_url"] == f"http://hotel.test/return?session={session.id}"
    session = simulator.stripe.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    intent = session.payment_intent
    assert (session.status, session.payment_status, session.url) == ("complete", "unpaid", None)
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 10000, 0)
    assert intent.description == "Hotel booking 7 - The Crossing"
    assert intent.metadata.to_dict() == intent.latest_charge.metadata.to_dict() == {"booking": "7"}
    card = intent.latest_charge.payment_method_details.card
    assert (card.brand, card.last4) == ("visa", "4242")
    assert card.capture_before == intent.latest_charge.created + 7 * DAY

    captured = simulator.stripe.payment_intents.capture(intent.id, {"metadata": {"operation": "3"}})
    assert (captured.status, captured.amount_capturable, captured.amount_received) == ("succeeded", 0, 10000)
    assert captured.metadata.to_dict() == {"booking": "7", "operation": "3"}
    assert simulator.stripe.checkout.sessions.retrieve(session.id).payment_status == "paid"

    refund = simulator.stripe.refunds.create(
        {
            "payment_intent": intent.id,
            "amount": 2500,
            "reason": "requested_by_customer",
            "expand": ["charge.refunds"],
        }
    )
    assert (refund.status, refund.amount, refund.currency, refund.reason) == (
        "succeeded",
        2500,
        "eur",
        "requested_by_customer",
    )
    assert (refund.charge.amount_refunded, refund.charge.refunded) == (2500, False)
    assert [row.id for row in refund.charge.refunds.data] == [refund.id]
    assert simulator.money() == (10000, 10000, 2500)
    assert simulator.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.amount_capturable_updated",
        "checkout.session.completed",
        "charge.captured",
        "payment_intent.succeeded",
        "refund.created",
        "charge.refunded",
    ]


def test_automatic_capture_takes_the_money_at_once(simulator: Simulator) -> None:
    paid = simulator.pay(simulator.checkout(payment_intent_data={"capture_method": "automatic"}))
    assert paid["session"]["payment_status"] == "paid"
    assert simulator.money() == (10000, 10000, 0)
    assert simulator.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.completed",
    ]


def test_default_capture_is_asynchronous_and_books_later(simulator: Simulator) -> None:
    simulator.pay(simulator.checkout(payment_intent_data={}))
    assert simulator.event_types() == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
        "checkout.session.completed",
    ]
    told = next(e for e in simulator.stripe.events.list({"type": "charge.updated"}).data)
    assert told.data.previous_attributes.to_dict() == {"balance_transaction": None}


@pytest.mark.parametrize(
    ("card", "code", "message"),
    [
        ("4000000000000002", "generic_decline", "Your card was declined."),
        ("4000 0000 0000 9995", "insufficient_funds", "Your card has insufficient funds."),
    ],
)
def test_declined_card_leaves_the_session_open_for_another(
    simulator: Simulator, card: str, code: str, message: str
) -> None:
    session = simulator.checkout()
    declined = simulator.pay(session, card)
    assert (declined["outcome"], declined["session"]["status"]) == ("declined", "open")
    intent = simulator.stripe.payment_intents.retrieve(declined["payment_intent"], {"expand": ["latest_charge"]})
    error = intent.last_payment_error
    assert intent.status == "requires_payment_method"
    assert (error.code, error.decline_code, error.message) == ("card_declined", code, message)
    assert (intent.latest_charge.status, intent.latest_charge.paid) == ("failed", False)
    assert simulator.money() == (0, 0, 0)

    again = simulator.pay(session)
    assert (again["outcome"], again["payment_intent"]) == ("paid", intent.id)
    assert simulator.money() == (10000, 0, 0)
    assert simulator.event_types()[:4] == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "charge.succeeded",
    ]


def test_3ds_completed_holds_the_money(simulator: Simulator) -> None:
    session = simulator.checkout()
    asked = simulator.pay(session, "4000000000003220")
    intent = simulator.stripe.payment_intents.retrieve(asked["payment_intent"])
    assert (asked["outcome"], intent.status) == ("authenticate", "requires_action")
    assert intent.next_action.redirect_to_url.url == f"{simulator.url}/pay/{session.id}/authenticate"
    done = simulator.pay(session, "4000000000003220", authenticate="complete")
    assert (done["outcome"], simulator.money()) == ("paid", (10000, 0, 0))


def test_3ds_failed_can_be_retried(simulator: Simulator) -> None:
    session = simulator.checkout()
    failed = simulator.pay(session, "4000000000003220", authenticate="fail")
    intent = simulator.stripe.payment_intents.retrieve(failed["payment_intent"])
    assert (failed["outcome"], intent.status) == ("failed", "requires_payment_method")
    assert intent.last_payment_error.code == "payment_intent_authentication_failure"
    assert simulator.pay(session)["outcome"] == "paid"


def test_paying_twice_pays_once(simulator: Simulator) -> None:
    session = simulator.checkout()
    outcomes = [simulator.pay(session)["outcome"] for _ in range(2)]
    assert outcomes == ["paid", "complete"]
    assert len(simulator.stripe.charges.list().data) == 1


def test_cancel_releases_the_hold_and_moves_no_money(simulator: Simulator) -> None:
    intent = simulator.held()
    canceled = simulator.stripe.payment_intents.cancel(
        intent.id, {"cancellation_reason": "requested_by_customer", "expand": ["latest_charge.refunds"]}
    )
    assert (canceled.status, canceled.cancellation_reason) == ("canceled", "requested_by_customer")
    assert (canceled.amount_capturable, canceled.amount_received) == (0, 0)
    assert canceled.canceled_at is not None
    charge = canceled.latest_charge
    assert (charge.captured, charge.refunded, charge.amount_refunded) == (False, True, 10000)
    assert [(row.reason, row.balance_transaction) for row in charge.refunds.data] == [
        ("expired_uncaptured_charge", None)
    ]
    assert simulator.event_types()[-3:] == ["refund.created", "charge.refunded", "payment_intent.canceled"]
    assert simulator.money() == (10000, 0, 0)
    assert simulator.control("GET", "summary")[0]["voids"] == 1


def test_released_hold_may_leave_the_charge_as_it_was(simulator: Simulator) -> None:
    simulator.control("POST", "settings", {"void_raises_refunded": False})
    params: Any = {"expand": ["latest_charge.refunds"]}
    charge = simulator.stripe.payment_intents.cancel(simulator.held().id, params).latest_charge
    assert (charge.captured, charge.refunded, charge.amount_refunded) == (False, False, 0)
    assert charge.refunds.data == []
    assert simulator.event_types()[-2:] == ["checkout.session.completed", "payment_intent.canceled"]


def test_hold_expires_when_capture_before_passes(simulator: Simulator) -> None:
    intent = simulator.held()
    simulator.advance(7 * DAY - 60)
    assert simulator.stripe.payment_intents.retrieve(intent.id).status == "requires_capture"
    simulator.advance(120)
    gone = simulator.stripe.payment_intents.retrieve(intent.id)
    assert (gone.status, gone.cancellation_reason) == ("canceled", "automatic")
    told = ["charge.expired", "refund.created", "charge.refunded", "payment_intent.canceled"]
    assert simulator.event_types()[-4:] == told
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.stripe.payment_intents.capture(intent.id)
    assert refused.value.code == "payment_intent_unexpected_state"
    assert simulator.money() == (10000, 0, 0)


def test_open_session_expires_by_the_clock(simulator: Simulator) -> None:
    now = simulator.control("GET", "clock")["now"]
    session = simulator.checkout(expires_at=now + 1800)
    simulator.pay(session, "4000000000000002")
    simulator.advance(1801)
    session = simulator.stripe.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert (session.status, session.url, session.payment_intent.status) == ("expired", None, "canceled")
    assert simulator.event_types()[-2:] == ["checkout.session.expired", "payment_intent.canceled"]
    assert simulator.pay(session)["outcome"] == "expired"
    assert simulator.money() == (0, 0, 0)


def test_expire_ends_an_open_session_only(simulator: Simulator) -> None:
    session = simulator.checkout()
    assert simulator.stripe.checkout.sessions.expire(session.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError) as refused:
        simulator.stripe.checkout.sessions.expire(session.id)
    assert refused.value.user_message == (
        'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a '
        "status of "
        "`expired`."
    )


def test_person_at_the_dashboard_acts_without_a_request(simulator: Simulator) -> None:
    intent = simulator.held()
    simulator.control("POST", f"dashboard/payment_intents/{intent.id}/capture", {"amount": 9000})
    simulator.control("POST", f"dashboard/payment_intents/{intent.id}/refund", {"amount": 500})
    assert simulator.money() == (10000, 9000, 500)
    event = simulator.stripe.events.list({"type": "charge.refunded"}).data[0]
    assert (event.request.id, event.request.idempotency_key) == (None, None)


def test_balance_counts_captures_and_refunds(simulator: Simulator) -> None:
    intent = simulator.captured()
    simulator.stripe.refunds.create({"payment_intent": intent.id, "amount": 2500})
    assert [(row.amount, row.currency) for row in simulator.stripe.balance.retrieve().pending] == [(7500, "eur")]
    simulator.advance(3 * DAY)
    assert [(row.amount, row.currency) for row in simulator.stripe.balance.retrieve().available] == [(7500, "eur")]


def test_line_items_are_listed(simulator: Simulator) -> None:
    session = simulator.checkout(line_items=[line_item(5000), line_item(2500, quantity=2)])
    rows = simulator.stripe.checkout.sessions.line_items.list(session.id).data
    assert [(row.amount_total, row.quantity, row.price.unit_amount) for row in rows] == [
        (5000, 1, 5000),
        (5000, 2, 2500),
    ]


@pytest.mark.parametrize("status", ["succeeded", "failed"])
def test_delayed_method_is_confirmed_later(simulator: Simulator, status: str) -> None:
    session = simulator.checkout(payment_intent_data={"capture_method": "automatic"})
    waiting = simulator.control("POST", f"pay/{session.id}/delayed", {})
    assert (waiting["status"], waiting["payment_status"]) == ("complete", "unpaid")
    assert simulator.stripe.payment_intents.retrieve(waiting["payment_intent"]).status == "processing"
    assert simulator.money() == (0, 0, 0)
    settled = simulator.control("POST", f"pay/{session.id}/settle", {"status": status})
    paid = status == "succeeded"
    assert settled["payment_status"] == ("paid" if paid else "unpaid")
    assert simulator.money() == ((10000, 10000, 0) if paid else (0, 0, 0))
    assert simulator.event_types()[-1] == f"checkout.session.async_payment_{status}"
