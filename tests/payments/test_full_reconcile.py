"""Our books beside Stripe's: what lost webhooks left behind is healed, and what cannot be is listed, once."""

from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from payments import drifts, full_reconcile, gateway, operations
from payments.gateway import Declined
from payments.models import Dispute, Drift, Payment, PaymentOperation, Refund
from tests.payments.books import EUROS, by_a_person, captured_less, counted, foreign_payment, full, listed
from tests.stays import (
    REFUSED_CARD,
    AtStripe,
    at_stripe,
    clock_at,
    confirmed,
    fresh,
    mails,
    paid,
    pay,
    submitted,
    transitions,
    with_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


@pytest.fixture(autouse=True)
def _lost_webhooks(stripe_simulator, monkeypatch):
    stripe_simulator.control("deliveries", mode="drop")
    monkeypatch.setattr(full_reconcile.time, "sleep", lambda _seconds: None)


def test_equal_books_are_equal_after_three_requests_for_any_number(stripe_simulator, capsys):
    for _ in range(3):
        confirmed(stripe_simulator)
    before = counted(stripe_simulator)
    assert full() == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "3 payments of the last 30 days compared with Stripe",
        "Both books are equal",
    ]
    assert (counted(stripe_simulator) - before, Drift.objects.count()) == (3, 0)


def test_capture_made_at_stripe_is_healed(stripe_simulator, capsys):
    booking = paid(stripe_simulator)
    by_a_person(stripe_simulator, booking, "capture")
    assert full() == 0
    payment = booking.payments.get()
    assert f"Healed: {booking.booking_id} {payment.stripe_payment_intent_id}" in capsys.readouterr().out
    assert (payment.status, payment.amount_captured, Drift.objects.count()) == ("SUCCEEDED", 34000, 0)
    assert (fresh(booking).status, transitions(booking)[-1], mails(booking)[-1]) == (
        "CONFIRMED",
        "confirm_paid",
        "approved",
    )


def test_refund_made_at_stripe_is_healed(stripe_simulator):
    booking = confirmed(stripe_simulator)
    by_a_person(stripe_simulator, booking, "refund", amount=1000)
    assert full() == 0
    refund, payment = Refund.objects.get(), booking.payments.get()
    assert (refund.amount, refund.status, refund.is_external) == (1000, "succeeded", True)
    assert (payment.status, payment.amount_refunded, Drift.objects.count()) == ("PARTIALLY_REFUNDED", 1000, 0)


def test_hold_released_at_stripe_is_healed_and_no_drift(stripe_simulator):
    booking = paid(stripe_simulator)
    by_a_person(stripe_simulator, booking, "cancel")
    assert full() == 0
    assert (booking.payments.get().status, fresh(booking).status) == ("VOIDED", "PENDING_APPROVAL")
    assert Drift.objects.count() == 0


def test_dispute_at_stripe_is_healed(stripe_simulator):
    booking = confirmed(stripe_simulator)
    by_a_person(stripe_simulator, booking, "dispute")
    assert full() == 0
    assert (Dispute.objects.get().payment, booking.payments.get().is_disputed) == (booking.payments.get(), True)
    assert Drift.objects.count() == 0


def test_payment_on_a_page_is_healed(stripe_simulator):
    payment = pay(stripe_simulator, with_page())
    assert full() == 0
    assert fresh(payment.booking).status == "PENDING_APPROVAL"


def test_page_that_expired_unpaid_is_healed(stripe_simulator):
    payment = with_page()
    stripe_simulator.control(f"expire/{payment.stripe_checkout_session_id}")
    assert full() == 0
    payment.refresh_from_db()
    assert (payment.status, payment.session_url) == ("EXPIRED", "")


def test_page_that_expired_after_a_refused_card_is_healed(stripe_simulator):
    payment = pay(stripe_simulator, with_page(), card=REFUSED_CARD)
    operations.refresh(payment)
    stripe_simulator.control(f"expire/{payment.stripe_checkout_session_id}")
    assert full() == 0
    payment.refresh_from_db()
    assert (payment.status, payment.session_url) == ("EXPIRED", "")


