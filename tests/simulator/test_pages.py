"""The pages people see, as a browser without JavaScript uses them."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.simulator.browsing import browse
from tests.simulator.world import Simulator, line_item


def test_payment_page_shows_what_is_paid_and_how_to_leave(simulator: Simulator) -> None:
    session = simulator.checkout(customer_email="ada@example.com")
    page = browse(simulator, "GET", f"/pay/{session.id}")
    assert page.status == 200
    for part in (
        "Stripe simulator",
        "test mode",
        "100.00 EUR",
        "Double room, 2 nights",
        "ada@example.com",
        'value="4242 4242 4242 4242"',
        "?card=4000000000009995",
        'href="http://hotel.test/back"',
        "Let this session expire",
        "reserved now and taken when the hotel confirms",
    ):
        assert part in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (123456, "usd", "1,234.56 USD"),
        (1234567, "jpy", "1,234,567 JPY"),
        (1234560, "kwd", "1,234.560 KWD"),
        (1000000, "isk", "10,000.00 ISK"),
    ],
)
def test_amount_has_the_currencys_decimals(simulator: Simulator, amount: int, currency: str, shown: str) -> None:
    session = simulator.checkout(line_items=[line_item(amount, currency)])
    assert f'<h1 id="total">{shown}</h1>' in browse(simulator, "GET", f"/pay/{session.id}").text


def test_chosen_test_card_fills_the_field(simulator: Simulator) -> None:
    session = simulator.checkout()
    page = browse(simulator, "GET", f"/pay/{session.id}?card=4000000000000002")
    assert 'value="4000 0000 0000 0002"' in page.text


def test_pay_returns_to_the_hotel_however_often_it_is_pressed(simulator: Simulator) -> None:
    session = simulator.checkout()
    target = f"http://hotel.test/return?session={session.id}"
    for _ in range(2):
        answer = browse(simulator, "POST", f"/pay/{session.id}", card="4242 4242 4242 4242")
        assert (answer.status, answer.location) == (303, target)
    assert simulator.money() == (10000, 0, 0)
    done = browse(simulator, "GET", f"/pay/{session.id}")
    assert "all done here" in done.text
    assert target in done.text


def test_declined_card_is_told_and_can_be_replaced(simulator: Simulator) -> None:
    session = simulator.checkout()
    page = browse(simulator, "POST", f"/pay/{session.id}", card="4000000000009995")
    assert page.status == 402
    assert 'role="alert">Your card has insufficient funds.</p>' in page.text
    assert browse(simulator, "POST", f"/pay/{session.id}", card="4242424242424242").status == 303


def test_other_card_numbers_are_refused_without_a_payment(simulator: Simulator) -> None:
    session = simulator.checkout()
    page = browse(simulator, "POST", f"/pay/{session.id}", card='<b>"5555')
    assert page.status == 402
    assert "No real card works here." in page.text
    assert "<b>" not in page.text
    assert simulator.stripe.payment_intents.list().data == []


@pytest.mark.parametrize("outcome", ["complete", "fail"])
def test_3ds_is_a_page_of_its_own(simulator: Simulator, outcome: str) -> None:
    session = simulator.checkout()
    asked = browse(simulator, "POST", f"/pay/{session.id}", card="4000000000003220")
    assert (asked.status, asked.location) == (303, f"/pay/{session.id}/authenticate")
    assert "Complete authentication" in browse(simulator, "GET", str(asked.location)).text
    answered = browse(simulator, "POST", str(asked.location), outcome=outcome)
    if outcome == "complete":
        assert answered.location == f"http://hotel.test/return?session={session.id}"
        assert simulator.money() == (10000, 0, 0)
    else:
        assert answered.location == f"/pay/{session.id}"
        assert "Try again, or use another card." in browse(simulator, "GET", f"/pay/{session.id}").text
        assert simulator.money() == (0, 0, 0)


def test_session_can_be_left_to_expire(simulator: Simulator) -> None:
    session = simulator.checkout()
    answer = browse(simulator, "POST", f"/pay/{session.id}/expire", sure="1")
    assert (answer.status, answer.location) == (303, f"/pay/{session.id}")
    page = browse(simulator, "GET", f"/pay/{session.id}")
    assert (page.status, "This payment link has expired" in page.text) == (410, True)
    paying = browse(simulator, "POST", f"/pay/{session.id}", card="4242424242424242")
    assert paying.status == 410
    assert simulator.stripe.payment_intents.list().data == []


def test_names_from_outside_are_escaped(simulator: Simulator) -> None:
    product: Any = {"name": "<script>alert(1)</script>"}
    item = {"price_data": {"currency": "eur", "unit_amount": 100, "product_data": product}, "quantity": 1}
    session = simulator.checkout(line_items=[item], payment_intent_data={"description": "<img src=x>"})
    assert "<script" not in browse(simulator, "GET", f"/pay/{session.id}").text
    simulator.pay(session)
    assert "<img" not in browse(simulator, "GET", "/").text


def test_dashboard_shows_payments_events_and_the_clock(simulator: Simulator) -> None:
    intent = simulator.captured()
    simulator.stripe.refunds.create({"payment_intent": intent.id, "amount": 2500})
    simulator.checkout()
    page = browse(simulator, "GET", "/")
    for part in (
        "Hotel booking 7 - The Crossing",
        '<td class="sum">25.00 EUR</td>',
        "charge.refunded",
        "no endpoint",
    ):
        assert part in page.text
    before = simulator.control("GET", "clock")["offset"]
    moved = browse(simulator, "POST", "/clock", advance="86400")
    assert (moved.status, moved.location) == (303, "/")
    assert simulator.control("GET", "clock")["offset"] == before + 86400


def test_receipt_shows_what_was_paid(simulator: Simulator) -> None:
    intent = simulator.captured()
    charge = simulator.stripe.charges.retrieve(str(intent.latest_charge))
    assert "100.00 EUR" in browse(simulator, "GET", urlsplit(str(charge.receipt_url)).path).text


@pytest.mark.parametrize("path", ["/pay/cs_test_x", "/pay/cs_test_x/authenticate", "/receipts/x", "/else"])
def test_unknown_pages_are_friendly_404s(simulator: Simulator, path: str) -> None:
    answer = browse(simulator, "GET", path)
    assert (answer.status, "There is no such page" in answer.text) == (404, True)
