"""People read the history of their hotels, and that of the installation where all hotels are theirs."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import User
from tests.admin.conftest import House, signed_in
from tests.admin.pages import listing, page, text
from tests.factories import UserFactory
from tests.trail.recorded import recorded
from tests.trail.test_explorer import EXPLORER, declined, lines
from trail.models import INSTALLATION, Entry

ALL = ("Front desk", "Manager", "Auditor", "owner")


def chains(client: Client) -> set[int]:
    """The chains of what somebody is shown."""
    return {line.entry.chain for line in lines(client)}


def test_other_hotels_are_nowhere(own: House, foreign: House, staff: Callable[[str], Client]) -> None:
    declined(own)
    hidden = declined(foreign)
    entry = Entry.objects.filter(reference=hidden.booking_id).first()
    assert entry is not None
    for role in ("Manager", "Auditor"):
        client = staff(role)
        assert chains(client) == {own.hotel.pk}
        assert lines(client, reference=hidden.booking_id) == lines(client, hotel=foreign.hotel.pk) == []
        assert lines(client, model="bookings.booking", object=hidden.pk) == []
        assert "Sakura" not in text(client.get(EXPLORER))
        assert client.get(page(entry)).status_code == 404
        assert client.get(reverse("admin:trail_entry_as_it_was", args=[hidden.pk])).status_code == 404
    owner = staff("owner")
    recorded()
    assert chains(owner) == {own.hotel.pk, foreign.hotel.pk, INSTALLATION}


def test_installation_is_read_by_whoever_sees_all_of_it(
    own: House, foreign: House, staff: Callable[[str], Client]
) -> None:
    recorded()
    everywhere = UserFactory(role="Auditor", hotels=[own.hotel, foreign.hotel])
    manager = UserFactory(role="Manager", hotels=[own.hotel, foreign.hotel])
    recorded()
    assert INSTALLATION in chains(signed_in(everywhere))
    # A manager of every hotel sees no members of staff.
    assert chains(signed_in(manager)) == {own.hotel.pk, foreign.hotel.pk}
    assert chains(staff("Auditor")) == {own.hotel.pk}


@pytest.mark.parametrize(
    ("role", "status"), [("Front desk", 403), ("Manager", 200), ("Auditor", 200), ("owner", 200)]
)
def test_who_may_open_it(own: House, staff: Callable[[str], Client], role: str, status: int) -> None:
    booking = declined(own)
    client, entry = staff(role), Entry.objects.filter(reference=booking.booking_id).latest("pk")
    was = reverse("admin:trail_entry_as_it_was", args=[booking.pk])
    assert [client.get(each).status_code for each in (EXPLORER, page(entry), was)] == [status] * 3
    assert [client.post(each).status_code for each in (EXPLORER, page(entry), was)] == [405] * 3
    today = text(client.get("/admin/"))
    assert (f'href="{EXPLORER}"' in today) is (status == 200)


@pytest.mark.parametrize(("role", "shown"), [("Front desk", False), ("Manager", True), ("Auditor", True)])
def test_ways_into_it(own: House, staff: Callable[[str], Client], role: str, shown: bool) -> None:
    booking, client = declined(own), staff(role)
    timeline = text(client.get(page(booking) + "?tab=timeline"))
    assert (f"{EXPLORER}?reference={booking.booking_id}" in timeline) is shown
    assert (f"{EXPLORER}as-it-was/{booking.pk}/" in timeline) is shown
    history = text(client.get(page(booking, "history")))
    assert (f"{EXPLORER}?model=bookings.booking&amp;object={booking.pk}" in history) is shown


def test_a_model_that_is_closed_to_somebody_has_no_history_for_them(
    own: House, staff: Callable[[str], Client]
) -> None:
    declined(own)
    manager = staff("Manager")
    assert manager.get(listing(User)).status_code == 403
    form = manager.get(EXPLORER).context["form"]
    assert "bookings.user" not in dict(form.fields["model"].choices)
    assert lines(manager, model="bookings.user") == []


@pytest.mark.parametrize("role", ALL)
def test_there_is_nothing_to_add_or_delete(own: House, staff: Callable[[str], Client], role: str) -> None:
    declined(own)
    entry = Entry.objects.latest("pk")
    client, before = staff(role), list(Entry.objects.order_by("pk").values())
    for address in ("add/", f"{entry.pk}/delete/", f"{entry.pk}/history/", f"{entry.pk}/"):
        assert client.get(f"{EXPLORER}{address}").status_code in (404, 405)
        assert client.post(f"{EXPLORER}{address}", {"post": "yes"}).status_code in (404, 405)
    client.post(EXPLORER, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    assert list(Entry.objects.order_by("pk").values()) == before
