"""The drill of docs/operations.md: a backup of yesterday is restored, and the books are Stripe's again.

What was done with the money since is at Stripe alone. Nothing of it is done twice, nothing of it is lost, and what
only people can know is on a list. `pytest -s tests/recovery` prints the drill's log.
"""

from collections import Counter
from contextlib import suppress
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from bookings.lifecycle import Outcome
from bookings.models import AccessToken
from cancellations import cancel as cancelling
from payments import decisions, drifts, full_reconcile, reconcile, webhooks
from payments.gateway import Declined
from payments.models import Drift, Payment, PaymentOperation, Refund, StripeWebhookEvent
from tests.factories import UserFactory
from tests.faults.invariants import amounts_differ
from tests.payments.books import full
from tests.recovery import backups
from tests.recovery.day import SCENES, approve, begins_to_pay, cancel, refund
from tests.stays import AtStripe, at_stripe, by_staff, clock_at, confirmed, fresh, submitted
from trail import heads, verifying

pytestmark = pytest.mark.django_db(transaction=True)

HOUR = 3600
# Before and after Stripe forgets the keys of the lost day.
HOURS = pytest.mark.parametrize("hours", [2, 26])


@pytest.fixture(autouse=True)
def stripe(stripe_simulator, monkeypatch):
    """A Stripe whose webhooks do not arrive; and nobody waits for its pace."""
    stripe_simulator.control("deliveries", mode="drop")
    monkeypatch.setattr(full_reconcile.time, "sleep", lambda _seconds: None)
    return stripe_simulator


def say(line):
    print(f"drill: {line}")  # noqa: T201  (the drill's log, seen with -s)


def later(stripe, hours):
    """Let hours pass: at Stripe, and for us from here on."""
    stripe.control("clock", advance=hours * HOUR)
    return clock_at(timezone.now() + timedelta(hours=hours))


def hear(now=None):
    """What webhooks would have brought, and what the worker does with it."""
    call_command("fetch_missed_events")
    while webhooks.process_due(now or timezone.now()):
        pass


def recover(days=2):
    """What the runbook says, in its order; return how the comparison ended."""
    call_command("after_restore")
    hear()
    return full(days=days)


def wrong(stripe):
    """Where our amounts are not Stripe's, payment by payment; what is on the list as unknown to us is left out."""
    strangers = set(Drift.objects.filter(kind="unknown_here").values_list("stripe_id", flat=True))
    every = [{**row, "disputes": []} for row in stripe.look("summary")]  # nobody disputes anything here
    rows = [row for row in every if row["payment_intent"] not in strangers]
    known = {each.stripe_payment_intent_id: each for each in Payment.objects.select_related("booking")}
    return [problem for row in rows for problem in amounts_differ(known.get(row["payment_intent"]), row)]


def deeds(stripe):
    """Everything that ever moved money at Stripe."""
    moved = Counter()
    for row in stripe.look("summary"):
        moved.update({name: row[name] for name in ("captured", "refunded", "captures", "voids")})
        moved["refunds"] += len(row["refunds"])
    return moved


def is_intact():
    """Whether the restored history verifies, its triggers stand, and nothing is open."""
    assert verifying.verify().findings == []
    assert not PaymentOperation.objects.filter(status="pending").exists()
    return True


@HOURS
def test_restored_backup_ends_with_books_equal_to_stripes(stripe, tmp_path, hours):
    bookings = {name: scene.evening(stripe) for name, scene in SCENES.items()}
    hear()
    events = StripeWebhookEvent.objects.count()
    backup = backups.dump(tmp_path)
    say(f"{connection.vendor}: backup of {len(bookings)} bookings, {backup.stat().st_size // 1024} KB")
    for name, scene in SCENES.items():
        scene.day(stripe, bookings[name])
    hear()
    reconcile.reconcile(timezone.now() + reconcile.GRACE)
    done, seen = deeds(stripe), StripeWebhookEvent.objects.count()
    assert wrong(stripe) == []
    say(f"the day: {dict(done)}, {seen - events} webhooks")
    with later(stripe, hours):
        backups.restore(backup)
        say(f"{hours} h later: backup restored, {len(wrong(stripe))} amounts differ from Stripe's")
        assert len(wrong(stripe)) >= 8
        assert StripeWebhookEvent.objects.count() == events
        assert recover() == 0
        say("after_restore, fetch_missed_events, reconcile --full: equal")
        assert StripeWebhookEvent.objects.count() >= seen
        # A worker that goes on changes nothing any more.
        hear()
        reconcile.reconcile(timezone.now() + timedelta(minutes=5))
        assert full(days=2) == 0
    assert wrong(stripe) == []
    assert deeds(stripe) == done
    assert is_intact()
    for name, scene in SCENES.items():
        held = at_stripe(stripe, bookings[name])
        assert ((held.captured, held.refunded), (held.captures, held.voids, held.refunds)) == (
            scene.money,
            scene.deeds,
        ), name
        assert fresh(bookings[name]).status == scene.status, name
        say(f"{name}: {fresh(bookings[name]).status}, {held.captured} captured, {held.refunded} refunded")
    # What a person has to answer: these refunds are of the lost day, and why they were made is not known any more.
    asked = Refund.objects.filter(is_external=True, reviewed_at=None)
    assert {each.payment.booking_id for each in asked} == {
        bookings[name].pk
        for name in ("cancelled", "cancelled for a fee", "refunded", "refunded again", "refunded at Stripe")
    }


