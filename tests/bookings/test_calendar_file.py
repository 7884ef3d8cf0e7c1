"""Calendar files: one event for each booking, on the hotel's clock, also across a change of the clocks."""

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar

from bookings import calendar_file
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def stay(zone="Europe/Dublin", check_in=date(2026, 3, 28), nights=2, **hotel):
    """A booking of some nights in a hotel somewhere."""
    found = HotelFactory(time_zone=zone, name="Harbour; House, \\ West", address="1 Quay St, Dublin", **hotel)
    room = RoomFactory(room_type=RoomTypeFactory(hotel=found, name="Double"))
    return BookingFactory(room=room, check_in=check_in, check_out=check_in + timedelta(days=nights))


def parsed(text):
    """The file and its one event, as a calendar program reads them."""
    file = Calendar.from_ical(text)
    assert all(len(line.encode()) <= 75 for line in text.splitlines())
    assert "\n" not in text.replace("\r\n", "")
    (event,) = file.walk("VEVENT")
    return file, event


@pytest.mark.parametrize(
    ("zone", "check_in", "starts", "ends"),
    [
        # The clocks go forward, or back, during the stay.
        ("Europe/Dublin", date(2026, 3, 28), "2026-03-28T15:00+00:00", "2026-03-30T10:00+00:00"),
        ("Europe/Dublin", date(2026, 10, 24), "2026-10-24T14:00+00:00", "2026-10-26T11:00+00:00"),
        ("America/New_York", date(2027, 3, 13), "2027-03-13T20:00+00:00", "2027-03-15T15:00+00:00"),
        ("Australia/Lord_Howe", date(2026, 10, 3), "2026-10-03T04:30+00:00", "2026-10-05T00:00+00:00"),
        ("Asia/Tokyo", date(2026, 12, 31), "2026-12-31T06:00+00:00", "2027-01-02T02:00+00:00"),
        ("Europe/Dublin", date(2044, 7, 1), "2044-07-01T14:00+00:00", "2044-07-03T10:00+00:00"),
    ],
)
def test_times_are_the_hotel_s_with_the_rules_of_its_zone(zone, check_in, starts, ends):
    file, event = parsed(calendar_file.invitation(stay(zone, check_in), now=NOW))
    assert (event["DTSTART"].params["TZID"], event["DTEND"].params["TZID"]) == (zone, zone)
    assert event.DTSTART.astimezone(UTC) == datetime.fromisoformat(starts)
    assert event.DTEND.astimezone(UTC) == datetime.fromisoformat(ends)
    (rules,) = file.walk("VTIMEZONE")
    assert rules.tz_name == zone
    # A program that knows no zone names goes by the file's own rules.
    own = rules.to_tz(lookup_tzid=False)
    for moment, written in ((event.DTSTART, starts), (event.DTEND, ends)):
        assert moment.replace(tzinfo=own).utcoffset() == moment.utcoffset(), written


def test_an_invitation_says_everything_and_asks_for_no_answer():
    booking = stay()
    file, event = parsed(calendar_file.invitation(booking, now=NOW))
    assert (file["METHOD"], file["VERSION"], event["STATUS"], event["SEQUENCE"]) == ("REQUEST", "2.0", "CONFIRMED", 0)
    assert event["UID"] == f"booking-{booking.booking_id}@innkeep"
    assert event["SUMMARY"] == "Harbour; House, \\ West: Double"
    assert event["LOCATION"] == "Harbour; House, \\ West, 1 Quay St, Dublin"
    assert event["CONTACT"] == "Harbour; House, \\ West, +353 1 555 0100, desk@hotel.example"
    assert event["DESCRIPTION"].splitlines() == [
        f"Booking {booking.booking_id}",
        "Check-in from Sat 28 Mar, 15:00 (Dublin)",
        "Check-out until Mon 30 Mar, 11:00 (Dublin)",
        "+353 1 555 0100",
        "desk@hotel.example",
    ]
    assert (event["ORGANIZER"], event["ATTENDEE"]) == ("mailto:desk@hotel.example", "mailto:ada@guest.example")
    assert (event["ATTENDEE"].params["PARTSTAT"], event["ATTENDEE"].params["RSVP"]) == ("ACCEPTED", "FALSE")
    assert event.DTSTAMP == NOW


def test_a_hotel_without_an_address_is_named_by_the_sender_of_its_mails():
    _, event = parsed(calendar_file.invitation(stay(contact_email="", contact_phone=""), now=NOW))
    assert event["ORGANIZER"] == "mailto:desk@example.com"
    assert event["CONTACT"] == "Harbour; House, \\ West"


def test_what_was_never_sent_is_not_withdrawn():
    assert calendar_file.withdrawal(stay(), now=NOW) == ""


def test_a_guest_s_name_cannot_add_lines():
    booking = stay()
    booking.guest_name = 'Ada"\r\nSTATUS:CANCELLED\r\nX:'
    text = calendar_file.invitation(booking, now=NOW)
    assert "\r\nSTATUS:CANCELLED" not in text
    assert parsed(text)[1]["STATUS"] == "CONFIRMED"
