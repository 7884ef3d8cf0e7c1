"""History can be read by people, and written by nobody."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings import audit
from bookings.audit import Actor, ActorKind
from bookings.models import Booking
from cancellations.models import CancellationTier
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import do, page, text
from tests.factories import UserFactory


def changed(booking: Booking, times: int = 1) -> Booking:
    """Change the guest's name a few times, by different people."""
    for number in range(times):
        person = UserFactory(first_name=f"Person {number}")
        with stays.by_staff(person):
            booking.guest_name = f"Name {number}"
            booking.save()
    return booking


@pytest.mark.parametrize("role", ["Front desk", "Manager", "Auditor", "owner"])
@pytest.mark.parametrize("whose", ["own", "foreign"])
def test_posting_to_a_version_changes_nothing(
    own: House, foreign: House, staff: Callable[[str], Client], role: str, whose: str
) -> None:
    booking = changed({"own": own, "foreign": foreign}[whose].booking(guest_name="Old"))
    version = booking.history.last()
    before = (Booking.objects.values().get(pk=booking.pk), Booking.history.count())
    data = {"guest_name": "Old", "guest_email": "x@y.example", "status": "CONFIRMED"}
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(staff(role), method)(page(booking, "simple_history", version.pk), data)
        assert answer.status_code in (404, 405)
    assert staff(role).post(page(booking, "history"), data).status_code in (404, 405)
    assert (Booking.objects.values().get(pk=booking.pk), Booking.history.count()) == before


def test_version_of_another_object_is_not_found(own: House, manager: Client) -> None:
    first, second = own.booking(0), own.booking(1)
    version = second.history.first()
    assert manager.get(page(first, "simple_history", version.pk)).status_code == 404
    assert manager.get(page(first, "simple_history", "x")).status_code == 404


def test_history_says_who_what_why_and_old_to_new(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    do(manager, booking, "decline", reason="No room available")
    (decline, *_) = manager.get(page(booking, "history")).context["rows"]
    assert (decline.what, decline.record.history_change_reason) == ("Decline", "No room available")
    assert decline.who.startswith("Nora Byrne")
    values = {change.label: (change.old, change.new) for change in decline.changes}
    assert values["Status"] == ("Needs approval", "Declined")
    assert "Updated at" not in values
    assert decline.at.endswith("Dublin")


@pytest.mark.parametrize("kind", [ActorKind.GUEST, ActorKind.STRIPE, ActorKind.WORKER, ActorKind.COMMAND])
def test_history_names_actors_that_are_no_staff(
    own: House, manager: Client, staff: Callable[[str], Client], kind: ActorKind
) -> None:
    booking = own.booking()
    with audit.acting(Actor(kind, None, "192.0.2.7", "x", "request-12345")):
        booking.notes = "x"
        booking.save()
    answer = manager.get(page(booking, "history"))
    assert answer.context["rows"][0].who == kind.label
    assert "192.0.2.7" in text(answer)
    assert "192.0.2.7" not in text(staff("Front desk").get(page(booking, "history")))
    assert "request-12345" in text(answer)


def test_history_query_count_does_not_grow(own: House, manager: Client) -> None:
    counts = []
    for times in (1, 6):
        booking = changed(own.booking(times % 4), times)
        manager.get(page(booking, "history"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            manager.get(page(booking, "history"))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_history_pages_compare_across_their_border(own: House, manager: Client) -> None:
    booking = changed(own.booking(), 60)
    first = manager.get(page(booking, "history")).context["rows"]
    assert len(first) == 50
    assert [(c.label, c.old, c.new) for c in first[-1].changes] == [("Guest name", "Name 9", "Name 10")]


def test_history_shows_amounts_with_currency(own: House, manager: Client) -> None:
    room_type = own.rooms[0].room_type
    room_type.nightly_rate = 18050
    room_type.save()
    (change,) = manager.get(page(room_type, "history")).context["rows"][0].changes
    assert (change.old, change.new) == ("€170.00", "€180.50")


def test_policy_history_holds_its_tiers(own: House, manager: Client) -> None:
    policy = own.hotel.policies.get()
    CancellationTier.objects.get(policy=policy, at_least=7).delete()
    rows = manager.get(page(policy, "history")).context["rows"]
    assert (rows[0].what, rows[0].subject) == ("Removed", "tier from 7 days")


def test_history_of_people_follows_their_hotels(own: House, staff: Callable[[str], Client]) -> None:
    person = UserFactory.create(role="Front desk", hotels=[])
    person.hotels.add(own.hotel)
    rows = staff("owner").get(page(person, "history")).context["rows"]
    assert ("Hotels", "–", "Hotel Liffey") in [(c.label, c.old, c.new) for c in rows[0].changes]


def test_history_escapes_what_guests_typed(own: House, manager: Client) -> None:
    booking = own.booking(guest_name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in text(manager.get(page(booking, "history")))


def test_history_puts_terms_and_language_into_words(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking())
    submit, created = manager.get(page(booking, "history")).context["rows"]
    (terms,) = [change.new for change in submit.changes if change.label == "Terms"]
    assert terms.splitlines() == [
        "14/7",
        "At least 14 days before check-in: Free cancellation: everything you paid is returned.",
        "At least 7 days before check-in: 50 % of the price is kept.",
        "Later: The full price is kept.",
        "Price agreed: €340.00",
    ]
    assert "English" in [change.new for change in created.changes]
    assert "No" not in [change.new for change in created.changes]
