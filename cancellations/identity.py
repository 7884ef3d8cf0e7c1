"""Who is this? A reference and the e-mail or phone of its booking, compared so that the answer tells nothing.

A hotel takes a match as proof enough to cancel, or it does not and a link is mailed. A stranger cannot tell which:
whatever does not match is answered like a booking that is not there.
"""

import re
from typing import Final

import structlog

from bookings import audit, search
from bookings.models import Booking, BookingStatus, GuestVerification
from bookings.models.booking import BookingQuerySet
from cancellations import throttle
from cancellations.models import LinkRequest

logger = structlog.get_logger(__name__)

REFERENCE_LENGTH: Final = 40
CONTACT_LENGTH: Final = 254
# The last nine digits tell a number apart with and without its country code.
DIGITS_COMPARED: Final = 9
FEWEST_DIGITS: Final = 7


def find_by_contact(reference: str, contact: str) -> Booking | None:
    """Return the booking if its hotel takes a match as proof and the contact is the booking's; else None.

    None means: answer "if it matches, we have sent a link", whatever the cause. The request is stored then, and the
    worker mails a link where one is due. Counts a try of the address that acts now and of the reference, existing or
    not; raises `throttle.TooManyRequests` for both alike. Every None takes the same queries.
    """
    reference = normalised(reference)
    throttle.count_try(reference=reference, ip=audit.current_actor().ip)
    booking = by_match(reference)
    if booking is not None and is_contact_of(booking, contact):
        return booking
    store_request(reference, contact)
    return None


def ask_for_link(reference: str, contact: str) -> None:
    """Store a request for a link, existing booking or not. Raises `throttle.TooManyRequests` for either alike."""
    reference = normalised(reference)
    throttle.count_try(reference=reference, ip=audit.current_actor().ip)
    store_request(reference, contact)


def store_request(reference: str, contact: str) -> None:
    """Keep what was asked for the worker to look up."""
    actor = audit.current_actor()
    request = LinkRequest.objects.create(
        reference=reference,
        contact=contact.strip()[:CONTACT_LENGTH],
        ip=actor.ip or None,
        user_agent=actor.user_agent,
        request_id=actor.request_id,
    )
    # Not even the reference: whoever types may type anything.
    audit.once_committed(logger.info, "link.requested", link_request=request.pk)


def by_match(reference: str) -> Booking | None:
    """Return the booking of a hotel that takes a match as proof, without any proof yet; None for all others."""
    verification = GuestVerification.MATCH
    return known_to_guests().filter(booking_id=normalised(reference), hotel__guest_verification=verification).first()


def known_to_guests() -> BookingQuerySet:
    """Return the bookings that exist for guests: drafts, deleted ones and those of erased guests do not."""
    found: BookingQuerySet = Booking.objects.active().select_related("hotel", "room_type", "room")
    return found.filter(guest_erased_at=None).exclude(status=BookingStatus.DRAFT)


def normalised(reference: str) -> str:
    """Return a reference as it is stored, however it was typed."""
    return search.reference(reference)[:REFERENCE_LENGTH]


def is_contact_of(booking: Booking, contact: str) -> bool:
    """Whether a contact is the booking's e-mail or phone number, however it was typed."""
    contact = contact.strip()
    if contact.casefold() == booking.guest_email.casefold():
        return True
    given, known = digits(contact), digits(booking.guest_phone)
    enough = min(len(given), len(known)) >= FEWEST_DIGITS
    return enough and given[-DIGITS_COMPARED:] == known[-DIGITS_COMPARED:]


def digits(number: str) -> str:
    """Return the digits of a phone number."""
    return re.sub(r"\D", "", number)
