"""The stay as a calendar file (RFC 5545): on the hotel's clock, and always the same event, whatever happens to it."""

from datetime import date, datetime
from email.utils import parseaddr
from typing import Final

from django.conf import settings
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from bookings.models import Booking, Message
from cancellations import wording

MAKER: Final = "-//Innkeep//Booking//EN"
# How an event is handed on (RFC 5546): to be kept by its guest, to be taken out again, to be looked at.
REQUEST: Final = "REQUEST"
CANCEL: Final = "CANCEL"
PUBLISH: Final = "PUBLISH"


def invitation(booking: Booking, *, now: datetime) -> str:
    """Return the stay for the guest's calendar; a later one replaces it."""
    return written(booking, REQUEST, sequence=number_of_mailed(booking), now=now)


def withdrawal(booking: Booking, *, now: datetime) -> str:
    """Return what takes the stay out of the guest's calendar; nothing if it was never put in."""
    before = number_of_mailed(booking)
    return written(booking, CANCEL, sequence=before, now=now) if before else ""


def download(booking: Booking, *, now: datetime) -> str:
    """Return the stay as the last mail had it, without its guest."""
    return written(booking, PUBLISH, sequence=max(0, number_of_mailed(booking) - 1), now=now)


def number_of_mailed(booking: Booking) -> int:
    """Return how many calendar files were queued for the booking: each has a higher number than the one before."""
    return Message.objects.filter(booking=booking).exclude(calendar="").count()


def written(booking: Booking, method: str, *, sequence: int, now: datetime) -> str:
    """Return the whole file, with the rules of the hotel's time zone around the stay."""
    file = Calendar()
    file.add("prodid", MAKER)
    file.add("version", "2.0")
    file.add("method", method)
    file.add_component(event(booking, method, sequence=sequence, now=now))
    file.add_missing_timezones(date(booking.check_in.year - 1, 1, 1), date(booking.check_out.year + 2, 1, 1))
    return file.to_ical().decode()


def event(booking: Booking, method: str, *, sequence: int, now: datetime) -> Event:
    """Return the stay as an event; its id never changes."""
    hotel, found = booking.hotel, Event()
    found.add("uid", f"booking-{booking.booking_id}@innkeep")
    found.add("sequence", sequence)
    found.add("dtstamp", now)
    found.add("dtstart", hotel.check_in_moment(booking.check_in))
    found.add("dtend", hotel.check_out_moment(booking.check_out))
    found.add("summary", summary(booking))
    found.add("location", ", ".join(part for part in (hotel.name, hotel.address) if part))
    found.add("description", description(booking))
    found.add("contact", ", ".join(part for part in (hotel.name, hotel.contact_phone, hotel.contact_email) if part))
    found.add("url", f"{settings.SITE_URL}/booking/")
    found.add("status", "CANCELLED" if method == CANCEL else "CONFIRMED")
    # A stay leaves the guest's own hours free.
    found.add("transp", "TRANSPARENT")
    found.add("organizer", organizer(booking), encode=False)
    if method != PUBLISH:
        found.add("attendee", attendee(booking), encode=False)
    return found


def summary(booking: Booking) -> str:
    """Return the event's title."""
    said = {"hotel": booking.hotel.name, "room": booking.room_type.name}
    return _("%(hotel)s: %(room)s") % said


def description(booking: Booking) -> str:
    """Return what a guest wants to know at the door, with the times on the hotel's clock."""
    hotel = booking.hotel
    lines = [
        _("Booking %(reference)s") % {"reference": booking.booking_id},
        _("Check-in from %(when)s") % {"when": wording.moment(hotel.check_in_moment(booking.check_in), hotel)},
        _("Check-out until %(when)s") % {"when": wording.moment(hotel.check_out_moment(booking.check_out), hotel)},
        *(part for part in (hotel.contact_phone, hotel.contact_email) if part),
    ]
    return "\n".join(lines)


def organizer(booking: Booking) -> vCalAddress:
    """Return the hotel; the sender of its mails where it has no address of its own."""
    address = vCalAddress(f"mailto:{booking.hotel.contact_email or parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}")
    address.params["CN"] = vText(booking.hotel.name)
    return address


def attendee(booking: Booking) -> vCalAddress:
    """Return the guest, who has accepted already: nobody waits for an answer."""
    address = vCalAddress(f"mailto:{booking.guest_email}")
    address.params["CN"] = vText(booking.guest_name)
    address.params["PARTSTAT"] = vText("ACCEPTED")
    address.params["RSVP"] = vText("FALSE")
    return address
