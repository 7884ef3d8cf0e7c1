"""Many bookings at once, from the list to the result: nothing happens before the button, and nothing to strangers."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bookings import bulk
from bookings.admin.actions import OFFERS
from bookings.models import Booking, BulkRow, BulkRun
from payments import decisions
from tests import stays
from tests.admin.bulk_runs import REASON, START, choose, finished, press, run_of, waiting, with_money
from tests.admin.conftest import House, signed_in
from tests.admin.pages import listing, page, said, text
from tests.admin.test_actions import snapshot
from tests.factories import UserFactory, days_ahead
from tests.simulator_process import StripeSimulator

PLAN = "admin:bookings_bulkrun_plan"


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread would not see what the test has not committed."""
    monkeypatch.setattr(bulk, "THREADS", 1)
    monkeypatch.setattr(bulk, "THREADS_SQLITE", 1)


def test_only_these_can_be_done_to_many() -> None:
    assert list(OFFERS) == ["approve", "decline", "cancel", "soft_delete", "restore"]


@pytest.mark.parametrize(
    ("role", "query", "offered"),
    [
        ("Front desk", "", ["approve", "decline", "cancel"]),
        ("Manager", "", ["approve", "decline", "cancel", "soft_delete"]),
        ("Manager", "?deleted=only", ["restore"]),
        ("Manager", "?deleted=include", ["approve", "decline", "cancel", "soft_delete", "restore"]),
        ("Auditor", "", []),
    ],
)
def test_list_offers_what_the_role_may(
    own: House, staff: Callable[[str], Client], role: str, query: str, offered: list[str]
) -> None:
    waiting(own, 1)
    shown = staff(role).get(listing(Booking, query))
    form = shown.context["action_form"]
    assert [value for value, _ in form.fields["action"].choices if value] == offered if form else offered == []


@pytest.mark.parametrize("name", list(OFFERS))
def test_plan_changes_nothing(own: House, staff: Callable[[str], Client], name: str) -> None:
    bookings = waiting(own)
    before = snapshot()
    query = "?deleted=include" if name == "restore" else ""
    shown = choose(staff("owner"), name, *bookings, query=query)
    assert (shown.status_code, len(shown.context["lines"])) == (200, 2)
    assert (snapshot(), BulkRun.objects.count()) == (before, 0)


@pytest.mark.parametrize(("role", "name"), [("Auditor", name) for name in OFFERS] + [("Front desk", "soft_delete")])
def test_action_without_the_right_is_forbidden(
    own: House, staff: Callable[[str], Client], name: str, role: str
) -> None:
    assert choose(staff(role), name, *waiting(own)).status_code == 403


def test_start_needs_the_right_at_that_moment(own: House) -> None:
    person: Any = UserFactory(role="Manager", hotels=[own.hotel])
    client = signed_in(person)
    shown = choose(client, "cancel", *waiting(own))
    person.groups.clear()
    before = snapshot()
    assert press(client, shown, **REASON).status_code == 403
    assert (snapshot(), BulkRun.objects.count()) == (before, 0)


def test_plan_of_another_person_is_worthless(own: House, staff: Callable[[str], Client]) -> None:
    shown = choose(staff("Manager"), "cancel", *waiting(own))
    answer = press(staff("Manager"), shown, **REASON)
    assert "open for too long" in said(answer)[0][1]
    assert BulkRun.objects.count() == 0


