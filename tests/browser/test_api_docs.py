"""The API's documentation in a browser, under its security policy."""

import pytest
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer


@pytest.mark.django_db(transaction=True)
def test_the_page_shows_every_operation_and_loads_nothing_from_elsewhere(page: Page, live_server: LiveServer):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{live_server.url}/api/docs")
    page.get_by_text("/api/booking/client/{booking_id}/cancel/").wait_for()
    assert page.locator(".opblock").count() == 23
    page.get_by_text("/api/public/hotel/{slug}/room-bookings/{booking_id}/payment/status/").click()
    page.get_by_text("Tell how far the payment is, as far as we have heard.").wait_for()
    assert [url for url in asked if not url.startswith((live_server.url, "data:", "blob:"))] == []
