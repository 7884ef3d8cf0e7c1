"""Deleting for good: what may go, what remains, and that no record of money is ever among it."""

import pytest

from bookings.models import Booking, Message
from bookings.refusals import Refused
from cancellations import cancel, erasure, hard_delete
from cancellations.models import LinkRequest, ManagementToken
from payments import decisions
from payments.models import Payment
from tests.cancellations import canary
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory
from tests.guest.browser import rows
from tests.stays import by_staff, fresh, submitted, with_page

pytestmark = pytest.mark.django_db


def in_hotel(**fields):
    """A draft in a hotel that deletes for good."""
    room = RoomFactory(room_type=RoomTypeFactory(hotel=HotelFactory(allow_admin_deletion=True)))
    return BookingFactory(room=room, **fields)


def deleted(booking=None, **fields):
    """An ended booking without money, hidden already."""
    booking = submitted(booking or in_hotel(payment_method="ARRIVAL", **fields))
    with by_staff():
        decisions.decline(booking, reason="Full")
        return decisions.soft_delete(booking, reason="Entered twice").booking


def removed(booking, **said):
    """Delete it for good."""
    with by_staff(UserFactory(role="owner", username="canberra")):
        return hard_delete.hard_delete(booking, **{"typed": booking.booking_id, "reason": "Entered twice", **said})


def refused(booking, words, **said):
    """It is refused in these words, and nothing moves."""
    owner = UserFactory(role="owner")
    before = rows()
    with by_staff(owner), pytest.raises(Refused, match=words):
        hard_delete.hard_delete(booking, **{"typed": booking.booking_id, "reason": "x", **said})
    assert rows() == before


def test_row_mails_and_links_go_and_its_history_stays():
    booking = deleted()
    LinkRequest.objects.create(reference=booking.booking_id, contact="somebody@guest.example")
    outcome = removed(booking)
    assert (outcome.state, outcome.booking.pk) == ("done", None)
    assert outcome.message == f"Booking {booking.booking_id} is deleted for good."
    left = (Booking.objects, Message.objects, ManagementToken.objects, LinkRequest.objects)
    assert [each.count() for each in left] == [0, 0, 0, 0]
    steps = Booking.history.order_by("history_id").values_list("transition", flat=True)
    assert list(steps) == ["", "submit", "decline", "soft_delete", "anonymise", "hard_delete"]


def test_last_row_says_who_when_why_and_what_but_not_for_whom():
    booking = deleted()
    removed(booking, reason="Ada Guest asked twice")
    row = Booking.history.get(history_type="-")
    assert (row.history_user.username, row.history_change_reason) == ("canberra", "[erased] asked twice")
    assert (row.booking_id, row.hotel_id, row.check_in) == (booking.booking_id, booking.hotel_id, booking.check_in)
    assert (row.total_amount, row.currency, row.status, row.ip) == (34000, "EUR", "DECLINED", "192.0.2.1")
    assert set(Booking.history.values_list("guest_name", "guest_email", "guest_phone")) == {("Erased guest", "", "")}


def test_no_mark_of_the_guest_is_left():
    marked = {"guest_name": canary.NAME, "guest_email": canary.MAIL, "guest_phone": canary.PHONE}
    booking = deleted(notes=canary.NOTES, **marked)
    assert canary.found()
    removed(booking)
    assert canary.found() == {}


def test_hotel_has_to_allow_it():
    booking = deleted()
    booking.hotel.allow_admin_deletion = False
    booking.hotel.save()
    refused(booking, "deletes nothing for good")


def test_it_has_to_be_deleted_first():
    refused(in_hotel(), "Delete the booking first")


@pytest.mark.parametrize(
    ("said", "words"),
    [({"typed": "ABC"}, "Type the reference"), ({"typed": ""}, "Type"), ({"reason": " "}, "reason")],
)
def test_confirmation_and_reason_are_checked_here(said, words):
    refused(deleted(), words, **said)


def test_reference_may_be_typed_in_small_letters():
    booking = deleted()
    assert removed(booking, typed=f" {booking.booking_id.lower()} ").state == "done"


def test_payment_that_was_only_begun_is_a_record_of_money(stripe_simulator):
    booking = with_page(in_hotel()).booking
    with by_staff():
        cancel.cancel_booking(booking, reason="Closed")
        decisions.soft_delete(fresh(booking), reason="x")
    refused(fresh(booking), r"A payment was begun .* Erase the guest's data instead")


def test_money_that_the_hotel_took_itself_is_one_too():
    booking = submitted(in_hotel(payment_method="ARRIVAL"))
    with by_staff():
        decisions.decline(booking, reason="Full")
        decisions.soft_delete(booking, reason="x")
    Payment.objects.create(booking=booking, provider="manual", amount=100, currency="EUR")
    refused(fresh(booking), "A payment was begun")


def test_second_press_says_already():
    booking = deleted()
    again = fresh(booking)
    removed(booking)
    owner = UserFactory(role="owner")
    before = rows()
    with by_staff(owner):
        outcome = hard_delete.hard_delete(again, typed=again.booking_id, reason="x")
    assert (outcome.state, rows() == before) == ("already", True)


def test_interrupted_it_leaves_everything(monkeypatch):
    booking = deleted()
    owner = UserFactory(role="owner")
    before = rows()
    monkeypatch.setattr(Booking, "delete", lambda self: 1 / 0)
    with by_staff(owner), pytest.raises(ZeroDivisionError):
        hard_delete.hard_delete(booking, typed=booking.booking_id, reason="x")
    assert rows() == before


def test_erased_before_it_can_be_deleted_too():
    booking = deleted()
    with by_staff():
        erasure.erase(booking, reason="x")
    assert removed(fresh(booking)).state == "done"
    assert Booking.objects.count() == 0