@pytest.mark.parametrize("url", [START, PLAN])
def test_plans_addresses_want_a_post_and_a_token(own: House, url: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(UserFactory(role="owner"))
    assert (client.get(reverse(url)).status_code, client.post(reverse(url)).status_code) == (405, 403)


def test_button_says_sums_for_each_currency_by_itself(own: House, foreign: House) -> None:
    foreign.hotel.currency = "GBP"
    foreign.hotel.save()
    mine, second, theirs = with_money(own), with_money(own), with_money(foreign, captured=21000, total_amount=21000)
    client = signed_in(UserFactory(role="Manager", hotels=[own.hotel, foreign.hotel]))
    shown = choose(client, "cancel", mine, second, theirs)
    # Half is kept; 10.00 of each has gone back before.
    assert shown.context["button"] == "Cancel 3 bookings, refund €320.00 and £95.00"
    assert ("Fees kept", "€340.00 and £105.00") in shown.context["sums"]
    waived = client.post(reverse(PLAN), {"plan": shown.context["sealed"], "fee": "waive"})
    assert waived.context["button"] == "Cancel 3 bookings, refund €660.00 and £200.00"


def test_front_desk_cannot_waive_the_fee(own: House, staff: Callable[[str], Client]) -> None:
    client = staff("Front desk")
    shown = choose(client, "cancel", with_money(own))
    assert shown.context["fees"] == []
    answer = client.post(reverse(PLAN), {"plan": shown.context["sealed"], "fee": "waive"})
    assert answer.status_code == 403


def test_what_is_impossible_is_left_out_with_its_reason(own: House, manager: Client) -> None:
    first, second = waiting(own)
    decisions.decline(second, reason="x")
    shown = choose(manager, "approve", first, second)
    assert shown.context["button"] == "Approve 1 booking"
    assert "This booking was declined on" in shown.context["lines"][1].why_not
    assert finished(run_of(press(manager, shown))) == ["done"]


def test_whole_way_from_the_list_to_the_result(own: House, manager: Client) -> None:
    bookings = waiting(own, 3)
    run = run_of(press(manager, choose(manager, "cancel", *bookings), **REASON))
    assert finished(run) == ["done"] * 3
    assert {each.cancellation_reason for each in Booking.objects.all()} == {"Hotel closed"}
    shown = text(manager.get(page(run)))
    assert ("3 of 3 through" in shown, bookings[0].booking_id in shown, run.request_id in shown) == (True,) * 3


def test_reason_is_asked_for_where_a_single_one_asks(own: House, manager: Client) -> None:
    shown = press(manager, choose(manager, "cancel", *waiting(own)), reason="")
    assert (shown.status_code, "reason" in shown.context["form"].errors) == (200, True)
    assert BulkRun.objects.count() == 0


def test_hotel_that_wants_a_reason_to_delete_gets_one(own: House, manager: Client) -> None:
    own.hotel.require_deletion_reason = True
    own.hotel.save()
    shown = press(manager, choose(manager, "soft_delete", own.booking()))
    assert "note" in shown.context["form"].errors


def test_button_pressed_twice_makes_one_run(own: House, manager: Client) -> None:
    shown = choose(manager, "cancel", *waiting(own))
    runs = [run_of(press(manager, shown, **REASON)) for _ in range(2)]
    assert (runs[0], BulkRun.objects.count(), BulkRow.objects.count()) == (runs[1], 1, 2)


def test_foreign_bookings_are_not_found_without_telling_why(own: House, foreign: House, manager: Client) -> None:
    mine, theirs = waiting(own, 1), waiting(foreign, 1)
    shown = choose(manager, "cancel", *mine, *theirs)
    assert ([line.booking for line in shown.context["lines"]], shown.context["missing"]) == (
        mine,
        "1 booking was not found.",
    )
    assert choose(manager, "cancel", *mine, 999999).context["missing"] == "1 booking was not found."


def test_all_of_the_filter_are_chosen_across_pages(own: House, manager: Client, monkeypatch: Any) -> None:
    bookings = waiting(own, 3)
    shown = choose(manager, "approve", bookings[0], select_across="1")
    assert shown.context["button"] == "Approve 3 bookings"
    monkeypatch.setattr(bulk, "MOST", 2)
    answer = choose(manager, "approve", bookings[0], select_across="1")
    assert said(answer) == [("warning", "Choose at most 2 bookings at once. Nothing was changed.")]


def test_failed_ones_are_planned_again(own: House, manager: Client) -> None:
    first, second = waiting(own)
    run = run_of(press(manager, choose(manager, "cancel", first, second), reason="Other", note="Flood"))
    BulkRow.objects.filter(booking=second).update(state="failed")
    assert finished(run) == ["done", "failed"]
    shown = manager.post(page(run, "retry"))
    assert [line.booking for line in shown.context["lines"]] == [second]
    assert shown.context["form"].initial == {"reason": "Other", "note": "Flood"}
    again = run_of(press(manager, shown, **REASON))
    assert (finished(again), again.retry_of) == (["done"], run)


def test_checkbox_is_light_and_names_its_booking(own: House, manager: Client) -> None:
    (booking,) = waiting(own, 1)
    (box,) = re.findall(r"<input[^>]*_selected_action[^>]*>", text(manager.get(listing(Booking))))
    assert (f"Choose {booking.booking_id}" in box, len(box) < 160) == (True, True)


def test_money_moves_as_the_plan_said(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking(check_in=days_ahead(10)))
    shown = choose(manager, "cancel", booking)
    assert shown.context["button"] == "Cancel 1 booking, refund €170.00"
    assert finished(run_of(press(manager, shown, **REASON))) == ["done"]
    assert stays.at_stripe(stripe_simulator, booking).refunded == 17000
