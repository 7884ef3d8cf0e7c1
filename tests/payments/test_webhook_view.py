"""Stripe's address, as strangers and Stripe use it. Bad input answers 400 and writes nothing."""

import hashlib
import hmac
import json
import time

import pytest
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from payments import webhooks
from payments.models import StripeWebhookEvent

pytestmark = pytest.mark.django_db

SECRET = "whsec_innkeep_tests"
ADDRESS = "/api/public/hotel/room-bookings/stripe-webhook/"


def event(**changes):
    body = {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": 1_790_000_000,
        "livemode": False,
        "data": {"object": {"id": "pi_1", "object": "payment_intent"}},
    }
    return {**body, **changes}


def signature(body, *, secret=SECRET, at=None):
    at = int(at if at is not None else time.time())
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def post(body, header=None, **options):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Stripe-Signature": signature(raw) if header is None else header}
    client = Client(enforce_csrf_checks=True)
    return client.post(ADDRESS, raw, content_type="application/json", headers=headers, **options)


def test_address_is_the_published_one():
    assert reverse("stripe-webhook") == ADDRESS


def test_event_is_stored_and_answered():
    answer = post(event())
    row = StripeWebhookEvent.objects.get()
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    assert (row.event_id, row.event_type, row.deliveries) == ("evt_1", "payment_intent.succeeded", 1)
    assert (row.processing_result, row.attempts, row.payload) == ("received", 0, event())
    assert row.payload_hash == hashlib.sha256(json.dumps(event()).encode()).hexdigest()


def test_storing_is_one_statement(django_assert_num_queries):
    with django_assert_num_queries(1):
        post(event())


def test_duplicate_only_counts_its_delivery():
    for _ in range(50):
        assert post(event()).status_code == 200
    assert list(StripeWebhookEvent.objects.values_list("event_id", "deliveries")) == [("evt_1", 50)]


def test_both_secrets_are_good_during_a_rotation(settings):
    settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", "whsec_old"]
    for number, secret in enumerate(["whsec_new", "whsec_old"]):
        body = json.dumps(event(id=f"evt_{number}")).encode()
        assert post(body, signature(body, secret=secret)).status_code == 200
    body = json.dumps(event(id="evt_other")).encode()
    assert post(body, signature(body, secret="whsec_other")).status_code == 400
    assert StripeWebhookEvent.objects.count() == 2


RAW = json.dumps(event()).encode()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1,v1=",
        "nonsense",
        "t=abc,v1=abc",
        "v1=abc",
        f"t={int(time.time())},v1={'0' * 64}",
        f"t={int(time.time())},v1=é",
        f"t={int(time.time())},v0={'0' * 64}",
    ],
    ids=["missing", "empty", "nonsense", "no number", "no time", "forged", "non-ASCII", "old scheme"],
)
def test_bad_signatures_are_refused(header):
    answer = post(RAW, header)
    assert (answer.status_code, answer.json()) == (
        400,
        {"success": False, "code": "ERR_WEBHOOK", "error": "Invalid Stripe Signature"},
    )
    assert not StripeWebhookEvent.objects.exists()


@pytest.mark.parametrize("offset", [-301, 302, 24 * 3600])
def test_times_too_far_off_are_refused(offset):
    assert post(RAW, signature(RAW, at=time.time() + offset)).status_code == 400
    assert not StripeWebhookEvent.objects.exists()


@pytest.mark.parametrize("offset", [-290, 290])
def test_times_within_five_minutes_are_good(offset):
    assert post(RAW, signature(RAW, at=time.time() + offset)).status_code == 200


def test_the_first_time_of_a_header_counts():
    future = int(time.time()) + 3600
    header = signature(RAW, at=future) + f",t={int(time.time())}"
    assert post(RAW, header).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"null",
        b"[]",
        b"1",
        b'"text"',
        b"{}",
        b"not json",
        b"\xff\xfe",
        b"[" * 100_000,
        json.dumps(event(object="charge")).encode(),
        json.dumps(event(id=None)).encode(),
        json.dumps(event(type=5)).encode(),
        json.dumps(event(created="now")).encode(),
        json.dumps(event(created=10**30)).encode(),
        json.dumps(event(created=True)).encode(),
        json.dumps(event(data=None)).encode(),
        json.dumps(event(data={"object": []})).encode(),
        json.dumps(event(account="acct_other")).encode(),
        json.dumps(event(livemode=True)).encode(),
        json.dumps(event(livemode="false")).encode(),
        json.dumps(event(id="evt_" + "x" * 200)).encode(),
        json.dumps(event(type="a" * 200)).encode(),
        json.dumps(event(id="evt_\x00")).encode(),
        json.dumps(event(data={"object": {"note": "\x00"}})).encode(),
        json.dumps(event(data={"object": {"note": "\ud800"}})).encode(),
        json.dumps(event(data={"object": {"note": float("nan")}})).encode(),
        json.dumps(event(data={"object": {"note": "?"}})).encode().replace(b'"?"', b"1e999"),
        json.dumps(event(data={"object": {"note": "?"}})).encode().replace(b'"?"', b"[" * 600 + b"]" * 600),
    ],
)
def test_signed_bodies_that_are_no_event_of_ours_are_refused(body):
    answer = post(body)
    assert (answer.status_code, answer.json()["code"]) == (400, "ERR_WEBHOOK")
    assert not StripeWebhookEvent.objects.exists()


def test_body_over_the_limit_is_refused():
    body = json.dumps(event(padding="x" * 256 * 1024)).encode()
    assert post(body).status_code == 400
    assert not StripeWebhookEvent.objects.exists()


def test_body_at_the_limit_is_taken():
    body = json.dumps(event(padding="")).encode()
    body = json.dumps(event(padding="x" * (256 * 1024 - len(body)))).encode()
    assert (len(body), post(body).status_code) == (256 * 1024, 200)


@pytest.mark.parametrize("method", ["get", "head", "put", "patch", "delete", "options"])
def test_only_post_is_answered(method):
    answer = getattr(Client(), method)(ADDRESS)
    assert answer.status_code == 405
    assert not StripeWebhookEvent.objects.exists()


def test_failed_insert_is_a_500_so_that_stripe_retries(monkeypatch):
    def broken(*_):
        raise DatabaseError("gone")

    monkeypatch.setattr(webhooks, "store", broken)
    client = Client(raise_request_exception=False)
    answer = client.post(ADDRESS, RAW, content_type="application/json", headers={"Stripe-Signature": signature(RAW)})
    assert answer.status_code == 500
    assert b"gone" not in answer.content
