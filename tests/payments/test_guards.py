"""What no page sends, and what comes a second time: refused with a reason, or done once, and nothing moves."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from bookings.refusals import Refused
from cancellations import cancel, erasure, guest_words, no_show
from payments import decisions, drifts, four_eyes, ledger, payouts, reschedule
from payments.models import Drift, DriftKind, PaymentOperation, Refund
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory
from tests.payments.moving import wish_for
from tests.payments.test_owed import owed_of, paid_by_hand
from tests.stays import AtStripe, at_stripe, by_staff, confirmed, fresh, in_instant_hotel, pay, submitted, with_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def foreign_type(booking):
    return {"room_type": RoomTypeFactory(hotel=HotelFactory()), "room": None}


def room_of_another_type(booking):
    return {"room": RoomFactory(room_type=RoomTypeFactory(hotel=booking.hotel))}


def closed_room(booking):
    return {"room": RoomFactory(room_type=booking.room_type, is_active=False)}


@pytest.mark.parametrize(
    ("elsewhere", "words"),
    [
        (foreign_type, "is not a room type of"),
        (room_of_another_type, "is not of the type"),
        (closed_room, "is out of service"),
    ],
)
def test_stay_in_a_room_that_does_not_fit_is_refused(elsewhere, words):
    booking = submitted()
    with pytest.raises(Refused, match=words):
        reschedule.plan_of(booking, replace(wish_for(booking), **elsewhere(booking)))
    assert not PaymentOperation.objects.exists()


def test_refund_for_a_reason_that_stripe_does_not_know_is_refused(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with by_staff(), pytest.raises(Refused, match="Choose one of the reasons"):
        decisions.refund(booking, amount=100, note="", stripe_reason="because")
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)


def test_deleted_booking_is_not_refunded(stripe_simulator):
    booking = confirmed(stripe_simulator)
    booking.soft_delete(at=timezone.now(), by_id=None, reason="Entered twice")
    booking.save()
    with by_staff(), pytest.raises(Refused):
        decisions.refund(booking, amount=100, note="")
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)


@pytest.mark.parametrize("fee", [-1, 34001])
def test_fee_outside_of_what_was_paid_is_refused(stripe_simulator, fee):
    booking = confirmed(stripe_simulator)
    with by_staff(), pytest.raises(Refused, match="more than what the guest has paid"):
        cancel.cancel_booking(booking, reason="Hotel closed", fee=fee)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)
    assert fresh(booking).status == "CONFIRMED"


def test_nobody_asks_a_second_person_without_being_somebody(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with by_staff(), pytest.raises(Refused, match="signed in"):
        four_eyes.ask(booking.payments.get(), kind="refund", amount=100, note="")
    assert not booking.refund_requests.exists()


def test_drift_is_not_explained_by_blanks(stripe_simulator):
    booking = confirmed(stripe_simulator)
    moment = timezone.now()
    Drift.objects.create(
        kind=DriftKind.BOOKING, stripe_id=booking.booking_id, booking=booking, found_at=moment, seen_at=moment
    )
    with pytest.raises(Refused, match="reason"):
        drifts.explain(Drift.objects.get(), reason=" ")
    assert Drift.objects.get().resolved_at is None


def test_refund_that_is_not_owed_any_more_is_left_alone(stripe_simulator):
    booking = paid_by_hand()
    owed = owed_of(booking)
    with by_staff():
        assert payouts.write_off(owed, reason="Stayed after all").state == "done"
        assert payouts.write_off(owed, reason="Once more").state == "already"
        with pytest.raises(Refused, match="not owed any more"):
            payouts.pay_out(owed, method="Cash")
    assert (Refund.objects.get().status, ledger.balance(booking).left) == ("canceled", 34000)


def test_hold_that_ran_out_is_given_back_once():
    booking = submitted()
    booking.hold_expires_at = timezone.now() - timedelta(minutes=1)
    booking.save()
    assert decisions.expire(booking).state == "done"
    assert decisions.expire(fresh(booking)).state == "already"
    assert booking.history.filter(transition="expire").count() == 1


def test_hold_that_goes_on_is_not_given_back(stripe_simulator):
    booking = pay(stripe_simulator, with_page()).booking
    with pytest.raises(Refused, match="still held for the guest"):
        decisions.expire(fresh(booking))
    assert fresh(booking).status == "PENDING_PAYMENT"


def test_money_that_went_back_is_looked_at_once(stripe_simulator):
    booking = confirmed(stripe_simulator)
    payment = booking.payments.get()
    payment.unwanted_since = payment.unwanted_seen_at = timezone.now()
    payment.save()
    assert decisions.note_seen(payment).state == "already"


def test_guest_without_a_mail_has_no_other_bookings():
    booking = BookingFactory(guest_email="")
    BookingFactory(guest_email="")
    assert not erasure.others_of(booking, UserFactory(role="owner")).exists()


def test_fee_that_nobody_collects_is_told_of_stays_paid_on_arrival_only(stripe_simulator):
    arrival = submitted(BookingFactory(payment_method="ARRIVAL"))
    assert no_show.uncollected_fee(arrival) == 34000
    assert no_show.uncollected_fee(submitted()) == 0
    assert no_show.uncollected_fee(BookingFactory(payment_method="ARRIVAL")) == 0


def test_unpaid_booking_without_an_end_of_its_hold_asks_to_pay():
    booking = submitted(in_instant_hotel())
    assert "is kept until" in guest_words.payment_due(booking)
    booking.hold_expires_at = None
    assert guest_words.payment_due(booking) == "Please pay to keep your room."


def test_promise_that_the_hotel_closed_is_told_to_the_guest(stripe_simulator):
    booking = paid_by_hand()
    refund = owed_of(booking)
    refund.promised_by = date(2026, 12, 1)
    assert "will send €340.00 to you by hand" in guest_words.promise(booking, refund)
    refund.status = "canceled"
    assert "has closed the refund of €340.00 without sending it" in guest_words.promise(booking, refund)
