"""The start page: what waits, of the person's own hotels."""

from collections.abc import Callable

from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import text
from tests.simulator_process import StripeSimulator


def test_today_lists_own_approvals(own: House, foreign: House, manager: Client) -> None:
    mine = stays.submitted(own.booking(payment_method="ARRIVAL"))
    theirs = stays.submitted(foreign.booking(payment_method="ARRIVAL"))
    shown = text(manager.get(reverse("admin:index")))
    assert (mine.booking_id in shown, theirs.booking_id in shown) == (True, False)
    assert "Site administration" not in shown


def test_every_number_leads_to_a_list_that_opens(own: House, staff: Callable[[str], Client]) -> None:
    for role in ("Front desk", "Manager", "Auditor", "owner"):
        client = staff(role)
        numbers = client.get(reverse("admin:index")).context["numbers"]
        assert {client.get(number["link"]).status_code for number in numbers} == {200}


def test_test_mode_is_shown_only_for_test_keys(own: House, manager: Client, settings: Settings) -> None:
    assert "TEST MODE" in text(manager.get(reverse("admin:index")))
    settings.STRIPE_SECRET_KEY = "sk_live_x"
    assert "TEST MODE" not in text(manager.get(reverse("admin:index")))


def test_today_puts_what_expires_first_before_what_never_does(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    on_arrival = stays.submitted(own.booking(0, payment_method="ARRIVAL"))
    held = stays.paid(stripe_simulator, own.booking(1))
    rows = manager.get(reverse("admin:index")).context["approvals"]
    assert [row["booking"] for row in rows] == [held, on_arrival]
    assert rows[1]["left"] == "no hold, pays on arrival"
