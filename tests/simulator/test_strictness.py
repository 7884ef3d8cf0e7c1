"""What Stripe refuses, the simulator refuses, with the same type, code and parameter."""

from __future__ import annotations

import urllib.error
import urllib.request
from typing import Any

import pytest
import stripe

from tests.simulator.world import KEY, Simulator, line_item, session_params


def refused(call: Any) -> tuple[int, str | None, str | None]:
    """Status, code and parameter of a refusal."""
    with pytest.raises(stripe.InvalidRequestError) as error:
        call()
    return error.value.http_status, error.value.code, error.value.param


def with_item(**changes: Any) -> Any:
    """A session whose only line differs."""
    return {"line_items": [{**line_item(), **changes}]}


def with_price(**changes: Any) -> Any:
    """A session whose only price differs."""
    return with_item(price_data={**line_item()["price_data"], **changes})


PRICE = "line_items[0][price_data]"


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"foo": "1"}, "parameter_unknown", "foo"),
        ({"payment_intent_data": {"foo": {"bar": 1}}}, "parameter_unknown", "payment_intent_data[foo]"),
        (with_item(foo=1), "parameter_unknown", "line_items[0][foo]"),
        (with_price(foo=1), "parameter_unknown", f"{PRICE}[foo]"),
        (
            with_price(product_data={"name": "x", "foo": 1}),
            "parameter_unknown",
            f"{PRICE}[product_data][foo]",
        ),
        ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
        (with_price(unit_amount="12.5"), "parameter_invalid_integer", f"{PRICE}[unit_amount]"),
        (with_price(unit_amount=-1), "parameter_invalid_integer", f"{PRICE}[unit_amount]"),
        (with_price(unit_amount=100_000_000), "amount_too_large", f"{PRICE}[unit_amount]"),
        (with_price(currency="xyz"), None, f"{PRICE}[currency]"),
        (with_item(price="price_1"), "resource_missing", "line_items[0][price]"),
        ({"line_items": [{"price_data": line_item()["price_data"]}]}, None, "line_items[0][quantity]"),
        ({"mode": "giving"}, None, "mode"),
        ({"success_url": "hotel"}, "url_invalid", "success_url"),
        ({"success_url": ""}, "parameter_invalid_empty", "success_url"),
        ({"customer_email": "nobody"}, "email_invalid", "customer_email"),
        ({"customer": "cus_1"}, "resource_missing", "customer"),
        ({"expires_at": "soon"}, "parameter_invalid_integer", "expires_at"),
        ({"metadata": {"k" * 41: "v"}}, None, "metadata"),
        ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"metadata": "text"}, None, "metadata"),
        ({"line_items": "text"}, None, "line_items"),
        ({"payment_intent_data": {"capture_method": "later"}}, None, "payment_intent_data[capture_method]"),
        ({"expand": ["charges"]}, None, "expand"),
        ({"expand": ["payment_intent.latest_charge.refunds.data.charge"]}, None, "expand"),
        ({"discounts": [{"coupon": "x"}]}, "simulator_limit", "discounts"),
    ],
)
def test_session_create_refuses(simulator: Simulator, changes: Any, code: str | None, param: str) -> None:
    assert refused(lambda: simulator.checkout(**changes)) == (400, code, param)
    assert simulator.stripe.checkout.sessions.list().data == []


@pytest.mark.parametrize("absent", ["mode", "line_items", "success_url"])
def test_session_create_needs(simulator: Simulator, absent: str) -> None:
    params = {key: value for key, value in session_params().items() if key != absent}
    answer = refused(lambda: simulator.stripe.checkout.sessions.create(params))
    assert answer == (400, "parameter_missing", absent)


@pytest.mark.parametrize(("seconds", "accepted"), [(1700, False), (1800, True), (86400, True), (86500, False)])
def test_expires_at_is_between_30_minutes_and_24_hours(simulator: Simulator, seconds: int, accepted: bool) -> None:
    moment = simulator.control("GET", "clock")["now"] + seconds
    if accepted:
        assert simulator.checkout(expires_at=moment).expires_at == moment
    else:
        assert refused(lambda: simulator.checkout(expires_at=moment)) == (400, None, "expires_at")


