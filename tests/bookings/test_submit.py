"""Submitting a draft: the room, the terms, the hold and the mail."""

from datetime import UTC, datetime, timedelta

import pytest

from bookings import lifecycle
from bookings.models import Booking
from bookings.refusals import Refused
from cancellations.models import CancellationTier
from tests.factories import (
    BookingFactory,
    HotelFactory,
    RoomFactory,
    RoomTypeFactory,
    UserFactory,
    days_ahead,
)
from tests.stays import by_staff, clock_at, fresh, in_instant_hotel, mails, submitted, transitions

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_submit_starts_a_hold_and_mails_the_pay_link():
    booking = BookingFactory()
    with clock_at(NOON), by_staff():
        outcome = lifecycle.submit(booking)
    assert (outcome.state, outcome.booking.status) == ("done", "PENDING_PAYMENT")
    assert outcome.booking.hold_expires_at == NOON + timedelta(hours=24)
    assert (transitions(booking), mails(booking)) == (["submit"], ["pay_link"])


def test_submit_freezes_the_terms():
    booking = submitted()
    agreed = booking.terms
    CancellationTier.objects.update(fee_value=99)
    booking.hotel.time_zone = "Asia/Tokyo"
    booking.hotel.save()
    assert fresh(booking).terms == agreed
    assert (agreed["price"], agreed["currency"], agreed["nights"]) == (34000, "EUR", 2)
    assert (agreed["zone"], agreed["check_in_time"], agreed["deadline_hours"]) == (
        "Europe/Dublin",
        "15:00",
        24,
    )
    assert [(tier["at_least"], tier["value"]) for tier in agreed["tiers"]] == [(14, 0), (7, 50), (0, 100)]


def test_submit_again_answers_already():
    booking = submitted()
    outcome = lifecycle.submit(booking)
    assert (outcome.state, transitions(booking), mails(booking)) == ("already", ["submit"], ["pay_link"])


@pytest.mark.parametrize(
    ("mode", "status", "kinds"), [("request", "PENDING_APPROVAL", []), ("instant", "CONFIRMED", ["approved"])]
)
def test_submit_of_an_arrival_booking_has_no_hold(mode, status, kinds):
    room = RoomFactory(room_type=RoomTypeFactory(hotel=HotelFactory(booking_mode=mode)))
    booking = submitted(room=room, payment_method="ARRIVAL")
    assert (booking.status, booking.hold_expires_at, mails(booking)) == (status, None, kinds)


def test_submit_refuses_a_taken_room_and_names_the_booking():
    first = submitted()
    second = BookingFactory(room=first.room, check_in=first.check_in + timedelta(days=1))
    with pytest.raises(Refused, match=f"Room {first.room} is already taken by booking {first.booking_id}"):
        lifecycle.submit(second)
    assert (fresh(second).status, transitions(second), mails(second)) == ("DRAFT", [], [])


def test_back_to_back_stays_share_a_day():
    first = submitted()
    second = submitted(room=first.room, check_in=first.check_out)
    assert second.status == "PENDING_PAYMENT"


def test_submit_refuses_a_full_room_type():
    first = submitted()
    other = BookingFactory(room=first.room, room_type=first.room_type, hotel=first.hotel)
    Booking.objects.filter(pk=other.pk)
    other.room = None
    other.save()
    with pytest.raises(Refused, match="All 1 rooms of type"):
        lifecycle.submit(other)


def test_a_booking_without_a_room_takes_one_of_the_type():
    room = RoomFactory()
    RoomFactory(room_type=room.room_type)
    for _ in range(2):
        booking = BookingFactory(room=room)
        booking.room = None
        booking.save()
        assert lifecycle.submit(booking).booking.status == "PENDING_PAYMENT"
    with pytest.raises(Refused, match="All 2 rooms of type"):
        lifecycle.submit(BookingFactory(room=room))


def test_capacity_is_counted_per_night():
    room = RoomFactory()
    RoomFactory(room_type=room.room_type)
    start = days_ahead(30)
    for offset in (0, 2):  # never on the same night
        submitted(room=room, check_in=start + timedelta(days=offset))
    long_stay = BookingFactory(room=room, check_in=start, check_out=start + timedelta(days=4))
    long_stay.room = None
    long_stay.save()
    assert lifecycle.submit(long_stay).booking.status == "PENDING_PAYMENT"


@pytest.mark.parametrize(("check_in", "check_out"), [(-3, -1), (-1, 0), (-2, 2)])
def test_submit_refuses_a_stay_in_the_past(check_in, check_out):
    booking = BookingFactory(check_in=days_ahead(check_in), check_out=days_ahead(check_out))
    with clock_at(noon_today()), pytest.raises(Refused, match="lies in the past"):
        lifecycle.submit(booking)
    assert fresh(booking).status == "DRAFT"


def test_submit_takes_a_guest_who_arrived_after_midnight():
    booking = BookingFactory(check_in=days_ahead(-1), check_out=days_ahead(1))
    with clock_at(noon_today()):
        assert lifecycle.submit(booking).booking.status == "PENDING_PAYMENT"


def noon_today() -> datetime:
    """Today at noon, when Dublin and UTC have the same date."""
    return datetime.now(UTC).replace(hour=12)


def test_submit_needs_a_policy():
    room = RoomFactory(room_type=RoomTypeFactory(hotel=HotelFactory(policy=None)))
    with pytest.raises(Refused, match="no default cancellation policy"):
        lifecycle.submit(BookingFactory(room=room))


def test_history_says_who_from_where_and_why():
    person = UserFactory()
    booking = BookingFactory()
    with by_staff(person):
        lifecycle.submit(booking)
    row = booking.history.get(transition="submit")
    assert (row.actor_kind, row.history_user, row.ip, row.user_agent, row.request_id) == (
        "staff",
        person,
        "192.0.2.1",
        "Desk",
        "request-of-staff",
    )


def test_references_are_unguessable_and_readable():
    references = {
        BookingFactory.build(room=None, room_type=None, hotel=None, currency="EUR").booking_id for _ in range(200)
    }
    assert len(references) == 200
    assert {len(each) for each in references} == {10}
    assert not set("".join(references)) & set("01ILOUVZ")


def test_instant_hotel_waits_for_payment_too():
    assert submitted(in_instant_hotel()).status == "PENDING_PAYMENT"


def test_room_out_of_service_is_not_sold():
    booking = BookingFactory()
    RoomFactory(room_type=booking.room_type)
    booking.room.is_active = False
    booking.room.save()
    with pytest.raises(Refused, match="out of service"):
        lifecycle.submit(booking)
    assert fresh(booking).status == "DRAFT"
