"""After an outage: what Stripe could not deliver is fetched, and old events are forgotten."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from payments import catch_up, webhooks
from payments.models import StripeWebhookEvent
from tests.stays import fresh, mails, pay, with_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def test_missed_events_are_fetched_once_and_processed(stripe_simulator, capsys):
    payment = pay(stripe_simulator, with_page())
    call_command("fetch_missed_events")
    stored = StripeWebhookEvent.objects.count()
    assert f"{stored} missed events stored" in capsys.readouterr().out
    assert StripeWebhookEvent.objects.filter(event_type="checkout.session.completed").count() == 1
    webhooks.process_due(timezone.now())
    assert fresh(payment.booking).status == "PENDING_APPROVAL"
    call_command("fetch_missed_events")
    assert "0 missed events stored" in capsys.readouterr().out
    assert set(StripeWebhookEvent.objects.values_list("deliveries", flat=True)) == {1}
    assert mails(payment.booking) == ["pay_link", "authorized"]


def test_missed_events_are_looked_up_a_batch_at_a_time(stripe_simulator, monkeypatch):
    pay(stripe_simulator, with_page())
    call_command("fetch_missed_events")
    stored = StripeWebhookEvent.objects.count()
    StripeWebhookEvent.objects.order_by("pk")[1].delete()
    monkeypatch.setattr(catch_up, "BATCH", 2)
    call_command("fetch_missed_events", hours=2)
    assert StripeWebhookEvent.objects.count() == stored


def test_stripe_out_of_reach_is_said(stripe_simulator):
    stripe_simulator.control("faults", match={"path_regex": "events"}, kind="drop_before", times=10)
    with pytest.raises(CommandError, match="Stripe could not be asked"):
        call_command("fetch_missed_events", hours=1)


def aged(number, result, days):
    return StripeWebhookEvent.objects.create(
        event_id=f"evt_{number}",
        event_type="charge.updated",
        created=timezone.now(),
        payload={},
        payload_hash="",
        next_at=timezone.now(),
        processing_result=result,
        received_at=timezone.now() - timedelta(days=days),
    )


def test_prune_forgets_what_is_done_after_ninety_days(capsys):
    aged(1, "processed", 91)
    aged(2, "ignored", 91)
    kept = [aged(3, "processed", 89), aged(4, "failed", 400), aged(5, "received", 400)]
    call_command("prune")
    assert set(StripeWebhookEvent.objects.all()) == set(kept)
    assert capsys.readouterr().out.splitlines() == [
        "2 webhook events older than 90 days deleted",
        "2 as old were kept: they failed or were never processed",
        "0 requests for links older than 30 days and 0 counts of tries deleted",
    ]


def test_prune_deletes_a_few_at_a_time_until_nothing_is_left(monkeypatch):
    monkeypatch.setattr(catch_up, "BATCH", 2)
    for number in range(5):
        aged(number, "processed", 91)
    assert (catch_up.prune(timezone.now()), StripeWebhookEvent.objects.count()) == (5, 0)


def test_prune_refuses_under_thirty_days():
    event = aged(1, "processed", 400)
    with pytest.raises(CommandError, match="at least 30 days"):
        call_command("prune", days=29)
    assert StripeWebhookEvent.objects.get() == event