def test_bookings_of_the_lost_day_are_on_the_list_to_the_minor_unit(stripe, tmp_path):
    known = submitted()
    backup = backups.dump(tmp_path)
    begins_to_pay(stripe, known)
    unknown = confirmed(stripe)
    refund(stripe, unknown)
    hear()
    done = deeds(stripe)
    backups.restore(backup)
    assert recover() == 1
    listed = {each.theirs["reference"]: each for each in Drift.objects.filter(resolved_at=None)}
    assert set(listed) == {known.booking_id, unknown.booking_id}
    lost, paid_for = listed[unknown.booking_id].theirs, listed[known.booking_id].theirs
    assert (lost["captured"], lost["refunded"], lost["currency"]) == (34000, 5000, "EUR")
    assert (paid_for["held"], paid_for["captured"], paid_for["currency"]) == (34000, 0, "EUR")
    ours = sum(Payment.objects.values_list("amount_captured", flat=True))
    assert ours + lost["captured"] + paid_for["captured"] == done["captured"]
    assert deeds(stripe) == done
    # People release and return it at Stripe, and say so.
    stripe.control(f"dashboard/payment_intents/{listed[known.booking_id].stripe_id}/cancel")
    stripe.control(f"dashboard/payment_intents/{listed[unknown.booking_id].stripe_id}/refund", amount=29000)
    assert full(days=2) == 1
    for drift in Drift.objects.filter(resolved_at=None):
        drifts.explain(drift, reason="Returned at Stripe: the booking was lost with the database.")
    assert full(days=2) == 0
    assert deeds(stripe)["captured"] == deeds(stripe)["refunded"] == 34000
    assert is_intact()


@pytest.mark.parametrize("is_gap_left", [True, False])
@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (refund, AtStripe(captured=34000, refunded=5000, captures=1, refunds=1)),
        (cancel, AtStripe(captured=34000, refunded=34000, captures=1, refunds=1)),
    ],
)
def test_step_that_somebody_repeats_before_stripe_was_asked_moves_no_money_twice(
    stripe, tmp_path, step, expected, is_gap_left
):
    """Against the runbook: the desk is open at once, and does again what it did on the lost day."""
    booking = confirmed(stripe)
    backup = backups.dump(tmp_path)
    step(stripe, booking)
    assert at_stripe(stripe, booking) == expected
    backups.restore(backup)
    if is_gap_left:
        call_command("after_restore")
    with suppress(Declined):
        step(stripe, booking)
    for _ in range(2):
        reconcile.reconcile(timezone.now() + reconcile.GRACE)
    assert at_stripe(stripe, booking) == expected
    hear()
    assert full(days=2) == 0
    assert at_stripe(stripe, booking) == expected
    assert wrong(stripe) == []
    assert is_intact()


def test_approval_that_is_repeated_captures_once(stripe, tmp_path):
    booking = SCENES["approved"].evening(stripe)
    backup = backups.dump(tmp_path)
    approve(stripe, booking)
    backups.restore(backup)
    approve(stripe, booking)
    assert at_stripe(stripe, booking) == AtStripe(captured=34000, captures=1)
    assert (fresh(booking).status, wrong(stripe)) == ("CONFIRMED", [])


@HOURS
@pytest.mark.parametrize("is_gap_left", [True, False])
def test_another_refund_is_not_sent_beside_the_lost_one(stripe, tmp_path, hours, is_gap_left):
    """Nobody has followed the runbook yet, and Stripe may have forgotten the lost refund's key."""
    booking = confirmed(stripe)
    backup = backups.dump(tmp_path)
    refund(stripe, booking)
    with later(stripe, hours):
        backups.restore(backup)
        if is_gap_left:
            call_command("after_restore")
        with by_staff(), pytest.raises(Declined) as said:
            decisions.refund(fresh(booking), amount=7000, note="No breakfast")
        assert said.value.message.startswith(
            "Stripe has sent back €50.00 of this payment that our records do not have"
        )
        operation = PaymentOperation.objects.latest("pk")
        assert (operation.status, operation.amount, operation.error_code) == ("failed", 7000, "refunds_unknown")
        assert at_stripe(stripe, booking) == AtStripe(captured=34000, refunded=5000, captures=1, refunds=1)
        found = Refund.objects.get()
        assert (found.amount, found.is_external, found.reviewed_at) == (5000, True, None)
        # Decided again, with what went back in sight, it goes: here and now, whatever Stripe knows of the old key.
        with by_staff():
            decisions.refund(fresh(booking), amount=7000, note="No breakfast")
        reconcile.reconcile(timezone.now() + reconcile.GRACE)
        assert at_stripe(stripe, booking).refunded == 12000
        assert full(days=2) == 0
    assert is_intact()


