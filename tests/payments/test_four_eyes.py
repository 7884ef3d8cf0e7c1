"""Four eyes: what one person may return alone, and that nothing moves above it."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from bookings import audit, lifecycle
from bookings.audit import ActorKind
from bookings.refusals import Refused
from payments import decisions, four_eyes, operations, payouts
from payments.models import ExchangeRate, Payment, PaymentOperation, Refund, RefundRequest
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory
from tests.payments.two_people import PAID, alone, approve, asked, cancels, draft, manager, refund, today
from tests.stays import AtStripe, at_stripe, by_staff, confirmed, fresh, guest_cancels

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


@pytest.fixture
def booking(stripe_simulator):
    """A confirmed and paid booking of that hotel."""
    return confirmed(stripe_simulator, draft())


@pytest.fixture
def nora(booking):
    """Who asks."""
    return manager(booking, first_name="Nora", last_name="Byrne")


@pytest.fixture
def ciara(booking):
    """Who decides."""
    return manager(booking, first_name="Ciara", last_name="Walsh")


def test_refund_up_to_the_threshold_moves_at_once(stripe_simulator, booking, nora):
    assert refund(nora, booking, 20000).state == "done"
    assert at_stripe(stripe_simulator, booking).refunded == 20000
    assert not RefundRequest.objects.exists()


def test_refund_above_the_threshold_is_written_down_and_moves_nothing(stripe_simulator, booking, nora):
    outcome = refund(nora, booking, 20001, stripe_reason="duplicate")
    assert (outcome.state, outcome.message) == (
        "asked",
        "You asked for a refund of €200.01. Nothing has moved yet: another person has to approve it, "
        "and finds it under “Refund requests”.",
    )
    assert at_stripe(stripe_simulator, booking) == PAID
    assert not booking.operations.filter(kind="refund").exists()
    assert RefundRequest.objects.values(
        "booking", "kind", "status", "amount", "fee", "seen_left", "currency", "stripe_reason", "note", "requested_by"
    ).get() == {
        "booking": booking.pk,
        "kind": "refund",
        "status": "pending",
        "amount": 20001,
        "fee": 0,
        "seen_left": 34000,
        "currency": "EUR",
        "stripe_reason": "duplicate",
        "note": "Broken shower",
        "requested_by": nora.pk,
    }
    row = RefundRequest.history.get()
    assert (row.transition, row.history_user, row.history_change_reason) == ("ask", nora, "Broken shower")


@pytest.mark.parametrize(("threshold", "state"), [(None, "done"), (0, "asked")])
def test_hotel_decides_whether_any_refund_takes_two(stripe_simulator, threshold, state):
    booking = confirmed(stripe_simulator, draft(threshold))
    assert refund(manager(booking), booking, 1).state == state
    assert at_stripe(stripe_simulator, booking).refunded == (1 if state == "done" else 0)


def test_small_refunds_do_not_get_around_the_threshold(stripe_simulator, booking, nora, ciara):
    assert [refund(nora, booking, 15000).state, refund(ciara, booking, 5000).state] == ["done", "done"]
    assert refund(nora, booking, 1).state == "asked"
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1, refunded=20000, refunds=2)


def test_refund_on_its_way_counts(stripe_simulator, booking, nora):
    stripe_simulator.control("refund_outcome", mode="pending", times=1)
    refund(nora, booking, 15000)
    assert alone(booking) == 5000


def failed_refund(simulator, person, booking):
    """A refund of 150.00 that the guest's bank sent back, so that the hotel owes it by hand."""
    simulator.control("refund_outcome", mode="pending", times=1)
    refund(person, booking, 15000)
    payment = booking.payments.get()
    simulator.control(f"refunds/{Refund.objects.get().stripe_refund_id}/resolve", status="failed")
    operations.refresh(payment)
    return Refund.objects.get(status="pending")


@pytest.mark.parametrize(
    ("then", "left"),
    [
        (lambda owed: None, 5000),
        (lambda owed: payouts.pay_out(owed, method="Cash"), 5000),
        (payouts.send_again, 5000),
        (lambda owed: payouts.write_off(owed, reason="The guest was paid by their insurer"), 20000),
    ],
    ids=["owed", "paid out", "sent again", "written off"],
)
def test_failed_refund_counts_once_as_what_became_of_it(stripe_simulator, booking, nora, then, left):
    owed = failed_refund(stripe_simulator, nora, booking)
    with by_staff(nora):
        then(owed)
    assert alone(booking) == left


def test_policy_cancellation_does_not_count(stripe_simulator, booking, nora):
    assert cancels(nora, booking, fee=None).state == "done"
    assert alone(booking) == 20000
    assert refund(nora, booking, 17000).state == "done"
    assert at_stripe(stripe_simulator, booking).refunded == 34000