def test_money_calls_refuse_what_the_state_forbids(simulator: Simulator) -> None:
    intents, refunds = simulator.stripe.payment_intents, simulator.stripe.refunds
    held = simulator.held().id
    state = (400, "payment_intent_unexpected_state")
    with pytest.raises(stripe.InvalidRequestError, match=rf"This uncaptured Charge .* \({held}\)\. You must cancel"):
        refunds.create({"payment_intent": held})
    for amount, code, param in (
        (10001, "amount_too_large", None),
        (0, "parameter_invalid_integer", "amount"),
        (-1, None, "amount_to_capture"),
    ):
        with pytest.raises(stripe.InvalidRequestError) as error:
            intents.capture(held, {"amount_to_capture": amount})
        assert (error.value.code, error.value.param) == (code, param)
        assert error.value.json_body["error"]["payment_intent"]["status"] == "requires_capture"
    assert refused(lambda: intents.capture(held, {"final_capture": False}))[1] == "simulator_limit"
    intents.capture(held)
    assert refused(lambda: intents.capture(held)) == (*state, None)
    assert refused(lambda: intents.cancel(held)) == (*state, None)
    assert refused(lambda: refunds.create({"payment_intent": held, "amount": 10001})) == (400, None, "amount")
    assert refused(lambda: refunds.create({"payment_intent": held, "amount": 0}))[2] == "amount"
    assert simulator.money() == (10000, 10000, 0)
    refunds.create({"payment_intent": held})
    again = refused(lambda: refunds.create({"payment_intent": held, "amount": 1}))
    assert again == (400, "charge_already_refunded", None)
    assert simulator.money() == (10000, 10000, 10000)


def test_capture_after_cancel_is_refused(simulator: Simulator) -> None:
    held = simulator.held().id
    simulator.stripe.payment_intents.cancel(held)
    with pytest.raises(stripe.InvalidRequestError) as error:
        simulator.stripe.payment_intents.capture(held)
    assert error.value.user_message == (
        "This PaymentIntent could not be captured because it has a status of canceled. Only a "
        "PaymentIntent with one "
        "of the following statuses may be captured: requires_capture."
    )
    assert error.value.json_body["error"]["payment_intent"]["status"] == "canceled"


def test_unpaid_checkout_intent_cannot_be_canceled(simulator: Simulator) -> None:
    declined = simulator.pay(simulator.checkout(), "4000000000000002")["payment_intent"]
    with pytest.raises(stripe.InvalidRequestError) as error:
        simulator.stripe.payment_intents.cancel(declined)
    assert "Expire the Checkout Session instead" in error.value.user_message


def test_unknown_ids_are_404(simulator: Simulator) -> None:
    api = simulator.stripe
    assert refused(lambda: api.payment_intents.retrieve("pi_x")) == (404, "resource_missing", "intent")
    assert refused(lambda: api.checkout.sessions.retrieve("cs_x")) == (404, "resource_missing", "session")
    by_intent = refused(lambda: api.refunds.create({"payment_intent": "pi_x"}))
    assert by_intent == (400, "resource_missing", "payment_intent")
    assert refused(lambda: api.refunds.create({"charge": "ch_x"})) == (404, "resource_missing", "id")
    assert refused(api.customers.list)[0] == 404


@pytest.mark.parametrize("key", ["sk_live_abcdefgh", "sk_test_other"])
def test_other_keys_are_401(simulator: Simulator, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError) as error:
        simulator.client(key).balance.retrieve()
    assert error.value.user_message == f"Invalid API Key provided: {key[:8]}********{key[-4:]}"
    assert error.value.request_id.startswith("req_")


