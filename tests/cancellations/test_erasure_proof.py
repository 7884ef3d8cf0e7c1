"""A marked guest lives through everything and is erased: no mark is left in any table, and no cent has moved."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from bookings.models import Booking, Message
from cancellations import erasure
from payments import full_reconcile, reconcile, webhooks
from payments.models import Payment, PaymentOperation, Refund, StripeWebhookEvent
from tests.admin.conftest import signed_in
from tests.admin.pages import do, page, said
from tests.cancellations import canary
from tests.factories import UserFactory
from tests.stays import at_stripe, by_staff, fresh

pytestmark = pytest.mark.django_db

MONEY = {
    Booking: ("total_amount", "currency", "status", "check_in", "check_out", "cancellation_fee", "refund_amount"),
    Payment: ("amount", "amount_authorized", "amount_captured", "amount_refunded", "status", "captured_at"),
    Refund: ("amount", "currency", "status", "stripe_refund_id", "succeeded_at"),
    PaymentOperation: ("kind", "amount", "status", "idempotency_key", "settled_at"),
}


@pytest.fixture
def ended(stripe_simulator, smtp_server):
    """The marked booking after its whole life."""
    booking = canary.draft()
    canary.live(stripe_simulator, booking)
    return fresh(booking)


def money():
    """Every amount, status, date and reference, in rows and in their history."""
    return {
        (model.__name__, kind): list(rows.order_by("pk").values_list(*names))
        for model, names in MONEY.items()
        for kind, rows in (
            ("rows", model.objects),
            ("history", model.history.exclude(transition__in=("anonymise", "revoke"))),
        )
    }


def test_every_mark_is_there_before(ended):
    tables = canary.found()
    assert {
        *("bookings_booking", "bookings_historicalbooking", "bookings_message"),
        *("payments_paymentoperation", "payments_historicalpaymentoperation"),
        *("payments_refund", "payments_historicalrefund"),
        *("payments_refundrequest", "payments_historicalrefundrequest"),
        *("payments_drift", "payments_historicaldrift"),
        "payments_stripewebhookevent",
        *("cancellations_managementtoken", "cancellations_historicalmanagementtoken", "cancellations_linkrequest"),
    } <= set(tables)
    assert set().union(*tables.values()) == {*canary.MARKS, canary.DIGITS}


def test_no_mark_is_left_in_any_table(ended, stripe_simulator):
    before, there = money(), at_stripe(stripe_simulator, ended)
    owner = signed_in(UserFactory(role="owner"))
    answer = do(owner, ended, "anonymise", typed=ended.booking_id, note=f"Asked for by {canary.NAME}")
    assert said(answer) == [("success", "The guest's data is erased.")]
    assert canary.found() == {}
    assert (money(), at_stripe(stripe_simulator, ended)) == (before, there)
    paid = ended.payments.get()
    assert (paid.amount_captured, paid.amount_refunded) == (there.captured, there.refunded)
    row = ended.history.first()
    assert (row.transition, row.history_change_reason) == ("anonymise", "Asked for by [erased]")
    assert row.history_user is not None
    assert "The guest&#x27;s data was erased on" in owner.get(page(ended)).content.decode()


def test_late_news_brings_nothing_back(ended, stripe_simulator):
    with by_staff():
        erasure.erase(ended, reason="x")
    there = at_stripe(stripe_simulator, ended)
    mails = Message.objects.count()
    now = timezone.now() + timedelta(minutes=10)
    canary.late_news(now)
    assert canary.found() == {}
    for event in StripeWebhookEvent.objects.all():
        webhooks.replay(event)
    canary.turn()
    reconcile.reconcile(now)
    full_reconcile.full_reconcile(now)
    assert StripeWebhookEvent.objects.filter(booking=ended, processing_result="processed").count() > 5
    assert canary.found() == {}
    assert (at_stripe(stripe_simulator, ended), Message.objects.count()) == (there, mails)


def test_refund_that_fails_after_the_erasure_mails_nobody_and_is_owed(ended, stripe_simulator):
    with by_staff():
        erasure.erase(ended, reason="x")
    mails = Message.objects.count()
    refund = Refund.objects.filter(provider="stripe").first()
    stripe_simulator.control(f"refunds/{refund.stripe_refund_id}/resolve", status="failed")
    canary.late_news(timezone.now())
    refund.refresh_from_db()
    assert (refund.status, Refund.objects.filter(provider="manual", status="pending").count()) == ("failed", 1)
    assert (Message.objects.count(), canary.found()) == (mails, {})


def test_each_table_is_needed(ended, monkeypatch):
    """Left out, the marks in each table are found."""
    marked = {table for table in canary.found() if table != "cancellations_linkrequest"}
    needed = set()
    every = erasure.HOLDERS
    for left_out in every:
        monkeypatch.setattr(erasure, "HOLDERS", tuple(each for each in every if each is not left_out))
        monkeypatch.setattr(erasure, "forget_unclaimed_events", lambda booking, guest: None)
        with transaction.atomic():
            erasure.erase(ended, reason="x")
            own = {table for table in canary.found() if table.endswith(left_out.model._meta.model_name)}
            needed |= own
            transaction.set_rollback(True)
    assert needed == marked
