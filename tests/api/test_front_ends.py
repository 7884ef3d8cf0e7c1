"""Which foreign pages may read what the API answers to guests."""

import pytest
from django.test import Client
from pytest_django import Settings

from site_config import front_ends
from tests.api.calls import address, guest
from tests.stays import submitted

pytestmark = pytest.mark.django_db

OURS, OTHER = "https://www.hotel.example", "https://evil.example"
ASKS = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
FIRST = "Access-Control-Allow-Origin"


def allowed(answer) -> dict[str, str]:
    """What an answer tells a browser about other origins."""
    return {name: value for name, value in answer.headers.items() if name.startswith("Access-Control-")}


def test_unless_it_is_set_no_page_may():
    booking = submitted()
    for answer in (
        guest(booking).get(address(booking), headers={"Origin": OURS}),
        Client().options(address(booking), headers={"Origin": OURS, **ASKS}),
    ):
        assert (allowed(answer), "Origin" in answer.get("Vary", "")) == ({}, False)


def test_a_named_page_may_ask_act_and_read_refusals_without_cookies(settings: Settings):
    settings.FRONTEND_ORIGINS = [OURS]
    booking = submitted()
    asked = Client().options(address(booking), headers={"Origin": OURS, **ASKS})
    reads = {FIRST: OURS, "Access-Control-Expose-Headers": front_ends.READABLE}
    assert (asked.status_code, asked.content, allowed(asked)) == (204, b"", front_ends.ALLOWED | reads)
    shown = guest(booking).get(address(booking), headers={"Origin": OURS})
    assert (shown.status_code, allowed(shown), "Origin" in shown["Vary"]) == (200, reads, True)
    refused = Client().get(address(booking), headers={"Origin": OURS})
    assert (refused.status_code, allowed(refused)) == (401, reads)
    # Nothing here lets a browser send its cookies along.
    assert "Access-Control-Allow-Credentials" not in {**allowed(asked), **allowed(shown)}


@pytest.mark.parametrize("origin", [OTHER, "null", f"{OURS}.evil.example", f"{OURS}/", OURS.upper(), ""])
def test_another_page_may_not(settings: Settings, origin: str):
    settings.FRONTEND_ORIGINS = [OURS]
    booking = submitted()
    for answer in (
        guest(booking).get(address(booking), headers={"Origin": origin}),
        Client().options(address(booking), headers={"Origin": origin, **ASKS}),
    ):
        assert (allowed(answer), "Origin" in answer["Vary"]) == ({}, True)
    assert Client().options(address(booking), headers={"Origin": origin, **ASKS}).status_code == 405