def test_key_of_a_lost_refund_that_came_back_is_not_exchanged_for_a_new_one(stripe, tmp_path):
    """Nothing has gone back in the end, so there is nothing to see beforehand; only the key is known at Stripe."""
    booking = confirmed(stripe)
    backup = backups.dump(tmp_path)
    stripe.control("refund_outcome", mode="pending", times=1)
    refund(stripe, booking)
    stripe.control(f"refunds/{Refund.objects.get().stripe_refund_id}/resolve", status="failed")
    backups.restore(backup)
    call_command("after_restore")
    with by_staff():
        assert decisions.refund(fresh(booking), amount=7000, note="No breakfast").state == Outcome.IN_PROGRESS
    reconcile.reconcile(timezone.now() + reconcile.GRACE)
    operation = PaymentOperation.objects.latest("pk")
    assert (operation.status, operation.amount) == ("failed", 7000)
    assert operation.error_message.startswith("Stripe knows this refund as another one")
    assert at_stripe(stripe, booking).refunded == 0


@HOURS
def test_guest_who_cancels_again_before_the_runbook_gets_the_rest_alone(stripe, tmp_path, hours):
    """Staff gave 50.00 back on the lost day. The quote knows nothing of it, and the decision stands."""
    booking = SCENES["cancelled for a fee"].evening(stripe)
    backup = backups.dump(tmp_path)
    refund(stripe, booking)
    with later(stripe, hours):
        backups.restore(backup)
        cancel(stripe, booking)
    assert at_stripe(stripe, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=2)
    assert (fresh(booking).status, fresh(booking).cancellation_fee) == ("CANCELLED", 17000)
    assert wrong(stripe) == []
    assert is_intact()


def test_lost_refund_that_staff_made_does_not_go_out_again_by_the_guest_s_own_key(stripe, tmp_path):
    """A person's key and a guest's differ, so that Stripe would send the same money twice, even on the same day."""
    booking = SCENES["cancelled for a fee"].evening(stripe)
    backup = backups.dump(tmp_path)
    cancel(stripe, booking)
    backups.restore(backup)
    with by_staff():
        cancelling.cancel_booking(fresh(booking), reason="The guest asked for it")
    assert at_stripe(stripe, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)
    assert (fresh(booking).status, wrong(stripe)) == ("CANCELLED", [])


def test_history_goes_on_after_a_restore_and_the_signed_ends_say_what_was_lost(stripe, tmp_path, settings):
    booking = confirmed(stripe)
    settings.AUDIT_HEADS_FILE = str(tmp_path / "heads.jsonl")
    heads.publish(timezone.now())
    backup = backups.dump(tmp_path)
    refund(stripe, booking)
    heads.publish(timezone.now())
    signed = (tmp_path / "heads.jsonl").read_text().splitlines()
    backups.restore(backup)
    assert verifying.verify(heads=heads.read(signed[:1])).findings == []
    (found,) = verifying.verify(heads=heads.read(signed)).findings
    assert "its end was cut off" in found.what
    recover()
    # The history grew again, and is another one than the one that was signed: only a new file of ends fits it.
    assert verifying.verify(heads=heads.read(signed[:1])).findings == []
    assert len(verifying.verify(heads=heads.read(signed)).findings) == 1
    heads.publish(timezone.now())
    newer = (tmp_path / "heads.jsonl").read_text().splitlines()[-1:]
    assert verifying.verify(heads=heads.read([*signed[:1], *newer])).findings == []
    with pytest.raises(DatabaseError, match="kept as it was written"), transaction.atomic():
        booking.history.update(transition="nothing")


def test_keys_sessions_and_tokens_after_a_restore(stripe, tmp_path, capsys):
    person = UserFactory(role="owner")
    Session.objects.create(session_key="a" * 32, session_data="", expire_date=timezone.now() + timedelta(days=1))
    booking = confirmed(stripe)
    revoked = AccessToken.objects.create(user=person, name="Website", prefix="iks_1", token_hash="1" * 64)
    backup = backups.dump(tmp_path)
    lost = [confirmed(stripe).pk for _ in range(3)]
    newest = Payment.objects.latest("pk").pk, PaymentOperation.objects.latest("pk").pk
    backups.restore(backup)
    call_command("after_restore")
    told = capsys.readouterr().out
    assert "1 sessions ended" in told
    assert "1 access tokens work" in told
    assert (Session.objects.count(), AccessToken.objects.get()) == (0, revoked)
    following = confirmed(stripe)
    assert following.pk > max(lost)
    assert Payment.objects.latest("pk").pk > newest[0]
    assert PaymentOperation.objects.earliest("-pk").pk > newest[1]
    assert following.history.latest("pk").pk > booking.history.latest("pk").pk + 900_000
    assert is_intact()
