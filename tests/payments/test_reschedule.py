"""Moving a booking: the stay, its price and its money change together, once, and only after Stripe's yes."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import KeptStay
from bookings.refusals import Refused
from cancellations import cancel
from cancellations.models import CancellationTier
from payments import checkout, decisions, ledger, operations, reconcile, reschedule
from payments.gateway import Declined
from payments.models import Payment, PaymentOperation, Refund
from tests import disputes
from tests.factories import BookingFactory, RoomFactory, RoomTypeFactory, UserFactory
from tests.payments import two_people
from tests.payments.moving import CLOSES, REFUNDS, VOIDS, move, press, stay, wish_for
from tests.stays import (
    AtStripe,
    at_stripe,
    by_guest,
    by_staff,
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
HELD = AtStripe()
TAKEN = AtStripe(captured=34000, captures=1)
ONE_NIGHT_BACK = AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)


def kinds():
    return list(PaymentOperation.objects.order_by("pk").values_list("kind", "status", "transition"))


# Before anything is paid.


def test_unpaid_booking_is_moved_at_once_and_its_guest_gets_a_new_link():
    booking = submitted()
    hold = booking.hold_expires_at
    outcome = move(booking, nights=3, days=1)
    booking = fresh(booking)
    assert (outcome.state, booking.status, booking.hold_expires_at) == ("done", "PENDING_PAYMENT", hold)
    assert stay(booking) == (3, 51000, booking.room_id)
    assert (booking.terms["price"], booking.terms["nights"]) == (51000, 3)
    assert (transitions(booking), mails(booking)) == (["submit", "reschedule"], ["pay_link", "rescheduled"])
    text = booking.messages.get(kind="rescheduled").text
    for words in ("The price was €340.00; it is now €510.00.", "Please pay €510.00 by ", "Pay here"):
        assert words in text
    assert not PaymentOperation.objects.exists()


def test_open_page_is_closed_before_the_price_changes_and_the_next_one_asks_for_it(stripe_simulator):
    booking = with_page().booking
    assert move(booking, nights=3).state == "done"
    assert kinds()[1] == ("expire_session", "succeeded", "reschedule")
    with by_guest():
        _, payment = checkout.open_payment_page(fresh(booking))
    assert (payment.amount, payment.price, payment.attempt_number) == (51000, 51000, 2)
    pay(stripe_simulator, payment)
    operations.refresh(payment)
    assert (fresh(booking).status, payment.booking.payments.first().amount_authorized) == ("PENDING_APPROVAL", 51000)


def test_attempts_begin_again_at_a_new_price(stripe_simulator):
    booking = with_page().booking
    booking.hotel.payment_attempts = 1
    booking.hotel.save()
    move(booking, nights=3)
    with by_guest():
        _, payment = checkout.open_payment_page(fresh(booking))
    assert (payment.attempt_number, payment.amount) == (2, 51000)


def test_page_at_the_same_price_stays_open():
    payment = with_page()
    assert move(payment.booking, days=3).state == "done"
    payment = Payment.objects.get(pk=payment.pk)
    assert (payment.status, payment.booking.payments.count()) == ("PROCESSING", 1)
    assert checkout.is_live(payment)


def test_guest_who_pays_while_the_page_is_to_be_closed_keeps_the_old_stay(stripe_simulator):
    payment = pay(stripe_simulator, with_page())
    booking = payment.booking
    with pytest.raises(Declined, match="The guest has paid in the meantime"):
        move(booking, nights=3)
    booking = fresh(booking)
    assert (booking.status, stay(booking)) == ("PENDING_APPROVAL", (2, 34000, booking.room_id))
    assert (booking.payments.get().amount_authorized, at_stripe(stripe_simulator, booking)) == (34000, HELD)
    assert (transitions(booking), mails(booking)) == (["submit", "authorize"], ["pay_link", "authorized"])
    assert not KeptStay.objects.exists()


# A request whose money is held.


def test_request_at_the_same_price_moves_without_touching_the_hold(stripe_simulator):
    booking = paid(stripe_simulator)
    assert move(booking, days=2).state == "done"
    assert (fresh(booking).status, at_stripe(stripe_simulator, booking)) == ("PENDING_APPROVAL", HELD)
    decisions.approve(booking)
    assert at_stripe(stripe_simulator, booking) == TAKEN


def test_cheaper_request_is_captured_for_less(stripe_simulator):
    booking = paid(stripe_simulator)
    assert move(booking, nights=1).state == "done"
    assert (fresh(booking).status, stay(booking)[:2]) == ("PENDING_APPROVAL", (1, 17000))
    assert "only €170.00 is charged" in booking.messages.get(kind="rescheduled").text
    assert not PaymentOperation.objects.exclude(kind="create_session").exists()
    with by_staff(UserFactory()):
        assert decisions.approve(booking).booking.status == "CONFIRMED"
    payment = booking.payments.get()
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=17000, captures=1)
    assert (payment.status, payment.amount_authorized, payment.amount_captured) == ("SUCCEEDED", 34000, 17000)
    assert not Refund.objects.exists()
    assert ledger.balance(booking).captured == 17000
    assert cancel.quote(fresh(booking), at=timezone.now()).paid == 17000


def test_cheaper_request_that_somebody_captures_for_its_price_at_stripe_is_confirmed(stripe_simulator):
    booking = paid(stripe_simulator)
    move(booking, nights=1)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/capture", amount=17000)
    disputes.refresh(booking)
    assert (fresh(booking).status, at_stripe(stripe_simulator, booking).captured) == ("CONFIRMED", 17000)


def test_request_that_grows_back_needs_no_other_hold(stripe_simulator):
    booking = paid(stripe_simulator)
    move(booking, nights=1)
    assert move(booking, nights=2).state == "done"
    assert (fresh(booking).status, at_stripe(stripe_simulator, booking)) == ("PENDING_APPROVAL", HELD)


def test_dearer_request_is_released_and_paid_again(stripe_simulator):
    booking = paid(stripe_simulator)
    before = timezone.now()
    assert move(booking, nights=3).state == "done"
    booking = fresh(booking)
    assert (booking.status, stay(booking)[:2]) == ("PENDING_PAYMENT", (3, 51000))
    assert at_stripe(stripe_simulator, booking) == AtStripe(voids=1)
    assert booking.hold_expires_at >= before + timedelta(hours=24)
    assert (booking.payment_reference, booking.payment_authorized_at) == ("", None)
    assert transitions(booking) == ["submit", "authorize", "reschedule"]
    assert mails(booking)[-1] == "rescheduled"
    assert "held on your card before is released" in booking.messages.get(kind="rescheduled").text
    with by_guest():
        _, payment = checkout.open_payment_page(booking)
    assert payment.amount == 51000
    assert not KeptStay.objects.exists()


def test_dearer_request_whose_release_is_refused_stays_as_it_was(stripe_simulator):
    booking = paid(stripe_simulator)
    stripe_simulator.control("faults", kind="refused", match=VOIDS)
    with pytest.raises(Declined):
        move(booking, nights=3)
    assert (fresh(booking).status, stay(booking)[:2]) == ("PENDING_APPROVAL", (2, 34000))
    assert (at_stripe(stripe_simulator, booking), mails(booking)[-1]) == (HELD, "authorized")
    assert not KeptStay.objects.exists()


def test_dearer_request_captured_at_stripe_meanwhile_is_confirmed_as_it_was(stripe_simulator):
    booking = paid(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/capture")
    with pytest.raises(Declined):
        move(booking, nights=3)
    assert (fresh(booking).status, stay(booking)[:2]) == ("CONFIRMED", (2, 34000))
    assert (at_stripe(stripe_simulator, booking), KeptStay.objects.count()) == (TAKEN, 0)


def test_request_whose_hold_is_gone_has_to_be_reopened_first(stripe_simulator):
    booking = paid(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/cancel")
    disputes.refresh(booking)
    with pytest.raises(Refused, match="Reopen it for payment first"):
        move(booking, nights=3)


# On arrival: no money.


def test_arrival_moves_without_money_in_either_state():
    booking = submitted(payment_method="ARRIVAL")
    assert move(booking, nights=3).state == "done"
    decisions.approve(booking)
    assert move(booking, nights=4).state == "done"
    assert (fresh(booking).status, stay(booking)[:2]) == ("CONFIRMED", (4, 68000))
    assert not PaymentOperation.objects.exists()


def test_arrival_paid_by_hand_owes_the_difference_by_hand():
    booking = submitted(payment_method="ARRIVAL")
    decisions.approve(booking)
    decisions.mark_paid(booking, method="Cash")
    assert move(booking, nights=1).state == "done"
    owed = Refund.objects.get()
    assert (owed.provider, owed.status, owed.amount) == ("manual", "pending", 17000)
    assert "we will contact you about it" in booking.messages.get(kind="rescheduled").text


# Who may, what was seen, and rooms.


def test_rate_that_changed_since_the_look_is_refused_politely(stripe_simulator):
    booking = submitted()
    wish = wish_for(booking, nights=3)
    seen = reschedule.plan_of(fresh(booking), wish).seen()
    booking.room_type.nightly_rate = 20000
    booking.room_type.save()
    with pytest.raises(Refused, match="has changed since you checked this"):
        press(booking, wish_for(booking, nights=3), seen=seen)
    assert (stay(booking)[:2], transitions(booking)) == ((2, 34000), ["submit"])


def test_two_bookings_into_one_room_one_wins_and_the_other_is_told_which(stripe_simulator):
    room = RoomFactory()
    first, second = (
        confirmed(stripe_simulator, BookingFactory(room=RoomFactory(room_type=room.room_type))) for _ in "12"
    )
    wishes = [wish_for(each, room=room) for each in (first, second)]
    seen = [reschedule.plan_of(fresh(each), wish).seen() for each, wish in zip((first, second), wishes, strict=True)]
    assert press(first, wishes[0], seen=seen[0]).state == "done"
    with pytest.raises(Refused, match=f"Room {room} is already taken by booking {first.booking_id}"):
        press(second, wishes[1], seen=seen[1])
    assert (stay(first)[2], stay(second)[2]) == (room.pk, second.room_id)


def test_own_old_nights_are_not_in_the_way():
    booking = submitted()
    assert move(booking, days=1).state == "done"
    assert move(booking, days=-1, nights=4).state == "done"


def test_another_type_is_checked_and_priced_by_its_own_rate():
    booking = submitted()
    suite = RoomFactory(room_type=RoomTypeFactory(hotel=booking.hotel, nightly_rate=30000))
    move(booking, room=suite)
    assert stay(booking) == (2, 60000, suite.pk)
    assert fresh(booking).room_type_id == suite.room_type_id


def test_terms_are_kept_or_frozen_again():
    booking = submitted()
    CancellationTier.objects.filter(policy__hotel=booking.hotel, at_least=7).update(fee_value=70)
    move(booking, nights=3)
    assert [tier["value"] for tier in fresh(booking).terms["tiers"]] == [0, 50, 100]
    press(booking, wish_for(booking, nights=1, keeps_terms=False), person=two_people.manager(booking))
    assert [tier["value"] for tier in fresh(booking).terms["tiers"]] == [0, 70, 100]
    assert (fresh(booking).terms["price"], fresh(booking).terms["nights"]) == (17000, 1)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ({"nights": 0}, "Check-out must be after check-in"),
        ({"days": -40}, "lies in the past"),
    ],
)
def test_impossible_stay_is_refused(wish, words):
    booking = submitted()
    with pytest.raises(Refused, match=words):
        move(booking, **wish)
    assert transitions(booking) == ["submit"]


def test_reason_is_required():
    booking = submitted()
    with pytest.raises(Refused, match="Please give a reason"):
        press(booking, wish_for(booking, nights=3), reason=" ")


@pytest.mark.parametrize("price", [0, 10000])
def test_own_price_that_returns_much_needs_a_second_person(stripe_simulator, price):
    booking = confirmed(stripe_simulator)
    booking.hotel.four_eyes_threshold = 20000
    booking.hotel.save()
    person = two_people.manager(booking)
    with pytest.raises(Refused, match=r"you can return €200\.00 alone"):
        press(booking, wish_for(booking, price=price), person=person)
    assert (stay(booking)[:2], at_stripe(stripe_simulator, booking)) == ((2, 34000), TAKEN)
    press(booking, wish_for(booking, price=20000), person=person)
    assert at_stripe(stripe_simulator, booking).refunded == 14000
    with pytest.raises(Refused, match=r"you can return €60\.00 alone"):
        press(booking, wish_for(booking, price=10000), person=person)


def test_cancelling_after_a_move_counts_by_the_new_stay(stripe_simulator):
    booking = confirmed(stripe_simulator)
    move(booking, nights=1, days=-20)
    offer = cancel.quote(fresh(booking), at=timezone.now())
    assert (offer.paid, offer.fee, offer.refund) == (34000, 8500, 8500)


def test_quote_of_the_old_stay_does_not_outlive_the_move(stripe_simulator):
    booking = confirmed(stripe_simulator)
    shown = cancel.quote(fresh(booking), at=timezone.now()).signed(booking)
    move(booking, days=-20)
    with by_guest(), pytest.raises(cancel.QuoteChanged) as changed:
        cancel.cancel_booking(booking, reason="", signed_quote=shown)
    assert (changed.value.quote.fee, fresh(booking).status) == (17000, "CONFIRMED")


def test_nothing_is_moved_while_stripe_is_asked_something_else(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("faults", kind="drop_before", match=REFUNDS, times=99)
    decisions.refund(booking, amount=100, note="x")
    with pytest.raises(Refused, match="earlier step is awaited"):
        move(booking, days=1)
    assert stay(booking)[:2] == (2, 34000)


def test_page_that_is_not_known_to_be_closed_keeps_the_old_stay_until_it_is(stripe_simulator):
    booking = with_page().booking
    stripe_simulator.control("faults", kind="drop_before", match=CLOSES, times=3)
    assert move(booking, nights=3).state == "in_progress"
    assert stay(booking)[:2] == (2, 34000)
    reconcile.reconcile(timezone.now() + reconcile.GRACE)
    assert (stay(booking)[:2], KeptStay.objects.count()) == ((3, 51000), 0)
