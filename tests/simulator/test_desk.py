"""The page of one payment, with all that a person may do to it in Stripe's Dashboard."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.simulator.browsing import Answer, browse
from tests.simulator.world import Simulator, line_item


def press(simulator: Simulator, path: str, **form: str) -> Answer:
    """Press a button."""
    return browse(simulator, "POST", path, **(form or {"pressed": "1"}))


def page(simulator: Simulator, intent: Any) -> str:
    """The text of a payment's page."""
    return browse(simulator, "GET", f"/payments/{intent.id}").text


def buttons(simulator: Simulator, intent: Any) -> list[str]:
    """Where the page's buttons lead."""
    text = page(simulator, intent)
    return re.findall(r'(?:form)?action="(/(?:payments|refunds|disputes)/[^"]+)"', text)


def test_hold_can_be_captured_in_part_or_released(simulator: Simulator) -> None:
    intent = simulator.held()
    here = f"/payments/{intent.id}"
    assert buttons(simulator, intent) == [f"{here}/capture", f"{here}/cancel"]
    assert 'name="amount" value="100.00"' in page(simulator, intent)
    answer = press(simulator, f"{here}/capture", amount="80.50")
    assert (answer.status, answer.location, simulator.money()) == (303, here, (10000, 8050, 0))
    event = simulator.stripe.events.list({"type": "charge.captured"}).data[0]
    assert event.request.id is None


def test_hold_can_be_released(simulator: Simulator) -> None:
    intent = simulator.held()
    press(simulator, f"/payments/{intent.id}/cancel")
    assert simulator.stripe.payment_intents.retrieve(intent.id).cancellation_reason == "requested_by_customer"
    assert buttons(simulator, intent) == []
    assert "Released of 100.00 EUR" in page(simulator, intent)


def test_captured_money_can_be_refunded_and_the_refund_can_fail(simulator: Simulator) -> None:
    intent = simulator.captured()
    press(simulator, f"/payments/{intent.id}/refund", amount="25")
    refund = simulator.stripe.refunds.list({"payment_intent": intent.id}).data[0]
    assert (refund.amount, refund.reason) == (2500, "requested_by_customer")
    assert buttons(simulator, intent)[-2:] == [f"/refunds/{refund.id}/fail", f"/refunds/{refund.id}/reference"]
    press(simulator, f"/refunds/{refund.id}/reference")
    press(simulator, f"/refunds/{refund.id}/fail")
    assert "failed lost_or_stolen_card" in page(simulator, intent)
    assert simulator.money() == (10000, 10000, 0)
    again = press(simulator, f"/refunds/{refund.id}/fail")
    assert (again.status, "The refund has ended already: failed." in again.text) == (400, True)


@pytest.mark.parametrize(("button", "status"), [("succeed", "succeeded"), ("fail", "failed"), ("cancel", "canceled")])
def test_refund_on_its_way_can_be_ended(simulator: Simulator, button: str, status: str) -> None:
    intent = simulator.captured()
    simulator.control("POST", "refund_outcome", {"mode": "pending"})
    refund = simulator.stripe.refunds.create({"payment_intent": intent.id})
    press(simulator, f"/refunds/{refund.id}/{button}")
    assert simulator.stripe.refunds.retrieve(refund.id).status == status


@pytest.mark.parametrize(("button", "status"), [("won", "won"), ("lost", "lost"), ("review", "under_review")])
def test_dispute_can_be_opened_and_decided(simulator: Simulator, button: str, status: str) -> None:
    intent = simulator.captured()
    press(simulator, f"/payments/{intent.id}/dispute")
    dispute = simulator.stripe.disputes.list().data[0]
    assert f"/disputes/{dispute.id}/{button}" in buttons(simulator, intent)
    press(simulator, f"/disputes/{dispute.id}/{button}")
    assert simulator.stripe.disputes.retrieve(dispute.id).status == status


@pytest.mark.parametrize(("button", "status"), [("escalate", "needs_response"), ("close", "warning_closed")])
def test_inquiry_can_be_escalated_or_closed(simulator: Simulator, button: str, status: str) -> None:
    intent = simulator.captured()
    press(simulator, f"/payments/{intent.id}/inquiry")
    dispute = simulator.stripe.disputes.list().data[0]
    press(simulator, f"/disputes/{dispute.id}/{button}")
    assert simulator.stripe.disputes.retrieve(dispute.id).status == status


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("120", "Refund amount (€120.00) is greater than unrefunded amount on charge (€100.00)"),
        ("1.005", "1.005 is not an amount in EUR."),
        ("-1", "-1 is not an amount in EUR."),
        ("<b>", "&lt;b&gt; is not an amount in EUR."),
    ],
)
def test_what_stripe_refuses_is_told_and_moves_nothing(simulator: Simulator, amount: str, told: str) -> None:
    intent = simulator.captured()
    answer = press(simulator, f"/payments/{intent.id}/refund", amount=amount)
    assert (answer.status, f'role="alert">{told}' in answer.text) == (400, True)
    assert simulator.money() == (10000, 10000, 0)
    assert "refund.created" not in simulator.event_types()


@pytest.mark.parametrize(
    ("currency", "typed", "amount"), [("jpy", "10,000", 10000), ("kwd", "10.5", 10500), ("isk", "100", 10000)]
)
def test_typed_amounts_have_the_currencys_decimals(
    simulator: Simulator, currency: str, typed: str, amount: int
) -> None:
    intent = simulator.held(line_items=[line_item(50000, currency)])
    press(simulator, f"/payments/{intent.id}/capture", amount=typed)
    assert simulator.money()[1] == amount


def test_dashboard_leads_to_the_payment(simulator: Simulator) -> None:
    intent = simulator.held(payment_intent_data={"description": "<img src=x>"})
    assert f'href="/payments/{intent.id}"' in browse(simulator, "GET", "/").text
    assert "<img" not in page(simulator, intent)


@pytest.mark.parametrize(
    "path", ["/payments/pi_x", "/payments/pi_x/cancel", "/refunds/re_x/fail", "/disputes/du_x/won"]
)
def test_unknown_payments_are_404s(simulator: Simulator, path: str) -> None:
    method = "GET" if path == "/payments/pi_x" else "POST"
    assert browse(simulator, method, path).status == 404
