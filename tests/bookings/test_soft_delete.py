"""Hiding a booking and showing it again: from which states, with which words, and in silence."""

import pytest

from bookings import lifecycle
from bookings.models import Booking
from bookings.refusals import Refused
from payments import decisions
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory
from tests.stays import by_staff, confirmed, fresh, guest_cancels, mails, submitted

pytestmark = pytest.mark.django_db


def test_no_reason_is_needed_where_the_hotel_does_not_ask():
    booking = BookingFactory()
    booking.hotel.require_deletion_reason = False
    booking.hotel.save()
    assert decisions.soft_delete(booking).booking.is_deleted


@pytest.mark.parametrize("state", ["PENDING_PAYMENT", "PENDING_APPROVAL", "CONFIRMED"])
def test_what_goes_on_is_cancelled_first(state):
    hotel = HotelFactory(booking_mode="instant" if state == "CONFIRMED" else "request")
    method = "ONLINE" if state == "PENDING_PAYMENT" else "ARRIVAL"
    booking = submitted(room=RoomFactory(room_type=RoomTypeFactory(hotel=hotel)), payment_method=method)
    before = (booking.history.count(), mails(booking))
    with by_staff(), pytest.raises(Refused, match="Cancel it first, then delete it"):
        decisions.soft_delete(booking, reason="x")
    assert (fresh(booking).status, booking.history.count(), mails(booking)) == (state, *before)


def test_nobody_is_mailed_and_the_list_forgets_it():
    booking = submitted(payment_method="ARRIVAL")
    with by_staff():
        decisions.decline(booking, reason="Full")
        before = mails(booking)
        decisions.soft_delete(booking, reason="x")
        assert not Booking.objects.active().exists()
        lifecycle.restore(booking)
    assert (mails(booking), fresh(booking).status) == (before, "DECLINED")
    assert Booking.objects.active().exists()


def test_open_operation_waits(stripe_simulator):
    booking = confirmed(stripe_simulator)
    guest_cancels(booking)
    operation = booking.operations.order_by("-pk").first()
    operation.status = "pending"
    operation.save()
    with by_staff(), pytest.raises(Refused, match=r"Stripe's answer for this booking is still awaited\. Try again"):
        decisions.soft_delete(fresh(booking), reason="x")
    assert not fresh(booking).is_deleted
