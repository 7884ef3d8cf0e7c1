"""Chores: done by one worker, at their time, again after a death, and never in the way of mails and webhooks."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from payments import catch_up, chores, gateway, webhooks
from payments.chores import Plan
from payments.models import Chore, Drift, StripeWebhookEvent
from site_config.management.commands import worker
from tests.payments.books import by_a_person, captured_less
from tests.stays import confirmed, fresh, pay, with_page

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
NIGHT = datetime(2026, 3, 4, 3, tzinfo=UTC)


@pytest.fixture
def plan(monkeypatch):
    """One nightly chore that notes when it was done."""
    done = []
    plan = Plan("nightly", lambda now, last: done.append((now, last)), chores.next_night)
    monkeypatch.setattr(chores, "PLANS", (plan,))
    return done


def test_first_night_comes_before_the_first_chore(plan):
    assert [chores.do_due(moment) for moment in (NOON, NIGHT - timedelta(seconds=1), NIGHT)] == [0, 0, 1]
    assert plan == [(NIGHT, None)]


def test_chore_is_done_once_a_night(plan):
    later = [NIGHT, NIGHT + timedelta(minutes=1), NIGHT + timedelta(hours=23), NIGHT + timedelta(days=1)]
    assert [chores.do_due(moment) for moment in (NOON, *later)] == [0, 1, 0, 0, 1]
    assert plan == [(NIGHT, None), (later[-1], NIGHT)]


def test_night_that_no_worker_saw_is_made_up_for_at_once(plan):
    chores.do_due(NOON)
    assert chores.do_due(NIGHT + timedelta(hours=9)) == 1
    assert Chore.objects.get().next_at == NIGHT + timedelta(days=1)


def test_chore_that_broke_is_tried_again_after_its_claim(monkeypatch):
    asked = []

    def breaks(now, last):
        asked.append(now)
        raise LookupError("no such thing")

    monkeypatch.setattr(chores, "PLANS", (Plan("nightly", breaks, chores.next_night),))
    moments = (NOON, NIGHT, NIGHT + timedelta(hours=1), NIGHT + timedelta(hours=2))
    assert [chores.do_due(moment) for moment in moments] == [0, 0, 0, 0]
    assert (asked, Chore.objects.get().done_at) == ([NIGHT, NIGHT + timedelta(hours=2)], None)


def test_two_workers_do_a_chore_once(plan, monkeypatch):
    chores.do_due(NOON)
    chore = Chore.objects.get()
    assert chores.do_due(NIGHT) == 1
    # The other worker has read the row before this one claimed it.
    monkeypatch.setattr(Chore.objects, "get_or_create", lambda **_: (chore, False))
    assert (chores.do_due(NIGHT), len(plan)) == (0, 1)


def after_the_first_turn(**passed):
    """Let the chores be known, and time pass."""
    now = timezone.now()
    chores.do_due(now)
    return now + timedelta(**passed)


def test_lost_webhooks_are_fetched_every_quarter_of_an_hour(stripe_simulator):
    payment = with_page()
    later = after_the_first_turn(minutes=15)
    # Shortly before three in the morning the work of the night would be due as well.
    Chore.objects.exclude(name="fetch_missed_events").update(next_at=later + timedelta(days=1))
    pay(stripe_simulator, payment)
    assert chores.do_due(later - timedelta(seconds=1)) == 0
    assert (chores.do_due(later), StripeWebhookEvent.objects.filter(deliveries=1).count() > 0) == (1, True)
    assert fresh(payment.booking).status == "PENDING_PAYMENT"
    webhooks.process_due(timezone.now())
    assert fresh(payment.booking).status == "PENDING_APPROVAL"


def test_gap_before_the_newest_event_is_filled(stripe_simulator):
    now = after_the_first_turn(minutes=15)
    chores.do_due(now)
    pay(stripe_simulator, with_page())
    stripe_simulator.control("clock", advance=5 * 3600)
    pay(stripe_simulator, with_page())
    newest = next(gateway.events_since(0))
    catch_up.store_missing([newest])  # the webhooks work again
    chores.do_due(now + timedelta(hours=6))
    assert StripeWebhookEvent.objects.filter(event_type="checkout.session.completed").count() == 2


def test_books_are_compared_every_night(stripe_simulator):
    healed, differs = confirmed(stripe_simulator), confirmed(stripe_simulator)
    by_a_person(stripe_simulator, healed, "refund", amount=1000)
    captured_less(differs)
    assert chores.do_due(after_the_first_turn(days=1)) == len(chores.PLANS) == 7
    assert healed.payments.get().amount_refunded == 1000
    assert Drift.objects.get().booking == differs


def test_longer_pause_is_made_up_for(stripe_simulator, monkeypatch):
    days = []

    def compare(now, *, days: int, found=days):
        found.append(days)
        raise LookupError

    monkeypatch.setattr(chores, "full_reconcile", compare)
    for last in (None, NOON - timedelta(days=1), NOON - timedelta(days=9)):
        with pytest.raises(LookupError):
            chores.compare(NOON, last)
    assert days == [2, 2, 10]


def test_old_events_are_forgotten_every_night(stripe_simulator):
    later = after_the_first_turn(days=91)
    moments = {"created": timezone.now(), "next_at": timezone.now(), "received_at": timezone.now()}
    StripeWebhookEvent.objects.create(
        event_id="evt_1", event_type="x", payload={}, payload_hash="", processing_result="processed", **moments
    )
    stripe_simulator.control("faults", match={"path_regex": "."}, kind="drop_before", times=99)
    chores.do_due(later)
    assert StripeWebhookEvent.objects.count() == 0


def test_single_turn_of_the_worker_does_the_chores_itself(plan, monkeypatch):
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(worker.signal, "signal", lambda *_: None)
    chores.do_due(timezone.now() - timedelta(days=2))
    call_command("worker", "--once")
    assert len(plan) == 1


def test_long_work_runs_beside_the_turns(monkeypatch):
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)
    monkeypatch.setattr(worker.connections, "close_all", lambda: None)
    begun, may_end, turns = threading.Event(), threading.Event(), []

    def long(now):
        turns.append(now)
        begun.set()
        return may_end.wait(5)

    beside = worker.Beside(long, every=worker.MINUTE)
    beside.start_due(NOON)
    assert begun.wait(5)
    beside.start_due(NOON + timedelta(minutes=2))  # the first turn goes on
    assert turns == [NOON]
    may_end.set()
    beside.thread.join(5)
    beside.start_due(NOON + timedelta(seconds=59))
    assert turns == [NOON]
    beside.start_due(NOON + timedelta(seconds=60))
    beside.thread.join(5)
    assert turns == [NOON, NOON + timedelta(seconds=60)]
