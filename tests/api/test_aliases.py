"""Older programs' addresses: the same answers as at the addresses that took their place."""

import json
from typing import Any

import pytest

from bookings import access_tokens
from payments.models import StripeWebhookEvent
from tests.api.calls import FORBIDDEN, Program, address, guest
from tests.factories import UserFactory
from tests.stays import confirmed, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


@pytest.mark.parametrize("old", ["/api/payments/create-session/", "/payments/checkout-session"])
def test_a_page_to_pay_on_is_opened_at_the_old_addresses(old):
    booking = submitted()
    caller = guest(booking)
    answer = caller.client.post(old, {"booking_id": booking.booking_id}, "application/json", headers=caller.headers)
    said = answer.json()
    assert (answer.status_code, said["status"], said["amount"]) == (200, "created", "340.00")
    assert said == caller.post(address(booking, "payment/session/")).json()
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store", "no-referrer")


@pytest.mark.parametrize("old", ["/api/payments/booking/{}/status/", "/payments/{}/status"])
def test_how_far_a_payment_is_is_told_at_the_old_addresses(old):
    booking = submitted()
    caller = guest(booking)
    answer = caller.client.get(old.format(booking.booking_id), headers=caller.headers)
    assert (answer.status_code, answer.json()) == (200, caller.get(address(booking, "payment/status/")).json())


def test_another_attempt_is_refused_at_the_old_address_as_at_the_new(stripe_simulator):
    booking = confirmed(stripe_simulator)
    caller = guest(booking)
    answer = caller.client.generic("POST", f"/payments/{booking.booking_id}/retry", headers=caller.headers)
    new = caller.post(address(booking, "payment/retry/"))
    assert (answer.status_code, answer.json()) == (new.status_code, new.json()) == (409, new.json())


def test_a_payment_is_refunded_at_the_old_address(stripe_simulator):
    booking = confirmed(stripe_simulator)
    person = UserFactory(role="Manager", hotels=[booking.hotel])
    _token, key = access_tokens.create(person, name="Till", hotel=None, expires_at=None)
    caller = Program(key, strict=True)
    old = f"/payments/{booking.payments.get().pk}/refund"
    body = {"amount": "100.00", "reason": "Broken shower"}
    answer = caller.client.post(old, body, "application/json", headers=caller.headers)
    assert (answer.status_code, answer.json()["amount_minor"]) == (200, 10000)
    assert booking.payments.get().amount_refunded == 10000


OLD: tuple[tuple[str, str, Any], ...] = (
    ("POST", "/api/payments/create-session/", {"booking_id": "NOWHERE"}),
    ("POST", "/api/payments/create-session/", {"booking_id": 7}),
    ("POST", "/payments/checkout-session", {}),
    ("GET", "/payments/NOWHERE/status", None),
    ("POST", "/payments/NOWHERE/retry", None),
)


@pytest.mark.parametrize(("method", "old", "body"), OLD)
def test_the_old_addresses_tell_no_more_about_what_is_not_there(method, old, body):
    caller = guest(submitted())
    sent = "" if body is None else json.dumps(body)
    answer = caller.client.generic(method, old, sent, "application/json", headers=caller.headers)
    assert (answer.status_code, answer.json()) == (403, FORBIDDEN)


def test_what_is_no_json_is_refused_at_the_old_addresses():
    caller = guest(submitted())
    answer = caller.client.post("/payments/checkout-session", "{", "application/json", headers=caller.headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "ERR_VALIDATION")


@pytest.mark.parametrize("old", ["/api/payments/webhook/", "/webhooks/stripe"])
def test_stripe_is_checked_at_the_old_addresses(old, client):
    answer = client.post(old, "{}", "application/json", headers={"Stripe-Signature": "t=1,v1=00"})
    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid Stripe Signature")
    assert not StripeWebhookEvent.objects.exists()