def test_refund_made_at_stripe_does_not_count(stripe_simulator, booking, nora):
    payment = booking.payments.get()
    stripe_simulator.control(f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/refund", amount=14000)
    operations.refresh(payment)
    assert refund(nora, booking, 20000).state == "done"


@pytest.mark.parametrize("kind", [ActorKind.WORKER, ActorKind.STRIPE, ActorKind.COMMAND])
def test_machines_never_wait(stripe_simulator, booking, kind):
    with audit.acting_as(kind):
        assert decisions.refund(booking, amount=34000, note="x").state == "done"


@pytest.mark.parametrize("who", ["guest", "staff"])
def test_policy_cancellation_never_waits(stripe_simulator, who):
    booking = confirmed(stripe_simulator, draft(threshold=0))
    outcome = guest_cancels(booking) if who == "guest" else cancels(manager(booking), booking, fee=None)
    assert (outcome.state, fresh(booking).status) == ("done", "CANCELLED")
    assert at_stripe(stripe_simulator, booking).refunded == 17000


def test_cancellation_that_keeps_more_than_the_policy_never_waits(stripe_simulator):
    booking = confirmed(stripe_simulator, draft(threshold=0))
    assert cancels(manager(booking), booking, fee=17001).state == "done"
    assert at_stripe(stripe_simulator, booking).refunded == 16999


def test_cancellation_beyond_the_policy_counts_whole(stripe_simulator, booking, nora):
    assert cancels(nora, booking, fee=14000).state == "done"
    assert (at_stripe(stripe_simulator, booking).refunded, alone(booking)) == (20000, 0)
    assert refund(nora, booking, 1).state == "asked"


def test_cancellation_beyond_the_policy_and_the_threshold_is_asked_for(stripe_simulator, booking, nora):
    outcome = cancels(nora, booking, fee=13999)
    assert (outcome.state, fresh(booking).status) == ("asked", "CONFIRMED")
    assert outcome.message.startswith("You asked to cancel this booking and return €200.01. Nothing has moved yet")
    wish = RefundRequest.objects.get()
    assert (wish.kind, wish.amount, wish.fee, wish.seen_left) == ("cancel", 20001, 13999, 34000)
    assert (wish.note, at_stripe(stripe_simulator, booking)) == ("Hotel closed", PAID)


def test_cancellation_of_money_taken_by_hand_takes_two_people_too():
    booking = lifecycle.submit(draft(payment_method="ARRIVAL")).booking
    nora, ciara = manager(booking, last_name="Byrne"), manager(booking, first_name="Ciara", last_name="Walsh")
    with by_staff(nora):
        decisions.approve(booking)
        decisions.mark_paid(booking, method="Cash")
    assert (cancels(nora, booking, fee=0).state, Refund.objects.count()) == ("asked", 0)
    assert approve(ciara, RefundRequest.objects.get()).state == "done"
    assert (fresh(booking).status, fresh(booking).cancellation_fee) == ("CANCELLED", 0)
    owed = Refund.objects.get()
    assert (owed.amount, owed.is_owed, alone(booking)) == (34000, True, 0)
    why = "Hotel closed (asked for by Nora Byrne, approved by Ciara Walsh)"
    assert booking.history.first().history_change_reason == why


def test_refund_of_money_taken_by_hand_takes_two_people_and_is_then_owed():
    booking = lifecycle.submit(draft(payment_method="ARRIVAL")).booking
    nora, ciara = manager(booking, first_name="Nora", last_name="Byrne"), manager(booking)
    with by_staff(nora):
        decisions.approve(booking)
        decisions.mark_paid(booking, method="Cash")
        assert payouts.refund_by_hand(booking, amount=20001, note="Noise", method="Cash").state == "asked"
    assert not Refund.objects.exists()
    assert approve(ciara, RefundRequest.objects.get()).state == "done"
    owed = Refund.objects.get()
    assert (owed.amount, owed.is_owed, owed.note[:35]) == (20001, True, "Noise (asked for by Nora Byrne, app")
    assert (alone(booking), PaymentOperation.objects.count()) == (0, 0)


def test_charged_currency_is_compared_at_the_payments_own_rate():
    hotel = HotelFactory(four_eyes_threshold=30000, currency="JPY")
    room = RoomFactory(room_type=RoomTypeFactory(hotel=hotel))
    booking = BookingFactory(room=room, total_amount=36000, charged_currency="USD")
    payment = Payment.objects.create(
        booking=booking, amount=24120, currency="USD", price=36000, exchange_rate=Decimal("0.0067")
    )
    assert four_eyes.alone(payment) == 20100
    operation = PaymentOperation.objects.create(
        booking=booking, payment=payment, kind="refund", transition="refund", currency="USD", idempotency_key="k"
    )
    Refund.objects.create(payment=payment, operation=operation, amount=101, currency="USD", status="succeeded")
    assert four_eyes.alone(payment) == 19999


def test_fallback_currency_is_asked_for_and_moved_in_what_was_charged(stripe_simulator):
    stripe_simulator.control("currencies", unsupported=["pkr"])
    quoted = {"source": "State Bank", "quoted_at": timezone.now() - timedelta(hours=1)}
    rate = ExchangeRate.objects.create(base="PKR", target="USD", rate=Decimal("0.003571"), **quoted)
    hotel = HotelFactory(four_eyes_threshold=500000, currency="PKR", fallback_currency="USD")
    room = RoomFactory(room_type=RoomTypeFactory(hotel=hotel))
    booking = confirmed(stripe_simulator, BookingFactory(room=room, total_amount=1000000))
    rate.delete()
    # 5,000 rupees are 17.855 dollars.
    assert refund(manager(booking), booking, 1785).state == "done"
    wish = asked(manager(booking), booking, 1786)
    assert (wish.currency, wish.seen_left) == ("USD", 1786)
    assert approve(manager(booking), wish).state == "done"
    assert at_stripe(stripe_simulator, booking).refunded == 3571


def test_second_wish_is_refused_and_says_who_asked(stripe_simulator, booking, nora, ciara):
    asked(nora, booking)
    words = rf"^Nora Byrne asked for a refund of €300\.00 on {today(booking)} at \d\d:\d\d \(Dublin\)\. "
    for amount in (30000, 100):
        with pytest.raises(Refused, match=words):
            refund(ciara, booking, amount)
    with pytest.raises(Refused, match=words):
        cancels(ciara, booking, fee=0)
    assert (RefundRequest.objects.count(), at_stripe(stripe_simulator, booking)) == (1, PAID)
