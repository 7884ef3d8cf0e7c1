"""Payments of which Stripe should have told something by now are read again, a few a minute."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments import decisions, reconcile
from payments.models import Payment, Refund
from tests.factories import UserFactory
from tests.payments.books import by_a_person, counted
from tests.stays import by_staff, confirmed, fresh, in_instant_hotel, mails, paid, with_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _lost_webhooks(stripe_simulator):
    stripe_simulator.control("deliveries", mode="drop")


def refunding(simulator):
    """A confirmed booking whose refund is on its way."""
    booking = confirmed(simulator)
    simulator.control("refund_outcome", mode="pending")
    with by_staff(UserFactory()):
        decisions.refund(booking, amount=1000, note="Noise")
    return booking


def ends(simulator, status):
    simulator.control(f"refunds/{Refund.objects.get().stripe_refund_id}/resolve", status=status)


def test_refund_whose_end_was_never_told_is_read_after_an_hour(stripe_simulator):
    booking, now = refunding(stripe_simulator), timezone.now()
    ends(stripe_simulator, "succeeded")
    before = counted(stripe_simulator)
    reconcile.reconcile(now + HOUR - timedelta(minutes=1))
    assert (Refund.objects.get().status, counted(stripe_simulator)) == ("pending", before)
    reconcile.reconcile(now + HOUR)
    assert (Refund.objects.get().status, booking.payments.get().amount_refunded) == ("succeeded", 1000)


def test_refund_that_failed_unheard_is_owed_again(stripe_simulator):
    booking, now = refunding(stripe_simulator), timezone.now()
    ends(stripe_simulator, "failed")
    reconcile.reconcile(now + HOUR)
    rows = Refund.objects.order_by("pk").values_list("provider", "status", "amount")
    assert list(rows) == [("stripe", "failed", 1000), ("manual", "pending", 1000)]
    assert mails(booking)[-1] == "refund_failed"


def test_stripe_is_asked_a_few_questions_a_round_however_many_refunds_wait(stripe_simulator, monkeypatch):
    monkeypatch.setattr(reconcile, "SAMPLE", 3)
    for _ in range(5):
        refunding(stripe_simulator)
    over = with_page().session_expires_at + HOUR  # another kind
    before = counted(stripe_simulator)
    reconcile.settle_silent(over)
    assert counted(stripe_simulator) - before == 3


def test_each_refund_has_its_turn(stripe_simulator, monkeypatch):
    monkeypatch.setattr(reconcile, "SAMPLE", 1)
    for _ in range(3):
        refunding(stripe_simulator)
    for refund in Refund.objects.all():
        stripe_simulator.control(f"refunds/{refund.stripe_refund_id}/resolve", status="succeeded")
    for _ in range(3):
        reconcile.settle_silent(timezone.now() + HOUR)
    assert list(Refund.objects.values_list("status", flat=True)) == ["succeeded"] * 3


def test_page_whose_end_was_never_told_is_read_after_it(stripe_simulator):
    payment = with_page()
    over = payment.session_expires_at
    stripe_simulator.control("clock", set=int(over.timestamp()) + 1)
    assert reconcile.settle_silent(over + timedelta(minutes=1)) == 0
    assert reconcile.settle_silent(over + timedelta(minutes=2)) == 1
    payment.refresh_from_db()
    assert (payment.status, reconcile.settle_silent(over + HOUR)) == ("EXPIRED", 0)


def test_slow_payment_whose_arrival_was_never_told_is_read(stripe_simulator):
    payment = with_page(in_instant_hotel())
    stripe_simulator.control(f"pay/{payment.stripe_checkout_session_id}/delayed")
    reconcile.settled(payment)
    stripe_simulator.control(f"pay/{payment.stripe_checkout_session_id}/settle", status="succeeded")
    assert reconcile.settle_silent(payment.session_expires_at + HOUR) == 1
    assert fresh(payment.booking).status == "CONFIRMED"


def test_hold_whose_end_was_never_told_is_read(stripe_simulator):
    booking = paid(stripe_simulator)
    over = booking.payments.get().capture_before
    stripe_simulator.control("clock", set=int(over.timestamp()) + 1)
    reconcile.settle_silent(over + timedelta(minutes=2))
    assert (booking.payments.get().status, fresh(booking).status) == ("EXPIRED", "EXPIRED")


def test_dispute_whose_end_was_never_told_is_read(stripe_simulator):
    booking = confirmed(stripe_simulator)
    by_a_person(stripe_simulator, booking, "dispute")
    payment = booking.payments.get()
    reconcile.settled(payment)
    dispute = Payment.objects.get().disputes.get()
    stripe_simulator.control(f"dashboard/disputes/{dispute.stripe_dispute_id}/close", status="won")
    reconcile.settle_silent(timezone.now() + HOUR)
    dispute.refresh_from_db()
    assert (dispute.status, Payment.objects.get().is_disputed) == ("won", False)


def test_nothing_is_asked_about_what_is_at_rest(stripe_simulator):
    confirmed(stripe_simulator)
    paid(stripe_simulator)
    with_page()
    before = counted(stripe_simulator)
    assert (reconcile.settle_silent(timezone.now() + HOUR), counted(stripe_simulator)) == (0, before)
