"""Erasing, deleting for good and downloading: who may, in the browser, and what the pages say."""

import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, Hotel, RemovedBooking
from payments import decisions
from tests import stays
from tests.admin.conftest import House, signed_in
from tests.admin.pages import do, listing, page, said, text
from tests.factories import UserFactory
from tests.guest.browser import rows
from tests.words import has_word

ACTIONS = ("anonymise", "hard_delete", "guest_data")
ROLES = ("anonymous", "Front desk", "Manager", "Auditor", "owner", "Manager of another hotel")
# Per role: the answers to GET and POST of each address. 302 is the way to the sign-in page, or back after a POST.
EXPECTED = {
    "anonymous": {"anonymise": (302, 302), "hard_delete": (302, 302), "guest_data": (302, 302)},
    "Front desk": {"anonymise": (403, 403), "hard_delete": (403, 403), "guest_data": (403, 403)},
    "Manager": {"anonymise": (200, 302), "hard_delete": (403, 403), "guest_data": (405, 200)},
    "Auditor": {"anonymise": (403, 403), "hard_delete": (403, 403), "guest_data": (405, 200)},
    "owner": {"anonymise": (200, 302), "hard_delete": (200, 302), "guest_data": (405, 200)},
    "Manager of another hotel": {"anonymise": (404, 404), "hard_delete": (404, 404), "guest_data": (404, 404)},
}
DOES = {("Manager", "anonymise"), ("owner", "anonymise"), ("owner", "hard_delete")}


def removable(own: House) -> Booking:
    """A hidden draft in a hotel that deletes for good; it can be erased, too."""
    Hotel.objects.filter(pk=own.hotel.pk).update(allow_admin_deletion=True)
    with stays.by_staff():
        return decisions.soft_delete(own.booking(), reason="Entered twice").booking


def browser_of(role: str, staff: Callable[[str], Client], foreign: House) -> Client:
    """A browser of somebody with a role."""
    if role == "anonymous":
        return Client()
    if role == "Manager of another hotel":
        return signed_in(UserFactory(role="Manager", hotels=[foreign.hotel]))
    return staff(role)


def state() -> list[object]:
    """What none of it may change unasked."""
    return [{name: each for name, each in rows().items() if name != "bookings.User"}, Booking.history.count()]


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ROLES)
def test_who_may_do_what(own: House, foreign: House, staff: Callable[[str], Client], role: str, action: str) -> None:
    booking, client = removable(own), browser_of(role, staff, foreign)
    address = page(booking, action)
    before = state()
    shown = client.get(address).status_code
    assert state() == before
    done = client.post(address, {"typed": booking.booking_id, "note": "Entered twice"}).status_code
    assert (shown, done) == EXPECTED[role][action]
    happened = Booking.objects.filter(pk=booking.pk, guest_erased_at=None).count() == 0
    assert happened == ((role, action) in DOES)
    if not happened and done != 200:
        assert state() == before


@pytest.mark.parametrize("action", ACTIONS)
def test_each_needs_a_csrf_token(own: House, action: str) -> None:
    booking, client = removable(own), Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(role="owner"))
    before = state()
    assert client.post(page(booking, action), {"typed": booking.booking_id, "note": "x"}).status_code == 403
    assert state() == before


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize("action", ACTIONS)
def test_other_methods_are_refused(own: House, manager: Client, action: str, method: str) -> None:
    booking = removable(own)
    before = state()
    assert getattr(manager, method)(page(booking, action)).status_code in (403, 405)
    assert state() == before


@pytest.mark.parametrize("typed", ["", "ABC", "x" * 50])
@pytest.mark.parametrize("action", ["anonymise", "hard_delete"])
def test_reference_has_to_be_typed(own: House, staff: Callable[[str], Client], action: str, typed: str) -> None:
    booking, owner = removable(own), staff("owner")
    before = state()
    answer = do(owner, booking, action, typed=typed, note="Entered twice")
    assert (answer.status_code, "Entered twice" in text(answer)) == (200, True)
    assert state() == before


def test_after_deleting_for_good_the_list_says_so(own: House, staff: Callable[[str], Client]) -> None:
    booking, owner = removable(own), staff("owner")
    answer = owner.post(page(booking, "hard_delete"), {"typed": booking.booking_id, "note": "Entered twice"})
    assert answer.headers["Location"] == listing(Booking)
    assert said(answer) == [("success", f"Booking {booking.booking_id} is deleted for good.")]
    assert owner.get(page(booking)).status_code == 404
    removed = text(owner.get(listing(RemovedBooking)))
    assert all(each in removed for each in (booking.booking_id, "Entered twice", "€340.00", "Nora Byrne"))
    assert not has_word(removed, "Ada")


