"""The stay in the guest's calendar: put in by the confirmation, taken out by the cancellation, or downloaded."""

import pytest
from django.utils import timezone
from icalendar import Calendar

from bookings import outbox
from bookings.models import Message
from cancellations import cancel
from payments import decisions
from tests.factories import BookingFactory
from tests.guest.browser import opened, rows
from tests.stays import by_staff, confirmed, guest_cancels, paid, submitted

pytestmark = pytest.mark.django_db


def attached(server, subject):
    """The calendar file of the mail that the server received, and how the mail labels it."""
    outbox.deliver_due(timezone.now())
    mail = next(mail for mail in server.messages if mail["Subject"].startswith(subject))
    (part,) = mail.iter_attachments()
    label = part["Content-Type"].params
    assert (part.get_content_type(), part.get_filename(), label["charset"]) == (
        "text/calendar",
        "booking.ics",
        "utf-8",
    )
    file = Calendar.from_ical(part.get_content())
    assert label["method"] == file["METHOD"]
    return file, file.walk("VEVENT")[0]


@pytest.mark.parametrize("by", [guest_cancels, lambda booking: cancel.cancel_booking(booking, reason="Flood")])
def test_the_cancellation_takes_out_what_the_confirmation_put_in(stripe_simulator, smtp_server, by):
    booking = confirmed(stripe_simulator, BookingFactory(guest_name="Ada Müller"))
    request, before = attached(smtp_server, "Booking Confirmed")
    with by_staff():
        by(booking)
    withdrawal, after = attached(smtp_server, "Booking Cancelled")
    assert (request["METHOD"], before["STATUS"], before["SEQUENCE"]) == ("REQUEST", "CONFIRMED", 0)
    assert (withdrawal["METHOD"], after["STATUS"], after["SEQUENCE"]) == ("CANCEL", "CANCELLED", 1)
    assert before["UID"] == after["UID"] == f"booking-{booking.booking_id}@innkeep"
    assert booking.check_in_moment == before.DTSTART
    assert booking.hotel.check_out_moment(booking.check_out) == before.DTEND
    assert before["ATTENDEE"].params["CN"] == "Ada Müller"


def test_the_file_is_what_was_queued_whatever_changes_before_the_mail_leaves(stripe_simulator, smtp_server):
    booking = confirmed(stripe_simulator)
    stored = Message.objects.get(kind="approved").calendar
    booking.hotel.check_in_time = "18:00"
    booking.hotel.save()
    _, event = attached(smtp_server, "Booking Confirmed")
    assert event.DTSTART.hour == 15
    assert f"{event.DTSTART:%Y%m%dT150000}" in stored


def test_what_was_never_confirmed_has_no_file(stripe_simulator):
    booking = paid(stripe_simulator)
    with by_staff():
        decisions.decline(booking, reason="Full")
    guest_cancels(paid(stripe_simulator))
    assert set(Message.objects.values_list("calendar", flat=True)) == {""}


def test_the_guest_s_page_offers_the_file_of_a_confirmed_stay(stripe_simulator):
    booking = confirmed(stripe_simulator)
    browser = opened(booking)
    assert 'href="/booking/manage/calendar/"' in browser.get("/booking/manage/").content.decode()
    before = rows()
    answer = browser.get("/booking/manage/calendar/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Content-Disposition"] == f'attachment; filename="{booking.booking_id}.ics"'
    file = Calendar.from_ical(answer.content.decode())
    event = file.walk("VEVENT")[0]
    assert (file["METHOD"], event["SEQUENCE"], event["STATUS"]) == ("PUBLISH", 0, "CONFIRMED")
    assert "ATTENDEE" not in event
    assert rows() == before


def test_no_file_for_a_stay_that_is_not_confirmed(stripe_simulator):
    browser = opened(submitted())
    assert "calendar" not in browser.get("/booking/manage/").content.decode()
    answer = browser.get("/booking/manage/calendar/")
    assert (answer.status_code, answer["Location"]) == (303, "/booking/manage/")
