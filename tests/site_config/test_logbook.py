"""What history records, the log tells: once, by a stable name, and only after the commit."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from bookings import audit, lifecycle
from bookings.audit import Actor, ActorKind
from payments import decisions, reconcile, webhooks
from payments.models import OperationStatus, PaymentOperation
from site_config import logbook
from tests.factories import BookingFactory, days_ahead
from tests.logged import logged
from tests.site_config.deliveries import deliver_all, post_event
from tests.stays import (
    REFUSED_CARD,
    by_staff,
    confirmed,
    fresh,
    guest_cancels,
    in_instant_hotel,
    paid,
    pay,
    submitted,
    with_page,
)
from tests.words import has_word

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("stripe_simulator")]

APPS = ("bookings", "payments", "cancellations", "trail", "site_config")


def told(log):
    """The names, without the calls to Stripe and the requests between them."""
    return [event for event in log.events if event not in ("stripe.call", "http.request")]


def test_a_booking_that_is_paid_and_approved_tells_its_life(stripe_simulator):
    with logged() as log:
        confirmed(stripe_simulator)
    assert told(log) == [
        *("booking.submitted", "mail.queued"),
        *("operation.opened", "payment.session_created", "operation.settled"),
        *("payment.authorized", "booking.authorized", "mail.queued", "mail.queued"),
        *("operation.opened", "payment.captured", "operation.settled", "booking.approved", "mail.queued"),
    ]


def test_lines_carry_references_and_amounts(stripe_simulator):
    with logged() as log:
        booking = confirmed(stripe_simulator)
    operation, payment = PaymentOperation.objects.get(kind="capture"), booking.payments.get()
    assert log.one("payment.captured") == {
        "booking": booking.booking_id,
        "payment": payment.pk,
        "payment_intent": payment.stripe_payment_intent_id,
        "amount": 34000,
        "authorized": 34000,
        "captured": 34000,
        "refunded": 0,
        "currency": "EUR",
    }
    settled = {key: log.of("operation.settled")[1][key] for key in ("operation", "kind", "amount", "transition")}
    assert settled == {"operation": operation.idempotency_key, "kind": "capture", "amount": 34000} | {
        "transition": "approve"
    }
    assert log.one("booking.approved") == {
        "booking": booking.booking_id,
        "hotel": booking.hotel_id,
        "status": "CONFIRMED",
    }


def test_a_cancellation_with_a_refund(stripe_simulator):
    booking = confirmed(stripe_simulator, BookingFactory(check_in=days_ahead(10)))
    with logged() as log:
        guest_cancels(booking)
    assert told(log) == [
        *("operation.opened", "refund.created", "refund.succeeded", "payment.refunded", "operation.settled"),
        *("cancellation.refunded", "booking.cancelled", "mail.queued", "mail.queued"),
    ]
    assert {line["actor"] for line in log.lines} == {"guest"}
    assert log.one("booking.cancelled") == {
        "booking": booking.booking_id,
        "hotel": booking.hotel_id,
        "status": "CANCELLED",
        "fee": 17000,
        "refund_amount": 17000,
    }
    assert log.one("cancellation.refunded")["amount"] == 17000


def test_a_hold_is_voided_and_a_booking_declined(stripe_simulator):
    booking = paid(stripe_simulator)
    with logged() as log, by_staff():
        decisions.decline(booking, reason="Ada Guest is not wanted here")
    assert told(log) == [
        *("operation.opened", "payment.voided", "operation.settled"),
        *("booking.declined", "mail.queued"),
    ]
    assert not has_word(log.text, "Ada")


def test_an_instant_booking_is_confirmed(stripe_simulator):
    payment = pay(stripe_simulator, with_page(in_instant_hotel()))
    with logged() as log:
        deliver_all("checkout.session.completed")
        webhooks.process_due(timezone.now())
    assert told(log) == [
        *("webhook.received", "payment.captured", "booking.confirmed", "mail.queued"),
        "webhook.processed",
    ]
    processed = log.one("webhook.processed")
    assert (processed["type"], processed["booking"], processed["payment"]) == (
        "checkout.session.completed",
        payment.booking.booking_id,
        payment.pk,
    )


def test_a_refused_card_is_told_each_time(stripe_simulator):
    payment = with_page()
    with logged() as log:
        pay(stripe_simulator, payment, REFUSED_CARD)
        deliver_all("payment_intent.payment_failed")
        webhooks.process_due(timezone.now())
    assert told(log) == ["webhook.received", "payment.failed", "webhook.processed"]


def test_an_outcome_that_nobody_knows_and_its_end(stripe_simulator):
    booking = paid(stripe_simulator)
    stripe_simulator.control("faults", match={"path_regex": "capture"}, kind="drop_after", times=3)
    with logged() as log, by_staff():
        decisions.approve(booking)
    assert told(log) == ["operation.opened", "operation.unknown"]
    assert log.one("operation.unknown")["cause"] == "connection"
    assert [(line["outcome"], line["status"]) for line in log.of("stripe.call")] == [("unknown", None)] * 3
    later = timezone.now() + reconcile.GRACE
    with logged() as log:
        assert reconcile.reconcile(later) == 1
    assert told(log) == [
        *("payment.captured", "operation.settled", "booking.approved", "mail.queued"),
        "reconcile.round",
    ]
    rounds = log.one("reconcile.round")
    assert (rounds["operations"], rounds["payments"], rounds["bookings"]) == (1, 0, 0)


def test_a_refusal_of_stripes_is_told_with_its_code_and_id(stripe_simulator):
    booking = paid(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/cancel")
    with logged() as log, by_staff(), pytest.raises(decisions.operations.Declined):
        decisions.approve(booking)
    operation = PaymentOperation.objects.get(kind="capture")
    refused, call = log.one("operation.refused"), log.of("stripe.call")[0]
    assert operation.status == OperationStatus.FAILED
    assert (call["outcome"], call["status"], call["code"]) == ("declined", 400, "payment_intent_unexpected_state")
    assert call["what"] == "POST /v1/payment_intents/{id}/capture"
    assert call["operation"] == operation.idempotency_key
    assert refused["code"] == operation.error_code
    assert refused["stripe_request_id"] == call["stripe_request_id"] == operation.stripe_request_id
    assert re.fullmatch(r"req_\w+", operation.stripe_request_id)


def test_an_operation_keeps_stripes_id_of_its_own_call(stripe_simulator):
    booking = confirmed(stripe_simulator)
    kept = dict(PaymentOperation.objects.values_list("idempotency_key", "stripe_request_id"))
    requests = {each["idempotency_key"]: each["request_id"] for each in stripe_simulator.look("requests")}
    assert kept == {key: requests[key] for key in kept}
    assert set(kept) == {f"create_session:{booking.booking_id}:1", f"capture:{booking.booking_id}:1"}


def test_what_is_rolled_back_is_never_told(stripe_simulator):
    booking = BookingFactory()
    with logged() as log, transaction.atomic():
        lifecycle.submit(booking)
        transaction.set_rollback(True)
    assert log.text == ""


def test_lines_wait_for_the_commit_and_keep_their_actor():
    booking = BookingFactory()
    with logged() as log:
        with transaction.atomic(), audit.acting(Actor(ActorKind.STAFF, 7, request_id="decided-here")):
            with audit.acting(Actor(ActorKind.GUEST, request_id="decided-earlier")):
                lifecycle.submit(booking)
            assert log.text == ""
        heads = {(line["actor"], line["user_id"], line["request_id"]) for line in log.lines}
    assert told(log) == ["booking.submitted", "mail.queued"]
    assert heads == {("guest", None, "decided-earlier")}


def test_deleting_and_restoring():
    booking = submitted(payment_method="ARRIVAL")
    with logged() as log, by_staff():
        decisions.decline(booking, reason="full")
        decisions.soft_delete(fresh(booking), reason="a typing error")
        lifecycle.restore(fresh(booking))
    assert told(log) == ["booking.declined", "mail.queued", "booking.deleted", "booking.restored"]


def test_an_unknown_event_and_a_forged_one(client):
    event = {
        "id": "evt_unknown",
        "object": "event",
        "type": "customer.created",
        "created": 1_790_000_000,
        "livemode": False,
        "data": {"object": {"id": "cus_1", "object": "customer", "email": "ada@guest.example"}},
    }
    with logged() as log:
        post_event(event)
        webhooks.process_due(timezone.now())
        client.post("/api/public/hotel/room-bookings/stripe-webhook/", b"{}", content_type="application/json")
    assert told(log) == ["webhook.received", "webhook.ignored", "webhook.refused"]
    assert log.one("webhook.refused") == {"why": "signature"}


@pytest.mark.parametrize("failed_before", [0, 7])
def test_an_event_that_breaks_tells_where(failed_before):
    event = {
        "id": "evt_broken",
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": 1_790_000_000,
        "livemode": False,
        "data": {"object": {"id": "pi_1", "object": "payment_intent", "metadata": "Ada Guest"}},
    }
    post_event(event)
    stored = webhooks.StripeWebhookEvent.objects.get()
    stored.attempts = failed_before
    stored.save()
    with logged() as log:
        webhooks.process_due(timezone.now())
    end = "webhook.failed" if failed_before else "webhook.postponed"
    assert told(log) == ["webhook.broken", end]
    broken = log.of("webhook.broken")[0]
    assert broken["exception"][0]["type"] == "builtins.AttributeError"
    assert re.fullmatch(r"payments/webhooks\.py:\d+ adopt", broken["exception"][0]["frames"][-1])
    assert not has_word(log.text, "Ada")


def source(*folders):
    """The text of the product's modules."""
    files = [path for folder in folders for path in sorted((Path(settings.BASE_DIR) / folder).rglob("*.py"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in files if "simulator" not in path.parts)


def test_every_transition_of_a_booking_has_a_name():
    saved = set(re.findall(r'\bsave\(booking, "(\w+)"', source(*APPS)))
    assert {"submit", "approve", "cancel"} <= saved
    assert saved <= set(logbook.BOOKING)


def test_every_name_is_stable_and_stands_in_the_guide():
    code = source(*APPS)
    named = set(re.findall(r'logger\.(?:info|warning|error|exception)(?:,|\()\s*"([^"]+)"', code))
    named |= set(
        re.findall(r'(?:yield |: )"([a-z_]+\.[a-z_]+)"', (Path(logbook.__file__)).read_text(encoding="utf-8"))
    )
    named |= {"log.failed", "http.error", "http.refused"}
    guide = (Path(settings.BASE_DIR) / "docs" / "operations.md").read_text(encoding="utf-8")
    assert {name for name in named if not re.fullmatch(r"[a-z_]+\.[a-z_]+", name)} == set()
    listed = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", guide.partition("## The log")[2].partition("\n## ")[0]))
    assert listed == named
