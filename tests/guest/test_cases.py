"""Cases of the guest's page that need their exact words: deadlines, states, and what a deadline does not bind."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import signing

from bookings.models import Booking
from bookings.refusals import Refused
from cancellations import cancel
from cancellations.models import ManagementToken
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory
from tests.guest.browser import opened, quote_in, rows, text_of
from tests.stays import by_guest, clock_at, confirmed, fresh, paid, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]

PAGE = "/booking/manage/cancel/"


def in_new_york(**fields):
    """A draft for 14 March 2027, the day on which the clocks go forward there."""
    hotel = HotelFactory(name="Hudson Inn", time_zone="America/New_York")
    room = RoomFactory(room_type=RoomTypeFactory(hotel=hotel))
    return BookingFactory(room=room, check_in=date(2027, 3, 14), check_out=date(2027, 3, 16), **fields)


def late(booking):
    """A browser that opened its link in time, and a moment 23 hours before check-in."""
    moment = booking.check_in_moment.astimezone(UTC) - timedelta(hours=23)
    browser = opened(booking)
    ManagementToken.objects.update(expires_at=moment + timedelta(days=30))
    return browser, moment


def test_a_missed_deadline_is_told_with_all_its_times_on_the_hotel_s_clock(stripe_simulator):
    booking = confirmed(stripe_simulator, in_new_york())
    browser, moment = late(booking)
    before = rows()
    with clock_at(moment):
        for answer in (browser.get(PAGE), browser.post(PAGE)):
            shown = text_of(answer)
            assert answer.status_code == 409
            for words in (
                "<h1>Cancellation deadline has passed</h1>",
                "nothing has changed",
                # 24 hours of the clock on the wall that had an hour less.
                "Deadline</dt><dd>Sat 13 Mar, 14:00 (New York)",
                "Check-in</dt><dd>Sun 14 Mar, 15:00 (New York)",
                "Now</dt><dd>Sat 13 Mar, 15:00 (New York)",
                "Full refund until 14 days before check-in, half until 7 days, none after.",
                'href="tel:+35315550100"',
                'href="mailto:desk@hotel.example"',
                "All times are those of New York (America/New_York).",
            ):
                assert words in shown
    assert rows() == before


def test_a_missed_deadline_names_policy_times_and_contact_to_programs(stripe_simulator):
    booking = confirmed(stripe_simulator, in_new_york())
    moment = datetime(2027, 3, 14, 12, tzinfo=UTC)
    with clock_at(moment), by_guest(), pytest.raises(Refused) as refusal:
        cancel.cancel_booking(booking, reason="")
    assert (refusal.value.message, refusal.value.code) == ("Cancellation deadline has passed", "ERR_DEADLINE")
    assert refusal.value.extra == {
        "policy": "Full refund until 14 days before check-in, half until 7 days, none after.",
        "session_time": "2027-03-14T15:00:00-04:00",
        "current_time": "2027-03-14T08:00:00-04:00",
        "contact_info": {"hotel": "Hudson Inn", "email": "desk@hotel.example", "phone": "+353 1 555 0100"},
    }


@pytest.mark.parametrize("state", [paid, lambda _, booking: submitted(booking)])
def test_the_deadline_binds_confirmed_bookings_only(stripe_simulator, state):
    booking = state(stripe_simulator, in_new_york())
    browser, moment = late(booking)
    with clock_at(moment):
        asked = browser.get(PAGE)
        assert "Not confirmed yet: cancelling is free." in text_of(asked)
        assert browser.post(PAGE, {"quote": quote_in(asked)}).status_code == 303
    assert (fresh(booking).status, fresh(booking).cancellation_fee) == ("CANCELLED", 0)


def test_nobody_arrived(stripe_simulator):
    booking = confirmed(stripe_simulator)
    browser = opened(booking)
    Booking.objects.filter(pk=booking.pk).update(status="NO_SHOW")
    before = rows()
    for answer in (browser.get(PAGE), browser.post(PAGE)):
        assert answer.status_code == 409
        assert "The hotel noted that nobody arrived, so this booking can no longer be cancelled." in text_of(answer)
        assert "desk@hotel.example" in text_of(answer)
    assert "Recorded as not arrived" in text_of(browser.get("/booking/manage/"))
    assert rows() == before


def test_amounts_from_a_form_are_never_read(stripe_simulator):
    booking = confirmed(stripe_simulator, in_new_york())
    browser = opened(booking)
    with clock_at(datetime(2027, 3, 4, tzinfo=UTC)):
        ManagementToken.objects.update(expires_at=datetime(2027, 3, 20, tzinfo=UTC))
        said = {"booking": booking.booking_id, "fee": 0, "refund": 34000, "paid": 34000}
        forged = signing.dumps(said, salt="cancellations.quote", key="another secret")
        typed = {"fee": "0", "refund": "34000", "refund_amount": "34000", "amount": "340.00"}
        assert browser.post(PAGE, {"quote": forged, **typed}).status_code == 409
        browser.post(PAGE, {"quote": quote_in(browser.get(PAGE)), **typed})
    assert (fresh(booking).cancellation_fee, fresh(booking).refund_amount) == (17000, 17000)
