"""Asking for a link: stored as it is, looked up by the worker, throttled alike for hit and miss."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import audit
from bookings.audit import Actor, ActorKind
from cancellations import identity, links, throttle, tokens
from cancellations.models import LinkRequest, ManagementToken
from payments import decisions
from tests.factories import BookingFactory
from tests.stays import clock_at, mails, submitted

pytestmark = pytest.mark.django_db


def ask(reference, contact, ip="198.51.100.1"):
    with audit.acting(Actor(ActorKind.GUEST, ip=ip)):
        identity.ask_for_link(reference, contact)


def answered():
    return links.answer_requests(timezone.now())


@pytest.mark.parametrize(
    "contact",
    ["ada@guest.example", " ADA@Guest.Example ", "+353 86 555 0123", "086 5550123", "00353865550123"],
)
def test_a_match_mails_a_link_for_a_day(contact):
    booking = submitted()
    ask(booking.booking_id.lower(), contact)
    assert answered() == 1
    token = ManagementToken.objects.order_by("pk").last()
    assert mails(booking) == ["pay_link", "management_link"]
    assert timedelta(hours=23, minutes=59) < token.expires_at - timezone.now() <= timedelta(hours=24)
    assert tokens.find(tokens.reveal(token), at=timezone.now()).booking == booking
    assert tokens.find(tokens.reveal(token), at=token.expires_at) is None


@pytest.mark.parametrize("contact", ["eve@guest.example", "", "0123", "+353 86 555 0124", "ada@guest.example.org"])
def test_another_contact_mails_nothing(contact):
    booking = submitted()
    ask(booking.booking_id, contact)
    assert answered() == 1
    assert mails(booking) == ["pay_link"]


def test_drafts_and_deleted_bookings_count_as_not_there():
    draft, deleted = BookingFactory(), BookingFactory()
    decisions.soft_delete(deleted, reason="x")
    for booking in (draft, deleted):
        ask(booking.booking_id, booking.guest_email)
    assert answered() == 2
    assert mails(draft) + mails(deleted) == []


def test_at_most_three_mails_an_hour_for_a_booking():
    booking = submitted()
    for number in range(5):
        ask(booking.booking_id, booking.guest_email, ip=f"198.51.100.{number}")
    answered()
    assert mails(booking).count("management_link") == 3


@pytest.mark.parametrize("exists", [True, False])
def test_a_reference_is_throttled_whether_it_exists_or_not(exists):
    reference = submitted().booking_id if exists else "NOSUCHBOOK"
    for number in range(throttle.TRIES_PER_REFERENCE):
        ask(reference, "eve@guest.example", ip=f"198.51.100.{number}")
    with pytest.raises(throttle.TooManyRequests) as refusal:
        ask(reference, "eve@guest.example", ip="198.51.100.99")
    assert 0 < refusal.value.retry_after <= 3601
    assert LinkRequest.objects.count() == throttle.TRIES_PER_REFERENCE


def test_an_address_is_throttled():
    for number in range(throttle.TRIES_PER_ADDRESS):
        ask(f"REFERENCE{number}", "eve@guest.example")
    with pytest.raises(throttle.TooManyRequests):
        ask("ANOTHER", "eve@guest.example")
    ask("ANOTHER", "eve@guest.example", ip="198.51.100.2")


def test_throttle_ends_after_an_hour():
    for _ in range(throttle.TRIES_PER_REFERENCE):
        ask("REFERENCE", "eve@guest.example")
    with clock_at(timezone.now() + timedelta(hours=1, seconds=1)):
        ask("REFERENCE", "eve@guest.example")


def test_revoked_and_unknown_keys_find_nothing():
    booking = submitted()
    token = ManagementToken.objects.get(booking=booking)
    key = tokens.reveal(token)
    assert tokens.find(key, at=timezone.now()) == token
    assert tokens.find(key[:-1], at=timezone.now()) is None
    token.revoked_at = timezone.now()
    token.save()
    assert tokens.find(key, at=timezone.now()) is None
