"""Disputes: what Stripe says is what we know, in whatever order and number it says it."""

from dataclasses import replace

import pytest
from django.utils import timezone

from bookings.refusals import Refused
from payments import decisions, ledger, operations, reconcile, webhooks
from payments.models import Dispute, Payment, PaymentOperation, StripeWebhookEvent
from payments.settle import settle
from payments.snapshot import Snapshot
from tests.disputes import close, dispute, disputed, flags, refresh, rows, seen_now, steps
from tests.factories import UserFactory
from tests.payments.test_webhook_worker import stored
from tests.stays import at_stripe, by_staff, confirmed, in_instant_hotel, mails, pay, with_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def test_dispute_is_recorded_with_its_history_and_the_hotel_is_told(stripe_simulator):
    booking, name = disputed(stripe_simulator)
    row = Dispute.objects.get()
    assert (row.stripe_dispute_id, row.payment.booking, row.status, row.reason, row.amount, row.currency) == (
        name,
        booking,
        "needs_response",
        "fraudulent",
        34000,
        "EUR",
    )
    assert (row.is_open, row.is_withdrawn, row.closed_at) == (True, True, None)
    assert row.evidence_due_by > row.opened_at
    assert (steps(row), steps(row.payment)[-1], flags(booking)) == (
        ["dispute_opened"],
        "dispute_opened",
        (True, True, False),
    )
    assert row.history.get().actor_kind == "stripe"
    mail = booking.messages.get(kind="dispute_opened")
    assert (mail.to, mail.token, row.evidence_due_by.year) == (booking.hotel.contact_email, None, row.opened_at.year)
    assert "€340.00" in mail.text
    assert f"/admin/payments/dispute/{row.pk}/change/" in mail.text
    assert not any(secret in mail.text + mail.html for secret in ("innkeep:personal-link", "/booking/manage/"))


def test_dispute_is_the_banks_doing_whoever_happened_to_look(stripe_simulator):
    booking = confirmed(stripe_simulator)
    dispute(stripe_simulator, booking)
    with by_staff(UserFactory()):
        operations.refresh(booking.payments.get())
    told = Dispute.objects.get().history.get()
    assert (told.actor_kind, told.history_user, told.ip, told.request_id) == (
        "stripe",
        None,
        None,
        "request-of-staff",
    )


def test_hotel_without_address_gets_no_mail(stripe_simulator):
    booking = confirmed(stripe_simulator)
    booking.hotel.contact_email = ""
    booking.hotel.save()
    disputed(stripe_simulator, booking)
    assert (rows(), mails(booking)[-1]) == ([("needs_response", 34000, "EUR", True)], "approved")


def test_same_dispute_again_writes_nothing(stripe_simulator):
    booking, _ = disputed(stripe_simulator)
    before = (Dispute.history.count(), Payment.history.count(), mails(booking))
    refresh(booking)
    assert (Dispute.history.count(), Payment.history.count(), mails(booking)) == before


EVENTS = (
    "charge.dispute.created",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_reinstated",
)


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (3, 0, 3, 0, 1), (2, 2, 4, 1, 3)], ids=str)
def test_webhooks_in_any_order_and_number_lead_to_the_same_rows(stripe_simulator, order):
    booking = confirmed(stripe_simulator)
    name = dispute(stripe_simulator, booking)
    stripe_simulator.control(f"dashboard/disputes/{name}/review")
    close(stripe_simulator, name, "won")
    intent = booking.payments.get().stripe_payment_intent_id
    for number, kind in enumerate(order):
        stored(number, EVENTS[kind], {"id": name, "object": "dispute", "payment_intent": intent, "status": "x"})
        webhooks.process_due(timezone.now())
    assert set(StripeWebhookEvent.objects.values_list("processing_result", flat=True)) == {"processed"}
    assert (rows(), flags(booking)) == ([("won", 34000, "EUR", False)], (False, True, True))
    assert (steps(Dispute.objects.get()), "dispute_opened" in mails(booking)) == (["dispute_opened"], False)


