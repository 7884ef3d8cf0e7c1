"""PostgreSQL itself refuses two blocking bookings of one room for one night, whatever the code does."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories import BookingFactory
from tests.stays import submitted

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


def forced(first, **fields):
    """A second booking of the same room, put past every check of the code."""
    other = BookingFactory(room=first.room, **{"check_in": first.check_in, **fields})
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bookings_booking SET status = 'CONFIRMED' WHERE id = %s", [other.pk])
    return other


def test_the_database_refuses_an_overlapping_stay():
    first = submitted()
    with pytest.raises(IntegrityError, match="no_double_booking"), transaction.atomic():
        forced(first, check_in=first.check_in + timedelta(days=1))


def test_the_database_takes_stays_that_share_a_day():
    first = submitted()
    assert forced(first, check_in=first.check_out).pk


def test_the_database_takes_a_room_that_a_deleted_booking_had():
    first = submitted()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bookings_booking SET record_state = 'DELETED' WHERE id = %s", [first.pk])
    assert forced(first).pk
