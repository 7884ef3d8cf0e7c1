"""The nightly erasure: whose time is over, in batches, each for itself, repeatable."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.utils import timezone

from bookings import audit
from bookings.models import Booking
from cancellations import erasure, retention
from payments import chores, decisions
from payments.models import Chore
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory
from tests.guest.browser import rows
from tests.stays import by_staff, clock_at, confirmed, fresh, submitted

pytestmark = pytest.mark.django_db


def in_hotel(months=6, **fields):
    """A draft whose stay ends in 32 days, in a hotel that keeps data for some months."""
    room = RoomFactory(room_type=RoomTypeFactory(hotel=HotelFactory(name="Liffey", retention_months=months)))
    return BookingFactory(room=room, **fields)


def ended(months=6, **fields):
    """The same, declined."""
    booking = submitted(in_hotel(months, payment_method="ARRIVAL", **fields))
    with by_staff():
        return decisions.decline(booking, reason="Full").booking


def moment_after(booking, months, days):
    """A moment at which the check-out lies so many months and days ago."""
    day = booking.check_out
    while retention.months_before(day, months) < booking.check_out:
        day += timedelta(days=1)
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC) + timedelta(days=days)


def night(moment):
    """One night's erasure."""
    with clock_at(moment):
        return retention.erase_expired(moment)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2028, 3, 31), 1, date(2028, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 12, 31), 12, date(2025, 12, 31)),
        (date(2026, 11, 21), 18, date(2025, 5, 21)),
        (date(2026, 5, 21), 0, date(2026, 5, 21)),
    ],
)
def test_months_are_counted_on_the_calendar(day, months, before):
    assert retention.months_before(day, months) == before


def test_day_on_which_it_is_over():
    booking = ended()
    assert night(moment_after(booking, 6, days=0)) == 0
    assert night(moment_after(booking, 6, days=1)) == 1
    assert fresh(booking).is_erased


def test_without_a_number_it_is_kept_for_ever():
    booking = ended(months=None)
    assert night(timezone.now() + timedelta(days=36500)) == 0
    assert not fresh(booking).is_erased


def test_worker_says_why_in_the_history():
    booking = ended()
    later = moment_after(booking, 6, days=1)
    with audit.acting(audit.Actor(kind=audit.ActorKind.WORKER)):
        assert night(later) == 1
    row = booking.history.first()
    assert (row.transition, row.actor_kind, row.history_user) == ("anonymise", "worker", None)
    assert row.history_change_reason == "Liffey keeps guests' data for 6 months after check-out."


def test_what_has_not_ended_or_is_not_at_rest_stays(stripe_simulator):
    going_on = confirmed(stripe_simulator, in_hotel())
    disputed = ended()
    disputed.payments.create(amount=1, currency="EUR", is_disputed=True)
    before = rows()
    assert night(timezone.now() + timedelta(days=3650)) == 0
    assert rows() == before
    assert not fresh(going_on).is_erased


def test_second_night_does_nothing():
    booking = ended()
    later = moment_after(booking, 6, days=1)
    night(later)
    before = rows()
    assert night(later + timedelta(days=1)) == 0
    assert rows() == before


def test_one_that_breaks_stops_no_other(monkeypatch):
    broken, other = ended(), ended()
    whole = erasure.forget

    def forget(booking, *, reason):
        if booking.pk == broken.pk:
            raise LookupError
        whole(booking, reason=reason)

    monkeypatch.setattr(erasure, "forget", forget)
    assert night(timezone.now() + timedelta(days=3650)) == 1
    assert [fresh(each).is_erased for each in (broken, other)] == [False, True]


def test_chore_erases_at_night():
    booking = ended()
    later = timezone.now() + timedelta(days=3650)
    Chore.objects.create(name="erase", next_at=later)
    (plan,) = (plan for plan in chores.PLANS if plan.name == "erase")
    with clock_at(later):
        assert chores.done(plan, later)
    assert fresh(booking).is_erased
    assert Chore.objects.get().next_at.hour == 3


def test_dry_run_says_what_it_would_do_and_changes_nothing(capsys, stripe_simulator):
    booking, going_on = ended(), confirmed(stripe_simulator, in_hotel())
    before = rows()
    with clock_at(timezone.now() + timedelta(days=3650)):
        call_command("erase_expired_guests", "--dry-run")
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"{booking.booking_id} at Liffey, checked out {booking.check_out}: would be erased"
    assert told[1].startswith(f"{going_on.booking_id} at Liffey, checked out {going_on.check_out}: This booking was")
    assert rows() == before


def test_command_does_it_by_hand(capsys):
    booking = ended()
    with clock_at(timezone.now() + timedelta(days=3650)):
        call_command("erase_expired_guests")
    assert capsys.readouterr().out == "1 guest erased\n"
    assert booking.history.first().actor_kind == "command"


@pytest.mark.parametrize(("months", "fine"), [(None, True), (1, True), (600, True), (0, False), (601, False)])
def test_months_are_validated(months, fine):
    hotel = HotelFactory(retention_months=months)
    if fine:
        hotel.full_clean()
    else:
        with pytest.raises(ValidationError, match="retention_months"):
            hotel.full_clean()
    assert Booking.objects.count() == 0
