"""The steps of docs/scaling.md that divide the history by months, run as they stand there."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from bookings.models import Booking
from site_config import env
from tests.stays import confirmed, guest_cancels, transitions
from trail import verifying

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]

GUIDE = Path(env.__file__).parents[1] / "docs" / "scaling.md"


def steps():
    """The one block of SQL, without the frame of its transaction: the test has one."""
    (found,) = re.findall(r"```sql\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    return found.replace("BEGIN;\n", "", 1).replace("COMMIT;\n", "", 1)


def shape(of):
    """The checks, triggers and indexes of a table, by how many of each there are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM pg_trigger WHERE tgrelid = %(of)s::regclass AND NOT tgisinternal),"
            " (SELECT count(*) FROM pg_index WHERE indrelid = %(of)s::regclass),"
            " (SELECT count(*) FROM pg_constraint WHERE conrelid = %(of)s::regclass AND contype IN ('c', 'f'))",
            {"of": of},
        )
        return cursor.fetchone()


def test_divided_history_goes_on_and_stays_guarded(stripe_simulator):
    booking = confirmed(stripe_simulator)
    before = shape("bookings_historicalbooking")
    with connection.cursor() as cursor:
        # Foreign keys that are still to be checked would keep the table from being changed.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(steps())
    assert shape("bookings_historicalbooking") == before
    guest_cancels(booking)
    assert transitions(booking) == ["submit", "authorize", "approve", "cancel"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tableoid::regclass::text FROM bookings_historicalbooking")
        assert cursor.fetchall() == [("bookings_historicalbooking_before",)]
        cursor.execute("SELECT count(*) FROM pg_inherits WHERE inhparent = 'bookings_historicalbooking'::regclass")
        assert cursor.fetchone() == (25,)
    with pytest.raises(DatabaseError, match="kept as it was written"), transaction.atomic():
        booking.history.update(transition="nothing")
    # What is written in two months lands in the part of that month, and is guarded there, too.
    moment = timezone.now() + timedelta(days=70)
    row = booking.history.latest("history_id")
    row.history_id, row.history_date = None, moment
    row.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(tableoid::regclass::text) FROM bookings_historicalbooking")
        assert cursor.fetchone() == (f"bookings_historicalbooking_{moment:%Y_%m}",)
    assert Booking.history.count() == len(set(Booking.history.values_list("history_id", flat=True)))
    assert not [each for each in verifying.verify().findings if "changed" in each.what]
