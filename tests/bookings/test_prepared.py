"""Rows that every decision reads, by a statement that is worked out once for each connection."""

import pytest
from django.db import connection
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from bookings import lifecycle
from bookings.models import Booking, Hotel
from bookings.prepared import TEXT_PLACE, Prepared
from tests.factories import BookingFactory

pytestmark = pytest.mark.django_db


def test_a_booking_is_read_afresh_and_each_by_its_own_key():
    first, second = BookingFactory(guest_name="Ada"), BookingFactory(guest_name="Bea")
    assert [lifecycle.LOCKED.get(each.pk).guest_name for each in (first, second, first)] == ["Ada", "Bea", "Ada"]
    first.guest_name = "Ida"
    first.save()
    again = lifecycle.LOCKED.get(first.pk)
    assert (again, again.guest_name, again.terms) == (first, "Ida", first.terms)


def test_it_is_what_the_query_set_returns():
    booking = BookingFactory()
    known, usual = lifecycle.LOCKED.get(booking.pk), lifecycle.LOCKED.rows(booking.pk).get()
    assert type(known) is Booking
    assert columns(known) == columns(usual)
    with CaptureQueriesContext(connection) as queries:
        assert columns(known.hotel) == columns(usual.hotel)
        assert columns(known.room_type) == columns(usual.room_type)
        assert columns(known.room) == columns(usual.room)
    assert len(queries) == 0


def columns(row):
    return {name: value for name, value in row.__dict__.items() if not name.startswith("_")}


def test_what_changed_beside_it_is_seen():
    booking = BookingFactory()
    lifecycle.LOCKED.get(booking.pk)
    hotel = Hotel.objects.get(pk=booking.hotel_id)
    hotel.name = "Hotel Merrion"
    hotel.save()
    assert lifecycle.LOCKED.get(booking.pk).hotel.name == "Hotel Merrion"


def test_a_row_that_is_not_there_is_said_to_be_missing():
    BookingFactory()
    with pytest.raises(Booking.DoesNotExist):
        lifecycle.LOCKED.get(10**9)
    assert lifecycle.LOCKED.first(10**9) is None


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_no_row_is_locked_where_no_transaction_would_keep_the_lock():
    booking = BookingFactory()
    with pytest.raises(TransactionManagementError):
        lifecycle.LOCKED.get(booking.pk)


def test_a_key_may_be_text_and_bring_several_rows():
    rows = Prepared(lambda name: Booking.objects.filter(guest_name=name), place=TEXT_PLACE)
    first, second = BookingFactory(guest_name="Ada"), BookingFactory(guest_name="Ada")
    other = BookingFactory(guest_name="Bea")
    assert [rows.all(name) for name in ("Ada", "Bea", "Ida")] == [[second, first], [other], []]
