"""What is around every page: titles, the way back, the menu's button, error pages, the owner's form for people."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from bookings.models import Booking, Room, User
from cancellations.models import CancellationTier
from payments.models import Payment
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import listing, page, text


@pytest.mark.parametrize(("model", "name"), [(Booking, "Bookings"), (Room, "Rooms"), (Payment, "Payments")])
def test_a_list_is_named_after_what_is_in_it(own: House, manager: Client, model: type, name: str) -> None:
    assert f"{name} | Innkeep" in text(manager.get(listing(model)))


def test_the_menu_can_be_reached_by_keyboard(own: House, manager: Client) -> None:
    assert '<button type="button" class="desk-menu" aria-controls="nav-sidebar" aria-label="Menu"' in text(
        manager.get(reverse("admin:index"))
    )


@pytest.mark.parametrize(
    ("address", "words", "way"),
    [
        ("/admin/bookings/room/add/", "This is not for you to see", "Back to the booking desk"),
        ("/admin/nothing/here/", "There is no such page", "Back to the booking desk"),
        ("/nothing/here/", "There is no such page", "Find your booking"),
    ],
)
def test_an_error_leads_back_to_where_the_person_came_from(
    own: House, staff: Callable[[str], Client], address: str, words: str, way: str
) -> None:
    shown = text(staff("Auditor").get(address))
    assert words in shown
    assert [each for each in ("Back to the booking desk", "Find your booking") if each in shown] == [way]


def test_a_new_colleague_may_sign_in(own: House, staff: Callable[[str], Client]) -> None:
    answer = staff("owner").get(listing(User) + "add/")
    assert "edit more user options" not in text(answer)
    form = answer.context["adminform"].form
    assert (form["is_staff"].value(), form["is_staff"].label, form["groups"].label) == (True, "May sign in", "Roles")


def test_every_field_of_a_tier_has_a_name(own: House, manager: Client) -> None:
    tier = CancellationTier.objects.filter(policy__hotel=own.hotel)[0]
    shown = manager.get(page(tier.policy)).context["inline_admin_formsets"][0].formset.forms[0].fields
    names = {name: shown[name].widget.attrs["aria-label"] for name in ("at_least", "unit", "fee_kind", "fee")}
    assert names == {"at_least": "At least", "unit": "Unit", "fee_kind": "Fee kind", "fee": "Fee"}


def test_an_ended_booking_shows_its_language_by_name(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(payment_method="ARRIVAL"))
    manager.post(page(booking, "cancel"), {"reason": "Hotel closed", "seen": "0-0-0"})
    rows = manager.get(page(booking)).context["adminform"].fieldsets[0][1]["fields"]
    assert rows[0] == ("guest_name", "language")
    assert "English" in text(manager.get(page(booking)))
