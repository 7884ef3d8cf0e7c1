"""Which transition a booking allows in which state, written out by hand; and what guards the state itself."""

import pytest
from django.db import IntegrityError, transaction
from django_fsm import ConcurrentTransition, can_proceed

from bookings.models import Booking
from tests.factories import BookingFactory
from tests.stays import fresh, submitted

pytestmark = pytest.mark.django_db

ALLOWED = {
    "DRAFT": {"submit", "cancel"},
    "PENDING_PAYMENT": {"authorize", "confirm_paid", "cancel", "expire"},
    "PENDING_APPROVAL": {"confirm_paid", "approve", "decline", "cancel", "expire"},
    "CONFIRMED": {"cancel", "complete", "mark_no_show", "mark_paid"},
    "COMPLETED": {"mark_paid"},
    "DECLINED": set(),
    "CANCELLED": set(),
    "EXPIRED": set(),
    "NO_SHOW": {"mark_paid"},
}
TRANSITIONS = (
    "submit",
    "authorize",
    "confirm_paid",
    "approve",
    "decline",
    "cancel",
    "expire",
    "complete",
    "mark_no_show",
    "mark_paid",
)


@pytest.mark.parametrize("status", ALLOWED)
def test_each_status_allows_exactly_its_transitions(status):
    booking = Booking(status=status)
    assert {name for name in TRANSITIONS if can_proceed(getattr(booking, name))} == ALLOWED[status]


@pytest.mark.parametrize(("state", "allowed"), [("ACTIVE", "soft_delete"), ("DELETED", "restore")])
def test_each_record_state_allows_one_transition(state, allowed):
    booking = Booking(record_state=state)
    names = ("soft_delete", "restore")
    assert [name for name in names if can_proceed(getattr(booking, name))] == [allowed]


@pytest.mark.parametrize("field", ["status", "record_state"])
def test_no_code_assigns_a_state(field):
    booking = BookingFactory()
    with pytest.raises(AttributeError):
        setattr(booking, field, "CONFIRMED")


def test_a_refreshed_booking_has_the_stored_state():
    stale = BookingFactory()
    submitted(stale)
    stale.refresh_from_db()
    assert stale.status == "PENDING_PAYMENT"


def test_saving_a_stale_booking_raises_and_changes_nothing():
    booking = BookingFactory()
    stale = Booking.objects.get(pk=booking.pk)
    submitted(booking)
    stale.guest_name = "Somebody else"
    with pytest.raises(ConcurrentTransition), transaction.atomic():
        stale.save()
    assert (fresh(booking).status, fresh(booking).guest_name) == ("PENDING_PAYMENT", "Ada Guest")


def test_a_stay_has_at_least_one_night():
    booking = BookingFactory.build(room=None, room_type=None, hotel=None, currency="EUR")
    saved = BookingFactory()
    saved.check_out = saved.check_in
    with pytest.raises(IntegrityError), transaction.atomic():
        saved.save()
    assert booking.nights == 2
