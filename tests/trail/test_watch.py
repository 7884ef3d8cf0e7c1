"""The watch over the tests sees what it is there for: each kind of write past history, planted in the product."""

import pytest
from django.db import connection, transaction

from bookings import audit, lifecycle
from bookings.models import Booking
from tests import stays
from tests.admin.conftest import signed_in
from tests.admin.pages import do
from tests.factories import BookingFactory, UserFactory
from tests.trail.watch import WATCH
from tests.unguarded import rewriting

pytestmark = pytest.mark.django_db


def planted(write):
    """Let the product submit a booking by another write than its own; return what the watch says.

    The write is compiled as if it stood in `bookings/lifecycle.py`, for the watch tells product from test by place.
    """
    space = {"Booking": Booking, "connection": connection, "audit": audit, "transaction": transaction}
    code = f"def submit(booking):\n    with transaction.atomic():\n        {write}\n"
    exec(compile(code, lifecycle.__file__, "exec"), space)  # noqa: S102
    booking = BookingFactory()
    space["submit"](booking)
    found = WATCH.problems()
    WATCH.owed, WATCH.wrong = {}, []
    return found


@pytest.mark.parametrize(
    "write",
    [
        "Booking.objects.filter(pk=booking.pk).update(notes='x')",
        "Booking.objects.bulk_update([booking], ['notes'])",
        "Booking.objects.filter(pk=booking.pk)._raw_delete('default')",
        "connection.cursor().execute('UPDATE \"bookings_booking\" SET notes = notes')",
        "booking.save_without_historical_record()",
        "setattr(booking, 'skip_history_when_saving', True) or booking.save()",
    ],
)
def test_write_past_history_is_found(write):
    (found,) = planted(write)
    assert found.startswith("bookings_historicalbooking: no history row for ('bookings/lifecycle.py', 'submit'")


def test_a_row_with_its_history_is_fine():
    assert planted("booking.save()") == []
    assert planted("Booking.objects.filter(pk=0).update(notes='x')") == []


def test_changed_history_is_found():
    with rewriting():
        (found,) = planted("booking.history.all().update(transition='x')")
    assert "history was changed" in found


def test_what_a_test_writes_by_itself_is_no_matter():
    booking = BookingFactory()
    Booking.objects.filter(pk=booking.pk).update(notes="x")
    assert WATCH.problems() == []


def test_nobody_in_a_request_of_somebody_is_found(monkeypatch):
    monkeypatch.setattr(audit, "current_user_id", lambda: None)
    booking = BookingFactory()
    person = UserFactory(role="Front desk", hotels=[booking.hotel])
    do(signed_in(person), booking, "submit")
    assert stays.fresh(booking).status == "PENDING_PAYMENT"
    found, WATCH.wrong = WATCH.wrong, []
    assert f"HistoricalBooking: nobody did it, in a request of user {person.pk}" in found