def test_payment_whose_ids_were_lost_is_found_by_its_metadata(stripe_simulator):
    payment = with_page()
    pay(stripe_simulator, payment)
    booking = payment.booking
    Payment.objects.filter(pk=payment.pk).update(stripe_checkout_session_id=None, status="NOT_INITIATED")
    assert full() == 0
    intent = stripe_simulator.look("summary")[0]["payment_intent"]
    payment = Payment.objects.get()
    assert (payment.status, payment.stripe_payment_intent_id) == ("AUTHORIZED", intent)
    assert (fresh(booking).status, Drift.objects.count()) == ("PENDING_APPROVAL", 0)


def test_money_held_for_a_cancelled_booking_goes_back(stripe_simulator):
    payment = with_page()
    booking = fresh(payment.booking)
    booking.cancel(at=timezone.now(), by_id=None, by_client=False, reason="x", fee=0, refund=0)
    booking.save()
    pay(stripe_simulator, payment)
    assert full() == 0
    assert at_stripe(stripe_simulator, booking) == AtStripe(voids=1)
    assert (Payment.objects.get().status, Drift.objects.count()) == ("VOIDED", 0)


def test_open_operation_is_resolved(stripe_simulator):
    booking = paid(stripe_simulator)
    payment = booking.payments.get()
    PaymentOperation.objects.create(
        booking=booking,
        payment=payment,
        kind="capture",
        transition="approve",
        amount=34000,
        currency="EUR",
        idempotency_key="left-open",
        details={"actor": {"kind": "staff"}, "reason": ""},
    )
    full_reconcile.full_reconcile(timezone.now())
    assert (fresh(booking).status, PaymentOperation.objects.get(kind="capture").status) == ("CONFIRMED", "succeeded")


def test_old_payment_that_was_refunded_lately_is_compared(stripe_simulator):
    booking = confirmed(stripe_simulator)
    later = timezone.now() + timedelta(days=60)
    stripe_simulator.control("clock", set=int(later.timestamp()))
    by_a_person(stripe_simulator, booking, "refund", amount=34000)
    with clock_at(later):
        assert full(days=2) == 0
    assert booking.payments.get().status == "REFUNDED"


def test_old_payment_that_nothing_happened_to_is_left_alone(stripe_simulator):
    captured_less(confirmed(stripe_simulator))
    later = timezone.now() + timedelta(days=3)
    stripe_simulator.control("clock", set=int(later.timestamp()))
    with clock_at(later):
        assert full(days=2) == 0
        assert full(days=4) == 1


def test_difference_that_cannot_be_healed_is_listed_once(stripe_simulator, capsys):
    booking = confirmed(stripe_simulator)
    intent = captured_less(booking)
    assert full() == 1
    said = {**EUROS, "page": "closed"}
    assert listed() == [("amounts", intent, {**said, "captured": 33000}, said)]
    assert capsys.readouterr().out.splitlines()[-2:] == [
        f"Differs: Amounts differ: {intent} ({booking}). Captured: €330.00 here, €340.00 at Stripe",
        "Left to people: 1",
    ]
    first = Drift.objects.get()
    with clock_at(timezone.now() + timedelta(hours=1)):
        assert full() == 1
    again = Drift.objects.get()
    assert (again.pk, again.found_at, again.booking, again.payment) == (
        first.pk,
        first.found_at,
        booking,
        booking.payments.get(),
    )
    assert again.seen_at - first.seen_at >= timedelta(minutes=59)
    assert list(again.history.order_by("pk").values_list("transition", flat=True)) == [
        "find_drift",
        "find_drift_again",
    ]


def test_difference_that_has_vanished_is_closed_by_itself(stripe_simulator):
    booking = confirmed(stripe_simulator)
    captured_less(booking)
    assert full() == 1
    captured_less(booking, amount=34000)
    assert full() == 0
    drift = Drift.objects.get()
    assert (drift.is_open, drift.resolution, drift.is_explained) == (False, drifts.GONE, False)


def test_difference_that_comes_back_is_listed_anew(stripe_simulator):
    booking = confirmed(stripe_simulator)
    for amount in (33000, 34000, 33000):
        captured_less(booking, amount=amount)
        full()
    assert [drift.is_open for drift in Drift.objects.order_by("pk")] == [False, True]


