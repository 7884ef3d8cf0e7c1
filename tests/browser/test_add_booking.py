"""Taking a booking, with the browser's own buttons too."""

from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.desk import make_roles, sign_in
from tests.factories import RoomFactory, UserFactory, days_ahead


def test_back_shows_again_what_is_free_for_the_nights_that_were_typed(page: Page, live_server: LiveServer):
    make_roles()
    hotel = RoomFactory.create().hotel
    sign_in(page, live_server.url, UserFactory(role="Front desk", hotels=[hotel]).username)
    page.goto(f"{live_server.url}/admin/bookings/booking/add/")
    page.locator("[name=check_in]").fill(days_ahead(4).isoformat())
    page.locator("[name=check_out]").fill(days_ahead(6).isoformat())
    places = page.locator("[data-part=places]")
    expect(places).to_contain_text("€340.00")
    page.goto(f"{live_server.url}/admin/")
    page.go_back()
    expect(page.locator("[name=check_in]")).to_have_value(days_ahead(4).isoformat())
    expect(places).to_contain_text("€340.00")