def send(simulator: Simulator, path: str, **headers: str) -> int:
    """Status of a raw POST."""
    request = urllib.request.Request(simulator.url + path, data=b"{}", headers=headers, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_raw_requests_are_checked(simulator: Simulator) -> None:
    bearer = {"Authorization": f"Bearer {KEY}"}
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert send(simulator, "/v1/refunds", **form) == 401
    assert send(simulator, "/v1/refunds", **bearer, **{"Content-Type": "application/json"}) == 400
    assert send(simulator, "/v1/refunds", **bearer, **form, **{"Stripe-Version": "yesterday"}) == 400
    assert send(simulator, "/v1/nothing", **bearer, **form) == 404
    assert send(simulator, "/_sim/reset", Host="evil.test") == 403
    assert send(simulator, "/_sim/clock", Origin="http://evil.test") == 403
    assert send(simulator, "/_sim/clock", **{"Content-Type": "text/plain"}) == 400


def test_versions_of_the_same_release_are_spoken(simulator: Simulator) -> None:
    """Stripe's releases keep their shapes under one name (docs.stripe.com/api/versioning)."""
    balance = simulator.stripe.balance
    later = balance.retrieve({}, {"stripe_version": "2026-11-25.endive"})
    assert later.last_response.headers["Stripe-Version"] == "2026-11-25.endive"
    other = refused(lambda: balance.retrieve({}, {"stripe_version": "2026-08-26.dahlia"}))
    assert other == (400, "simulator_limit", "Stripe-Version")
    with pytest.raises(stripe.InvalidRequestError, match="Invalid Stripe API version: yesterday"):
        balance.retrieve({}, {"stripe_version": "yesterday"})


def test_lists_page_both_ways_and_filter(simulator: Simulator) -> None:
    made = [simulator.checkout().id for _ in range(5)][::-1]
    sessions = simulator.stripe.checkout.sessions
    simulator.stripe.checkout.sessions.expire(made[0])

    def ids(**params: Any) -> list[str]:
        return [row.id for row in sessions.list(params).data]

    assert ids(limit=2) == made[:2]
    assert sessions.list({"limit": 2}).has_more is True
    assert ids(limit=2, starting_after=made[1]) == made[2:4]
    assert ids(limit=2, ending_before=made[3]) == made[1:3]
    assert ids(status="expired") == made[:1]
    created = sessions.retrieve(made[0]).created
    assert ids(created={"gt": created + 60}) == []
    assert ids(created={"lte": created + 60}) == made
    assert [row.id for row in sessions.list({"limit": 2}).auto_paging_iter()] == made
    assert refused(lambda: ids(limit=101)) == (400, "parameter_invalid_integer", "limit")


def test_lists_expand_their_rows(simulator: Simulator) -> None:
    intent = simulator.captured()
    simulator.stripe.refunds.create({"payment_intent": intent.id, "amount": 5})
    rows = simulator.stripe.refunds.list(
        {"payment_intent": intent.id, "expand": ["data.payment_intent.latest_charge"]}
    )
    assert rows.data[0].payment_intent.latest_charge.amount_refunded == 5


def test_metadata_is_merged_and_unset(simulator: Simulator) -> None:
    intents = simulator.stripe.payment_intents
    held = simulator.held().id
    assert intents.update(held, {"metadata": {"operation": "1"}}).metadata.to_dict() == {
        "booking": "7",
        "operation": "1",
    }
    assert intents.update(held, {"metadata": {"booking": ""}}).metadata.to_dict() == {"operation": "1"}
    assert intents.update(held, {"metadata": ""}).metadata.to_dict() == {}


def test_sessions_are_found_by_their_payment(simulator: Simulator) -> None:
    simulator.checkout()
    paid = simulator.pay(simulator.checkout())
    found = simulator.stripe.checkout.sessions.list({"payment_intent": paid["payment_intent"]}).data
    assert [row.id for row in found] == [paid["session"]["id"]]


def test_request_log_shows_lists_as_lists(simulator: Simulator) -> None:
    simulator.checkout(expand=["payment_intent", "line_items"])
    seen = simulator.control("GET", "requests?path=/v1/checkout/sessions")[-1]["params"]
    assert seen["expand"] == ["payment_intent", "line_items"]
    assert seen["line_items"][0]["price_data"]["unit_amount"] == "10000"
