"""Stripe's deliveries pass a door of their own: nothing about people is asked on their way."""

import json

import pytest
from django.test import Client
from django.urls import resolve

from payments.models import StripeWebhookEvent
from payments.views import stripe_webhook
from site_config import webhook_door
from tests.factories import UserFactory
from tests.logged import logged
from tests.matrix import addresses
from tests.payments.test_webhook_view import event, post, signature

pytestmark = pytest.mark.django_db


def test_every_address_of_the_view_has_the_door():
    found = [f"/{pattern}" for pattern in addresses.patterns() if "{" not in pattern and "<" not in pattern]
    views = {each: getattr(resolve(each), "func", None) for each in found if "webhook" in each}
    assert {each for each, view in views.items() if view is stripe_webhook} == set(webhook_door.ADDRESSES)
    assert {match.func for match in webhook_door.deliveries().values()} == {stripe_webhook}


@pytest.mark.parametrize("address", webhook_door.ADDRESSES)
def test_a_delivery_is_one_statement_whoever_is_signed_in(address, django_assert_num_queries):
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(role="owner"))
    body = json.dumps(event()).encode()
    headers = {"Stripe-Signature": signature(body), "X-Request-Id": "from-stripe-0001"}
    with django_assert_num_queries(1), logged() as log:
        answer = client.post(address, body, content_type="application/json", headers=headers)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert StripeWebhookEvent.objects.get().event_id == "evt_1"
    assert "Set-Cookie" not in answer.headers
    (line,) = log.of("http.request")
    assert (line["route"], line["status"], line["user_id"]) == (address, 200, None)


def test_a_refusal_is_in_english_whatever_was_spoken_before():
    Client().get("/booking/", headers={"Accept-Language": "de"})
    answer = post(event(), header="nonsense")
    assert (answer.status_code, answer.json()["error"]) == (400, "Invalid Stripe Signature")
