"""Money that moved elsewhere, or a page that was refused, before the answer to what was asked here came."""

import pytest
from django.utils import timezone

from bookings.refusals import Refused
from payments import checkout, comparison, decisions, full_reconcile, ledger, operations, reconcile
from payments.gateway import Declined
from payments.models import PaymentOperation, Refund
from tests.payments.books import by_a_person
from tests.payments.moving import REFUNDS, VOIDS, move
from tests.payments.test_difference import longer
from tests.payments.test_owed import owed_of
from tests.payments.test_several_payments import in_two_parts
from tests.stays import (
    AtStripe,
    at_stripe,
    by_guest,
    by_staff,
    confirmed,
    fresh,
    guest_cancels,
    in_instant_hotel,
    mails,
    paid,
    pay,
    with_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def answer_lost(simulator, match):
    """Let a call and all of its repetitions break off before Stripe hears of them."""
    simulator.control("faults", match=match, kind="drop_before", times=3)


def resolved():
    reconcile.resolve_open(timezone.now() + reconcile.GRACE)


def test_hold_that_was_captured_elsewhere_before_its_release_goes_back(stripe_simulator):
    booking = paid(stripe_simulator)
    answer_lost(stripe_simulator, VOIDS)
    with by_staff():
        assert decisions.decline(booking, reason="Full").state == "in_progress"
    by_a_person(stripe_simulator, booking, "capture")
    resolved()
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=34000, captures=1, refunds=1)
    assert fresh(booking).status == "DECLINED"


@pytest.mark.parametrize(("elsewhere", "refunds"), [(34000, 1), (25000, 2)])
def test_move_whose_refund_was_made_elsewhere_returns_what_is_left(stripe_simulator, elsewhere, refunds):
    booking = confirmed(stripe_simulator)
    answer_lost(stripe_simulator, REFUNDS)
    assert move(booking, nights=1).state == "in_progress"
    by_a_person(stripe_simulator, booking, "refund", amount=elsewhere)
    resolved()
    assert at_stripe(stripe_simulator, booking) == AtStripe(
        captured=34000, refunded=34000, captures=1, refunds=refunds
    )
    assert fresh(booking).total_amount == 17000


def test_refund_that_failed_before_anybody_heard_of_it_is_not_said_to_be_sent(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("refund_outcome", mode="pending_then_failed", times=1)
    stripe_simulator.control("faults", match=REFUNDS, kind="drop_after", times=3)
    with by_staff():
        assert decisions.refund(booking, amount=5000, note="").state == "in_progress"
    stripe_simulator.control("clock", advance=10)
    resolved()
    assert ("refund_sent" in mails(booking), "refund_failed" in mails(booking)) == (False, True)
    assert owed_of(booking).amount == 5000


def test_part_that_went_back_elsewhere_before_its_turn_is_passed_over(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    older, _newer = booking.payments.order_by("pk")
    left = ledger.balance(booking).left
    answer_lost(stripe_simulator, REFUNDS)
    with by_staff():
        assert decisions.refund(booking, amount=left, note="").state == "in_progress"
    intent = older.stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=older.amount_captured)
    operations.refresh(older)
    resolved()
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=left, refunded=left, captures=2, refunds=2)
    assert not PaymentOperation.objects.filter(status="pending").exists()


def test_page_for_a_difference_that_stripe_refuses_is_in_no_other_currency(stripe_simulator):
    booking = longer(stripe_simulator)
    sessions = {"method": "POST", "path_regex": "checkout/sessions$"}
    stripe_simulator.control("faults", match=sessions, kind="refused", times=3)
    with by_guest(), pytest.raises((Declined, Refused)):
        checkout.open_payment_page(booking)
    operation = PaymentOperation.objects.latest("pk")
    assert (operation.kind, operation.status, operation.currency) == ("create_session", "failed", "EUR")


def test_refund_that_came_back_and_was_made_again_elsewhere_is_not_owed(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("refund_outcome", mode="pending", times=1)
    guest_cancels(booking)
    stripe_simulator.control(f"refunds/{Refund.objects.get().stripe_refund_id}/resolve", status="failed")
    by_a_person(stripe_simulator, booking, "refund", amount=34000)
    operations.refresh(booking.payments.get())
    found = Refund.objects.order_by("pk").values_list("provider", "status")
    assert list(found) == [("stripe", "failed"), ("stripe", "succeeded")]


def test_comparison_sends_back_what_nobody_waits_for(stripe_simulator):
    payment = pay(stripe_simulator, with_page(in_instant_hotel()))
    booking = fresh(payment.booking)
    booking.expire()
    booking.save()
    assert comparison.compare_payment(payment)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=36000, refunded=36000, captures=1, refunds=1)


def test_refund_of_an_operation_that_was_given_up_is_known_as_its_own(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("faults", match=REFUNDS, kind="drop_after", times=3)
    with by_staff():
        assert decisions.refund(booking, amount=5000, note="").state == "in_progress"
    operation = PaymentOperation.objects.get(kind="refund")
    operation.status = "failed"
    operation.save()
    operations.refresh(booking.payments.get())
    assert (Refund.objects.get().operation, Refund.objects.get().is_external) == (operation, False)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=5000, captures=1, refunds=1)


def test_comparison_asks_a_last_time_when_all_pauses_are_over(stripe_simulator, monkeypatch):
    confirmed(stripe_simulator)
    monkeypatch.setattr(full_reconcile, "PAUSES", ())
    report = full_reconcile.full_reconcile(timezone.now(), days=1)
    assert (report.compared, report.failed) == (1, {})


def test_move_in_two_parts_owes_nothing_of_the_one_that_went_back_elsewhere(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    older = booking.payments.earliest("pk")
    intent = older.stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=older.amount_captured)
    assert move(booking, nights=1).state == "done"
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=51000, refunded=51000, captures=2, refunds=2)
    assert (fresh(booking).total_amount, Refund.objects.filter(provider="manual").count()) == (17000, 0)