def test_dispute_that_is_watched_names_each_step(stripe_simulator):
    booking, name = disputed(stripe_simulator)
    stripe_simulator.control(f"dashboard/disputes/{name}/review")
    refresh(booking)
    close(stripe_simulator, name, "won")
    refresh(booking)
    row = Dispute.objects.get()
    assert (steps(row), row.status) == (["dispute_opened", "dispute_updated", "dispute_closed"], "won")
    assert (flags(booking), steps(row.payment)[-2:]) == ((False, True, True), ["dispute_opened", "dispute_closed"])


def test_older_answer_never_leads_a_dispute_back(stripe_simulator):
    booking, name = disputed(stripe_simulator)
    older = seen_now(booking)
    close(stripe_simulator, name, "lost")
    refresh(booking)
    settle(booking.payments.get(), older)
    assert (rows(), flags(booking)) == ([("lost", 34000, "EUR", True)], (False, True, True))


def test_answer_without_disputes_clears_nothing(stripe_simulator):
    booking, _ = disputed(stripe_simulator)
    seen = seen_now(booking)
    for partial in (replace(seen, disputes=()), replace(seen, disputes=(), is_disputed=False), Snapshot()):
        settle(booking.payments.get(), partial)
    assert (rows(), flags(booking)) == ([("needs_response", 34000, "EUR", True)], (True, True, False))


def test_newer_appeal_opens_a_lost_dispute_again(stripe_simulator):
    # The simulated bank knows no appeals, so one is made of its real answer.
    booking, name = disputed(stripe_simulator)
    close(stripe_simulator, name, "lost")
    refresh(booking)
    seen = seen_now(booking)
    appeal = replace(seen.disputes[0], status="appeal_under_review")
    settle(booking.payments.get(), replace(seen, disputes=(appeal,)))
    assert (Dispute.objects.get().status, flags(booking)) == ("appeal_under_review", (True, True, False))
    assert ledger.is_locked(booking.payments.get())


def test_inquiry_that_becomes_a_dispute_locks_and_tells_the_hotel_again(stripe_simulator):
    booking, name = disputed(stripe_simulator, kind="inquiry")
    stripe_simulator.control(f"dashboard/disputes/{name}/escalate")
    refresh(booking)
    assert (rows(), mails(booking).count("dispute_opened")) == ([("needs_response", 34000, "EUR", True)], 2)
    assert steps(Dispute.objects.get()) == ["dispute_opened", "dispute_updated"]
    with by_staff(), pytest.raises(Refused, match="disputes this payment"):
        decisions.refund(booking, amount=1, note="x")


def test_closed_inquiry_is_not_lost(stripe_simulator):
    booking, name = disputed(stripe_simulator, kind="inquiry")
    close(stripe_simulator, name, "warning_closed")
    refresh(booking)
    assert (rows(), ledger.balance(booking).lost) == ([("warning_closed", 34000, "EUR", False)], 0)


def test_refund_whose_disputes_cannot_be_read_waits_and_is_not_called_refused(stripe_simulator):
    booking, _ = disputed(stripe_simulator, kind="inquiry")
    # As with a key that may not read disputes: nothing is sent before Stripe has been looked at.
    stripe_simulator.control("faults", kind="refused", match={"path_regex": "/v1/disputes"}, times=2)
    with by_staff():
        outcome = decisions.refund(booking, amount=5000, note="Sorry")
    assert (outcome.state, at_stripe(stripe_simulator, booking).refunds) == ("in_progress", 0)
    stripe_simulator._send("DELETE", "faults", None)
    reconcile.resolve_open(timezone.now() + reconcile.GRACE)
    operation = PaymentOperation.objects.get(kind="refund")
    assert (operation.status, at_stripe(stripe_simulator, booking).refunded) == ("succeeded", 5000)


def test_test_card_is_disputed_later(stripe_simulator):
    payment = pay(stripe_simulator, with_page(in_instant_hotel()), card="4000000000000259")
    refresh(payment.booking)
    assert rows() == []
    stripe_simulator.control("clock", advance=61)
    refresh(payment.booking)
    assert rows() == [("needs_response", 36000, "JPY", True)]
