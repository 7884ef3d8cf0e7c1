"""A match of reference and contact, where the hotel takes one as proof."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bookings import audit
from bookings.audit import Actor, ActorKind
from bookings.models import Hotel
from cancellations import identity, links, throttle
from cancellations.models import LinkRequest
from payments import decisions
from tests.factories import BookingFactory
from tests.stays import mails, submitted

pytestmark = pytest.mark.django_db


def in_match_hotel(**fields):
    """A submitted booking of a hotel that takes a match."""
    return submitted(room__room_type__hotel__guest_verification="match", **fields)


def find(reference, contact="ada@guest.example", ip="198.51.100.1"):
    with audit.acting(Actor(ActorKind.GUEST, ip=ip)):
        return identity.find_by_contact(reference, contact)


@pytest.mark.parametrize("contact", [" ADA@guest.example", "+353 86 555 0123", "086 5550123"])
def test_the_contact_of_the_booking_finds_it_and_asks_for_no_link(contact):
    booking = in_match_hotel()
    assert find(f" {booking.booking_id.lower()} ", contact) == booking
    assert not LinkRequest.objects.exists()


def test_everything_else_is_none_for_the_same_queries():
    booking, by_link = in_match_hotel(), submitted()
    draft, deleted = BookingFactory(), BookingFactory()
    Hotel.objects.filter(pk__in=[draft.hotel_id, deleted.hotel_id]).update(guest_verification="match")
    decisions.soft_delete(deleted, reason="x")
    told = []
    for reference, contact in (
        (booking.booking_id, "eve@guest.example"),
        (by_link.booking_id, by_link.guest_email),
        (by_link.booking_id, "eve@guest.example"),
        (draft.booking_id, draft.guest_email),
        (deleted.booking_id, deleted.guest_email),
        ("NOSUCHONE2", "eve@guest.example"),
    ):
        with CaptureQueriesContext(connection) as queries:
            found = find(reference, contact)
        told.append((found, len(queries)))
    assert told == [(None, 7)] * 6


def test_the_worker_mails_a_link_where_a_match_is_not_enough():
    booking = submitted()
    find(booking.booking_id)
    links.answer_requests(timezone.now())
    assert mails(booking) == ["pay_link", "management_link"]


def test_right_and_wrong_contacts_are_throttled_alike():
    booking = in_match_hotel()
    for number in range(throttle.TRIES_PER_REFERENCE):
        find(booking.booking_id, f"eve{number}@guest.example", ip=f"203.0.113.{number}")
    for contact in ("ada@guest.example", "eve@guest.example"):
        with pytest.raises(throttle.TooManyRequests):
            find(booking.booking_id, contact, ip="203.0.113.99")


@pytest.mark.parametrize("between", ["-", " ", " - ", "\u2011", "\u2013", "\xa0"])
def test_reference_is_found_with_spaces_and_dashes_between_its_parts(between):
    booking, by_link = in_match_hotel(), submitted()
    typed = [
        between.join((each.booking_id[:4].lower(), each.booking_id[4:8], each.booking_id[8:]))
        for each in (booking, by_link)
    ]
    assert find(typed[0]) == booking
    identity.ask_for_link(typed[1], "ada@guest.example")
    assert LinkRequest.objects.get().reference == by_link.booking_id
    links.answer_requests(timezone.now())
    assert mails(by_link) == ["pay_link", "management_link"]
