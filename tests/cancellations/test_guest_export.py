"""The guest's own data as one document: what is in it, what is not, and that every export is recorded."""

import json

import pytest
from django.utils import timezone

from bookings.refusals import Refused
from cancellations import erasure, guest_export
from payments import decisions
from tests.cancellations import canary
from tests.factories import BookingFactory, UserFactory
from tests.guest.browser import link_of, rows
from tests.stays import by_staff, fresh, submitted, transitions

pytestmark = pytest.mark.django_db

SHAPE = {
    *("reference", "hotel", "status", "is_deleted", "booked_at", "guest", "stay", "price", "terms", "cancellation"),
    *("payments", "history", "mails", "links", "link_requests", "devices"),
}


def exported(booking, user=None):
    """The document, parsed, and its text."""
    with by_staff():
        name, text = guest_export.export_guest(booking, user=user or UserFactory(role="owner"))
    assert name == f"guest-data-{booking.booking_id}.json"
    return json.loads(text), text


@pytest.fixture
def ended(stripe_simulator, smtp_server):
    """The marked booking after its whole life."""
    booking = canary.draft()
    canary.live(stripe_simulator, booking)
    return fresh(booking)


def test_everything_about_a_whole_life(ended):
    said, _ = exported(ended)
    assert (said["version"], set(said), set(said["bookings"][0])) == (
        1,
        {"version", "exported_at", "guest", "bookings"},
        SHAPE,
    )
    assert said["guest"] == {
        "names": [canary.NAME],
        "emails": [canary.EARLIER, canary.MAIL],
        "phones": [canary.PHONE],
    }
    (told,) = said["bookings"]
    assert told["price"] == {"amount": "340.00", "currency": "EUR"}
    assert told["cancellation"]["reason"] == canary.REASON
    assert told["cancellation"]["fee"] == {"amount": "170.00", "currency": "EUR"}
    (payment,) = told["payments"]
    assert payment["captured"] == {"amount": "340.00", "currency": "EUR"}
    assert {refund["amount"]["amount"] for refund in payment["refunds"]} == {"50.00", "120.00"}
    assert payment["disputes"][0]["status"] == "Won"
    assert {link["ip"] for link in told["links"]} >= {canary.ADDRESS}
    assert {step["user_agent"] for step in told["devices"]} == {canary.AGENT}
    assert len(told["mails"]) == ended.messages.filter(to__in=(canary.EARLIER, canary.MAIL)).count() > 4
    assert canary.MAIL.upper() in {request["contact"] for request in told["link_requests"]}
    assert {"booking: cancel", "booking: approve", "payment: capture"} <= {row["what"] for row in told["history"]}


def test_times_have_a_zone(ended):
    (told,) = exported(ended)[0]["bookings"]
    times = [row["at"] for row in told["history"]] + [told["booked_at"], told["stay"]["check_in"]]
    assert all(timezone.datetime.fromisoformat(each).utcoffset() is not None for each in times)


def test_nothing_opens_a_page_or_names_staff(ended):
    _, text = exported(ended)
    opened = ("ikg_", "/booking/manage/", "innkeep:personal-link", "client_secret", ended.payments.get().session_url)
    assert [each for each in opened if each and each in text] == []
    assert "Byrne" not in text


def test_text_of_a_guest_is_no_page():
    booking = submitted(guest_name="<script>alert(1)</script>", notes="=1+1 & more")
    said, text = exported(booking)
    assert said["bookings"][0]["guest"]["name"] == "<script>alert(1)</script>"
    assert [each for each in "<>&" if each in text] == []


def test_every_booking_in_it_records_the_export():
    booking, other = submitted(), submitted(guest_email="ADA@guest.example")
    stranger = submitted(guest_email="ben@guest.example")
    said, _ = exported(booking)
    assert [each["reference"] for each in said["bookings"]] == [booking.booking_id, other.booking_id]
    assert [transitions(each)[-1] for each in (booking, other, stranger)] == [
        "export_guest",
        "export_guest",
        "submit",
    ]


def test_only_the_hotels_that_the_person_sees():
    booking, away = submitted(), submitted()
    person = UserFactory(role="Manager", hotels=[booking.hotel])
    said, text = exported(booking, person)
    assert [each["reference"] for each in said["bookings"]] == [booking.booking_id]
    assert (away.booking_id in text, transitions(away)) == (False, ["submit"])


def test_hidden_bookings_and_drafts_are_held_too():
    booking, draft = BookingFactory(), BookingFactory()
    with by_staff():
        decisions.soft_delete(draft, reason="x")
    said, _ = exported(booking)
    assert [(each["status"], each["is_deleted"]) for each in said["bookings"]] == [("DRAFT", False), ("DRAFT", True)]


def test_of_an_erased_guest_there_is_nothing():
    booking = BookingFactory()
    link_of(booking)
    owner = UserFactory(role="owner")
    with by_staff():
        decisions.soft_delete(booking, reason="x")
        erasure.erase(booking, reason="x")
        before = rows()
        with pytest.raises(Refused, match="The guest's data was erased on"):
            guest_export.export_guest(booking, user=owner)
    assert rows() == before
