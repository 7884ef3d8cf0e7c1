"""Where there is no hotel to show, the page says what to do, to those who can do it."""

import pytest
from django.urls import reverse

from tests.admin.conftest import House, signed_in
from tests.admin.pages import text
from tests.factories import UserFactory

PAGES = ("bookings_booking_calendar", "bookings_wording_changelist", "bookings_booking_add")
CREATE = 'href="/admin/bookings/hotel/add/">Create the hotel'


@pytest.mark.parametrize("name", PAGES)
def test_owner_of_nothing_is_led_to_the_first_hotel(db: None, name: str) -> None:
    shown = text(signed_in(UserFactory(role="owner")).get(reverse(f"admin:{name}")))
    assert ("There is no hotel yet." in shown, CREATE in shown) == (True, True)


@pytest.mark.parametrize("name", PAGES)
def test_owner_of_a_hotel_is_not(own: House, name: str) -> None:
    assert CREATE not in text(signed_in(UserFactory(role="owner")).get(reverse(f"admin:{name}")))


@pytest.mark.parametrize("name", PAGES)
def test_people_of_no_hotel_are_told_whom_to_ask(own: House, name: str) -> None:
    shown = text(signed_in(UserFactory(role="Manager", hotels=[])).get(reverse(f"admin:{name}")))
    assert "You do not belong to a hotel yet. Ask an owner to add you to one." in shown
    assert CREATE not in shown