@pytest.mark.parametrize(
    ("role", "status"), [("Front desk", 403), ("Manager", 200), ("Auditor", 200), ("owner", 200)]
)
def test_who_sees_what_was_deleted_for_good(
    own: House, foreign: House, staff: Callable[[str], Client], role: str, status: int
) -> None:
    for house in (own, foreign):
        booking = removable(house)
        do(staff("owner"), booking, "hard_delete", typed=booking.booking_id, note="x")
    client, (mine, other) = staff(role), RemovedBooking.objects.filter(history_type="-").order_by("history_id")
    answer = client.get(listing(RemovedBooking))
    assert answer.status_code == status
    if status == 200:
        assert mine.booking_id in text(answer)
        assert (other.booking_id in text(answer)) == (role == "owner")
        assert client.get(page(mine)).status_code == 200
        assert client.get(page(other)).status_code == (200 if role == "owner" else 404)
        assert {client.post(page(mine)).status_code, client.post(page(mine, "delete")).status_code} <= {403}


def ended(own: House, number: int = 0, **fields: object) -> Booking:
    """A booking that ended without money."""
    booking = stays.submitted(own.booking(number, payment_method="ARRIVAL", **fields))
    with stays.by_staff():
        return decisions.decline(booking, reason="Full").booking


def test_page_of_an_erased_booking_says_so(own: House, manager: Client) -> None:
    booking = ended(own)
    do(manager, booking, "anonymise", typed=booking.booking_id, note="Asked for")
    answer = manager.get(page(booking))
    shown = text(answer)
    assert "The guest&#x27;s data was erased on" in shown
    assert "Money, dates and references are kept." in shown
    assert ("mailto:" in shown, "tel:" in shown, "Download guest" in shown) == (False, False, False)
    why = {action.name: reason for action, reason in answer.context["impossible"]}
    assert {name: why[name][:27] for name in ("anonymise", "reopen")} == {
        "anonymise": "The guest's data was erased",
        "reopen": "The guest's data was erased",
    }
    assert manager.get(page(booking, "history")).status_code == 200
    assert not has_word(text(manager.get(page(booking, "history"))) + text(manager.get(listing(Booking))), "Ada")


def test_page_says_what_has_to_happen_first(own: House, manager: Client) -> None:
    answer = manager.get(page(stays.submitted(own.booking())))
    why = {action.name: reason for action, reason in answer.context["impossible"]}
    assert why["anonymise"].endswith("A guest's data can be erased once the booking has ended.")
    assert "hard_delete" not in why


def test_dialog_offers_the_other_bookings_and_says_which_wait(own: House, foreign: House, manager: Client) -> None:
    this, other = ended(own), ended(own, 1)
    waiting = stays.submitted(own.booking(2, payment_method="ARRIVAL"))
    away = ended(foreign)
    shown = text(manager.get(page(this, "anonymise")))
    assert "Also for 1 other booking with the same e-mail" in shown
    assert f"Also {other}" in shown
    assert f"Also {waiting}" in shown
    assert "is waiting for approval. A guest&#x27;s data can be erased once the booking has ended." in shown
    assert away.booking_id not in shown
    answer = do(manager, this, "anonymise", typed=this.booking_id, note="Asked for", others="on")
    assert said(answer) == [("success", "The guest's data of 2 bookings is erased.")]
    assert [stays.fresh(each).is_erased for each in (this, other, waiting, away)] == [True, True, False, False]


def test_others_stay_unless_they_are_asked_for(own: House, manager: Client) -> None:
    this, other = ended(own), ended(own, 1)
    do(manager, this, "anonymise", typed=this.booking_id, note="Asked for")
    assert [stays.fresh(each).is_erased for each in (this, other)] == [True, False]


def test_download_is_a_file_that_nothing_keeps(own: House, manager: Client) -> None:
    booking = ended(own)
    assert reverse("admin:bookings_booking_guest_data", args=[booking.pk]) in text(manager.get(page(booking)))
    answer = manager.post(page(booking, "guest_data"))
    assert answer["Content-Disposition"] == f'attachment; filename="guest-data-{booking.booking_id}.json"'
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert ("no-store" in answer["Cache-Control"], answer["X-Content-Type-Options"]) == (True, "nosniff")
    assert json.loads(answer.content)["bookings"][0]["reference"] == booking.booking_id
    row = booking.history.first()
    assert (row.transition, row.history_user.groups.get().name) == ("export_guest", "Manager")


def test_settings_of_the_hotel_have_both_switches(own: House, manager: Client) -> None:
    shown = text(manager.get(page(own.hotel)))
    assert 'name="allow_admin_deletion"' in shown
    assert 'name="retention_months"' in shown
    assert "Empty: kept for ever." in shown
