"""Every request that the product sends to Stripe is one that Stripe's library knows, at every depth."""

import inspect
from collections.abc import Callable
from typing import Any

import pytest
import stripe
from stripe import params as sdk
from stripe.params import checkout as sdk_checkout

from payments import gateway
from payments.models import Payment
from tests.payments.sdk_types import Request, calls_in, parameter_type, problems, recorded
from tests.simulator_process import StripeSimulator
from tests.stays import confirmed, guest_cancels, in_instant_hotel, paid, with_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

type Exercise = Callable[[StripeSimulator], object]
WITHOUT_REQUEST = {"client", "verified"}


def intent_of(booking: Any) -> str:
    """The PaymentIntent of a booking's only payment."""
    return str(booking.payments.get().stripe_payment_intent_id)


def opens_pages(simulator: StripeSimulator) -> None:
    """A page of a hotel that approves, and one of a hotel that confirms at once in yen."""
    with_page()
    with_page(in_instant_hotel())


def reads_all(simulator: StripeSimulator) -> None:
    """By session and by intent; with more refunds than come at once, and a dispute."""
    payment = with_page()
    gateway.read(session_id=payment.stripe_checkout_session_id, intent_id=None)
    intent = intent_of(confirmed(simulator))
    for _ in range(11):
        simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=100)
    simulator.control(f"dashboard/payment_intents/{intent}/dispute")
    gateway.read(session_id=None, intent_id=intent)


def expires_a_page(simulator: StripeSimulator) -> None:
    """Close a page by hand."""
    payment: Payment = with_page()
    gateway.expire_session(str(payment.stripe_checkout_session_id), key="expire_session:types:1")


def lists_payments(simulator: StripeSimulator) -> None:
    """The first page of a list, and the one after a payment."""
    gateway.payments_page(since=0)
    gateway.payments_page(since=0, after=intent_of(paid(simulator)))


EXERCISES: dict[str, Exercise] = {
    "create_session": opens_pages,
    "read": reads_all,
    "find_session": lambda simulator: gateway.find_session(operation="types:1", since=0),
    "expire_session": expires_a_page,
    "capture": confirmed,
    "void": lambda simulator: gateway.void(intent_of(paid(simulator)), key="void:types:1"),
    "refund": lambda simulator: guest_cancels(confirmed(simulator)),
    "events_since": lambda simulator: list(gateway.events_since(0)),
    "account": lambda simulator: gateway.account(),
    "webhook_endpoints": lambda simulator: gateway.webhook_endpoints(),
    "payments_page": lists_payments,
    "touched_since": lambda simulator: list(gateway.touched_since(0)),
}


def requests_of(simulator: StripeSimulator, name: str) -> list[Request]:
    """What the library is asked for while one function of the gateway is exercised."""
    with recorded() as made:
        EXERCISES[name](simulator)
    return made


@pytest.mark.parametrize("name", EXERCISES)
def test_requests_fit_the_librarys_types(stripe_simulator: StripeSimulator, name: str) -> None:
    made = requests_of(stripe_simulator, name)
    assert [text for request in made for text in request.problems()] == []
    assert made


def test_every_function_of_the_gateway_is_exercised() -> None:
    public = {
        name
        for name, function in inspect.getmembers(gateway, inspect.isfunction)
        if function.__module__ == gateway.__name__ and not name.startswith("_")
    }
    cached = {"client"} if callable(gateway.client) else set()
    assert public | cached == EXERCISES.keys() | WITHOUT_REQUEST


def test_every_call_of_the_gateway_is_made(stripe_simulator: StripeSimulator) -> None:
    made = {request.name for name in EXERCISES for request in requests_of(stripe_simulator, name)}
    assert made == calls_in(gateway)


REFUND: dict[str, Any] = {"payment_intent": "pi_1", "amount": 100, "reason": "duplicate", "metadata": {"a": "1"}}
LINE: dict[str, Any] = {"quantity": 1, "price_data": {"currency": "eur", "unit_amount": 1}}


@pytest.mark.parametrize(
    ("value", "listed", "told"),
    [
        ({**REFUND, "ammount": 1}, sdk.RefundCreateParams, "x.ammount is unknown"),
        ({**REFUND, "reason": "because"}, sdk.RefundCreateParams, "x.reason is 'because', not one of"),
        ({**REFUND, "amount": "100"}, sdk.RefundCreateParams, "x.amount is '100', not int"),
        ({**REFUND, "amount": True}, sdk.RefundCreateParams, "x.amount is True, not int"),
        ({**REFUND, "metadata": {"a": 1}}, sdk.RefundCreateParams, "x.metadata"),
        ({**REFUND, "expand": "charge"}, sdk.RefundCreateParams, "x.expand is 'charge', not list"),
        ({**REFUND, "expand": [1]}, sdk.RefundCreateParams, "x.expand[0] is 1, not str"),
        (
            {"line_items": [{**LINE, "amount": 1}]},
            sdk_checkout.SessionCreateParams,
            "x.line_items[0].amount is unknown",
        ),
        (
            {"line_items": [{"quantity": 1, "price_data": {"unit_amount": 1}}]},
            sdk_checkout.SessionCreateParams,
            "x.line_items[0].price_data.currency is missing",
        ),
        (
            {"payment_intent_data": {"capture_method": "later"}},
            sdk_checkout.SessionCreateParams,
            "x.payment_intent_data.capture_method is 'later', not one of",
        ),
        ({"created": {"since": 1}}, sdk.RefundListParams, "x.created"),
        ({"idempotency": "k"}, stripe.RequestOptions, "x.idempotency is unknown"),
    ],
)
def test_a_wrong_request_is_noticed(value: Any, listed: Any, told: str) -> None:
    assert any(text.startswith(told) for text in problems(value, listed, "x"))


@pytest.mark.parametrize("metadata", [{"a": "1"}, ""])
def test_a_right_request_is_not(metadata: Any) -> None:
    assert problems({**REFUND, "metadata": metadata}, sdk.RefundCreateParams, "x") == []
    assert problems({"line_items": [LINE]}, sdk_checkout.SessionCreateParams, "x") == []


def test_options_among_the_parameters_are_noticed() -> None:
    params = {**REFUND, "idempotency_key": "k"}
    request = Request("refund.create", params, {}, sdk.RefundCreateParams)
    assert request.problems() == ["refund.create.idempotency_key is an option"]


def test_types_are_those_of_the_called_method() -> None:
    client = stripe.StripeClient("sk_test_types").v1
    assert parameter_type(type(client.checkout.sessions), "create") is sdk_checkout.SessionCreateParams
    assert parameter_type(type(client.payment_intents), "capture") is sdk.PaymentIntentCaptureParams