def test_explained_difference_is_listed_again_only_when_it_changes(stripe_simulator):
    booking = confirmed(stripe_simulator)
    captured_less(booking)
    full()
    drifts.explain(Drift.objects.get(), reason="Known to the bookkeeper")
    assert (full(), listed()) == (0, [])
    captured_less(booking, amount=32000)
    assert full() == 1
    assert [(drift.is_open, drift.ours["captured"]) for drift in Drift.objects.order_by("pk")] == [
        (False, 33000),
        (True, 32000),
    ]


def test_payment_that_names_a_booking_of_ours_and_is_unknown_is_listed(stripe_simulator):
    booking = submitted()
    intent = foreign_payment(stripe_simulator, {"booking": booking.booking_id, "payment": "99999"})
    assert full() == 1
    there = {"money": "held", "held": 500, "captured": 0, "refunded": 0, "refunding": 0, "currency": "EUR"}
    theirs = {"reference": booking.booking_id, **there, "dispute": ""}
    assert listed() == [("unknown_here", intent, {"money": "unknown"}, theirs)]
    assert Drift.objects.get().booking == booking
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/cancel")
    assert (full(), listed()) == (0, [])


def test_unknown_payment_is_looked_at_until_its_money_is_back(stripe_simulator):
    intent = foreign_payment(stripe_simulator, {"booking": "GONE", "payment": "99999"})
    full()
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/cancel")
    later = timezone.now() + timedelta(days=40)
    stripe_simulator.control("clock", set=int(later.timestamp()))
    with clock_at(later):
        assert full(days=2) == 0
    assert Drift.objects.get().resolution == drifts.GONE


def test_second_page_that_we_do_not_know_is_listed_beside_the_payment(stripe_simulator):
    booking = confirmed(stripe_simulator)
    payment = booking.payments.get()
    intent = foreign_payment(stripe_simulator, {"booking": booking.booking_id, "payment": str(payment.pk)})
    assert full() == 1
    assert [(kind, name) for kind, name, *_ in listed()] == [("unknown_here", intent)]


def test_payments_of_other_uses_of_the_account_are_none_of_our_business(stripe_simulator):
    foreign_payment(stripe_simulator, {})
    foreign_payment(stripe_simulator, {"booking": "table for two"})
    assert (full(), Drift.objects.count()) == (0, 0)


def test_payment_that_stripe_does_not_know_is_listed(stripe_simulator):
    booking = confirmed(stripe_simulator)
    ids = {"stripe_payment_intent_id": "pi_elsewhere", "stripe_checkout_session_id": "cs_elsewhere"}
    Payment.objects.filter(booking=booking).update(**ids)
    booking.payment_reference = "pi_elsewhere"
    booking.save()
    stripe_simulator.reset()
    assert full() == 1
    ours = {**EUROS, "dispute": "", "page": "closed"}
    assert listed() == [("unknown_at_stripe", "pi_elsewhere", ours, {"money": "unknown"})]


def test_confirmed_booking_without_captured_money_is_listed(stripe_simulator):
    booking = submitted()
    booking.confirm_paid(at=timezone.now(), provider="stripe", reference="", currency="EUR")
    booking.save()
    assert full() == 1
    said = {"booking": "CONFIRMED", "currency": "EUR"}
    assert listed() == [("booking", booking.booking_id, {**said, "captured": 34000}, {**said, "captured": 0})]


def test_confirmed_booking_that_pays_on_arrival_owes_stripe_nothing(stripe_simulator):
    booking = submitted(payment_method="ARRIVAL")
    booking.approve(at=timezone.now(), by_id=None, paid_at=None)
    booking.save()
    assert (full(), Drift.objects.count()) == (0, 0)


def test_cancelled_booking_whose_hold_stripe_does_not_release_is_listed(stripe_simulator):
    booking = paid(stripe_simulator)
    booking.cancel(at=timezone.now(), by_id=None, by_client=False, reason="x", fee=0, refund=0)
    booking.save()
    with mock.patch.object(gateway, "void", side_effect=Declined("locked", "Not now.")):
        assert full() == 1
    said = {"booking": "CANCELLED", "currency": "EUR"}
    intent = booking.payments.get().stripe_payment_intent_id
    assert listed() == [("booking", intent, {**said, "held": 0}, {**said, "held": 34000})]
    with clock_at(timezone.now() + timedelta(hours=2)):
        assert (full(), listed()) == (0, [])
    assert at_stripe(stripe_simulator, booking) == AtStripe(voids=1)
