"""Stored events, processed by the worker: whatever the order and number, the same end."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from payments import reconcile, webhooks
from payments.models import Payment, StripeWebhookEvent
from tests.stays import AtStripe, at_stripe, fresh, mails, paid, pay, transitions, with_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def stored(number, kind, thing):
    now = timezone.now()
    return StripeWebhookEvent.objects.create(
        event_id=f"evt_{number}",
        event_type=kind,
        created=datetime(2026, 11, 21, tzinfo=UTC),
        payload={"id": f"evt_{number}", "type": kind, "data": {"object": thing}},
        payload_hash="0" * 64,
        next_at=now,
    )


def events_of(payment):
    payment.refresh_from_db()
    session = {"id": payment.stripe_checkout_session_id, "object": "checkout.session", "metadata": {}}
    intent = {
        "id": payment.stripe_payment_intent_id or "pi_unknown",
        "object": "payment_intent",
        "metadata": {"payment": str(payment.pk), "booking": payment.booking.booking_id},
    }
    return [
        ("checkout.session.completed", session),
        ("payment_intent.amount_capturable_updated", intent),
        ("payment_intent.created", intent),
    ]


def test_events_that_waited_together_share_one_look_at_stripe(stripe_simulator, monkeypatch):
    # One turn, however slow the machine is.
    monkeypatch.setattr(webhooks, "paced", iter)
    payments = [pay(stripe_simulator, with_page()) for _ in range(2)]
    for place, payment in enumerate(payments):
        for number, (kind, thing) in enumerate(events_of(payment)[:2]):
            stored(2 * place + number, kind, thing)
    before = len(looks(stripe_simulator))
    assert webhooks.process_due(timezone.now()) == 4
    assert len(looks(stripe_simulator)) - before == 2
    assert set(StripeWebhookEvent.objects.values_list("processing_result", flat=True)) == {"processed"}
    assert [fresh(each.booking).status for each in payments] == ["PENDING_APPROVAL"] * 2


def looks(simulator):
    return simulator.look("requests?method=GET")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))), ids=str)
def test_any_order_leads_to_the_same_state(stripe_simulator, order):
    payment = pay(stripe_simulator, with_page())
    kinds = events_of(payment)
    for number in order:
        stored(number, *kinds[number])
        webhooks.process_due(timezone.now())
    booking = fresh(payment.booking)
    assert (booking.status, Payment.objects.get().status) == ("PENDING_APPROVAL", "AUTHORIZED")
    assert (transitions(booking), mails(booking)) == (["submit", "authorize"], ["pay_link", "authorized"])
    results = dict(StripeWebhookEvent.objects.values_list("event_type", "processing_result"))
    assert results == {
        "checkout.session.completed": "processed",
        "payment_intent.amount_capturable_updated": "processed",
        "payment_intent.created": "ignored",
    }


def test_event_says_nothing_that_stripe_does_not_confirm(stripe_simulator):
    payment = with_page()  # not paid
    stored(1, "checkout.session.completed", {"id": payment.stripe_checkout_session_id, "payment_status": "paid"})
    webhooks.process_due(timezone.now())
    assert (fresh(payment.booking).status, at_stripe(stripe_simulator, payment.booking)) == (
        "PENDING_PAYMENT",
        AtStripe(),
    )


def test_unknown_payment_is_ignored():
    event = stored(1, "payment_intent.succeeded", {"id": "pi_other", "object": "payment_intent", "metadata": {}})
    webhooks.process_due(timezone.now())
    event.refresh_from_db()
    assert (event.processing_result, event.payment) == ("ignored", None)


@pytest.mark.parametrize("metadata", [{"payment": "x"}, {"payment": "999999"}, {"payment": "1", "booking": "OTHER"}])
def test_metadata_of_somebody_else_is_ignored(metadata):
    thing = {"id": "pi_other", "object": "payment_intent", "metadata": metadata}
    event = stored(1, "payment_intent.succeeded", thing)
    webhooks.process_due(timezone.now())
    event.refresh_from_db()
    assert event.processing_result == "ignored"


def test_stripe_out_of_reach_is_tried_again_with_back_off(stripe_simulator):
    payment = pay(stripe_simulator, with_page())
    event = stored(1, *events_of(payment)[0])
    stripe_simulator.control("faults", match={"method": "GET"}, kind="drop_before", times=100)
    now = timezone.now()
    webhooks.process_due(now)
    event.refresh_from_db()
    assert (event.processing_result, event.attempts, event.next_at) == (
        "received",
        1,
        now + timedelta(seconds=2),
    )
    assert fresh(payment.booking).status == "PENDING_PAYMENT"


def test_payment_whose_events_failed_while_stripe_was_away_is_found_by_the_janitor(stripe_simulator):
    payment = pay(stripe_simulator, with_page())
    event = stored(1, *events_of(payment)[0])
    stripe_simulator.control("faults", match={"method": "GET"}, kind="error_500", times=100)
    moment = timezone.now()
    for _ in range(webhooks.MAX_ATTEMPTS):
        webhooks.process_due(moment)
        moment += timedelta(hours=1)
    event.refresh_from_db()
    stripe_simulator._send("DELETE", "faults", None)
    reconcile.settle_strays()
    assert (event.processing_result, fresh(payment.booking).status) == ("failed", "PENDING_APPROVAL")
    assert not reconcile.strays().exists()


def test_event_that_breaks_ends_on_the_worklist_with_its_traceback():
    event = stored(1, "payment_intent.succeeded", {"id": "pi", "object": "payment_intent", "metadata": "text"})
    moment = timezone.now()
    for _ in range(webhooks.MAX_ATTEMPTS):
        webhooks.process_due(moment)
        moment += timedelta(hours=1)
    event.refresh_from_db()
    assert (event.processing_result, event.attempts) == ("failed", 8)
    assert "Traceback" in event.error_message
    assert webhooks.process_due(moment) == 0


def test_replay_processes_again(stripe_simulator):
    booking = paid(stripe_simulator)
    event = stored(1, *events_of(booking.payments.get())[0])
    webhooks.process_due(timezone.now())
    webhooks.replay(event)
    assert webhooks.process_due(timezone.now()) == 1
    event.refresh_from_db()
    assert (event.processing_result, event.attempts) == ("processed", 1)
    assert list(event.history.order_by("history_id").values_list("transition", flat=True)) == [
        "",
        "process_event",
        "replay_event",
        "process_event",
    ]
    assert transitions(booking) == ["submit", "authorize"]


def test_webhook_history_names_stripe(stripe_simulator):
    payment = pay(stripe_simulator, with_page())
    stored(1, *events_of(payment)[0])
    webhooks.process_due(timezone.now())
    assert payment.booking.history.get(transition="authorize").actor_kind == "stripe"


def test_two_workers_take_an_event_once(stripe_simulator):
    payment = pay(stripe_simulator, with_page())
    event = stored(1, *events_of(payment)[0])
    now = timezone.now()
    seen_by_both = StripeWebhookEvent.objects.get(pk=event.pk)
    assert webhooks.process(event, webhooks.Turn([], now))
    assert not webhooks.process(seen_by_both, webhooks.Turn([], now))
