"""The pages of runs over many bookings: who sees which part of them, and what they tell while a run goes on."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bookings import bulk
from bookings.models import Booking, BookingStatus, BulkRun
from tests.admin.bulk_runs import REASON, choose, finished, many, press, run_of, waiting
from tests.admin.conftest import House, signed_in
from tests.admin.pages import listing, page, text
from tests.factories import UserFactory

S = BookingStatus


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another thread would not see what the test has not committed."""
    monkeypatch.setattr(bulk, "THREADS", 1)
    monkeypatch.setattr(bulk, "THREADS_SQLITE", 1)


def test_stop_button_stops(own: House, manager: Client) -> None:
    run = run_of(press(manager, choose(manager, "cancel", *waiting(own)), **REASON))
    manager.post(page(run, "stop"))
    assert finished(run) == ["stopped", "stopped"]
    assert {each.status for each in Booking.objects.all()} == {S.PENDING_APPROVAL}
    assert BulkRun.objects.get().state == "stopped"


def two_hotel_run(own: House, foreign: House) -> BulkRun:
    """An owner's run over both hotels."""
    client = signed_in(UserFactory(role="owner"))
    bookings = [*waiting(own, 1), *waiting(foreign, 1, guest_name="Secret Guest")]
    return run_of(press(client, choose(client, "cancel", *bookings), **REASON))


def test_of_a_run_over_two_hotels_each_sees_their_own(own: House, foreign: House, manager: Client) -> None:
    run = two_hotel_run(own, foreign)
    shown = text(manager.get(page(run)))
    assert ("Cancel 1 booking" in shown, "Secret Guest" in shown, "Sakura" in shown) == (True, False, False)
    assert manager.get(page(run, "progress")).json()["total"] == 1
    assert manager.post(page(run, "stop")).status_code == 403


@pytest.mark.parametrize("role", ["Front desk", "Manager", "Auditor"])
def test_foreign_runs_are_not_found(own: House, foreign: House, staff: Callable[[str], Client], role: str) -> None:
    owner = signed_in(UserFactory(role="owner"))
    run = run_of(press(owner, choose(owner, "cancel", *waiting(foreign)), **REASON))
    client = staff(role)
    assert {client.get(page(run, each)).status_code for each in ("change", "history", "progress")} == {404}
    assert {client.post(page(run, each)).status_code for each in ("stop", "retry")} == {404}
    assert client.get(listing(BulkRun)).context["cl"].result_count == 0


def test_auditor_reads_runs_and_changes_none(own: House, manager: Client, staff: Callable[[str], Client]) -> None:
    run = run_of(press(manager, choose(manager, "cancel", *waiting(own)), **REASON))
    client = staff("Auditor")
    assert {client.get(page(run, each)).status_code for each in ("change", "history", "progress")} == {200}
    assert {client.post(page(run, each)).status_code for each in ("stop", "retry")} == {403}
    assert {client.get(page(run, each)).status_code for each in ("stop", "retry")} == {405}
    assert client.post(page(run)).status_code == 405


def test_progress_tells_what_has_changed_since(own: House, manager: Client) -> None:
    run = run_of(press(manager, choose(manager, "cancel", *waiting(own)), **REASON))
    first = manager.get(page(run, "progress")).json()
    assert (first["through"], first["total"], first["over"], first["changed"]) == (0, 2, False, [])
    finished(run)
    then = manager.get(page(run, "progress"), {"after": first["at"]}).json()
    assert (then["percent"], then["over"], [row["state"] for row in then["changed"]]) == (100, True, ["Done"] * 2)
    assert manager.get(page(run, "progress"), {"after": "nonsense"}).json()["changed"] == []


def queries(client: Client, ask: Callable[[], Any]) -> int:
    """How many queries an answer takes, once everything is warm."""
    ask()
    with CaptureQueriesContext(connection) as found:
        assert ask().status_code == 200
    return len(found)


@pytest.mark.parametrize(("name", "status"), [("cancel", S.CONFIRMED), ("soft_delete", S.COMPLETED)])
def test_plan_takes_as_many_queries_for_two_as_for_fifty(own: House, manager: Client, name: str, status: str) -> None:
    own.hotel.four_eyes_threshold = 10
    own.hotel.save()
    bookings = many(own, 50, status)
    few = queries(manager, lambda: choose(manager, name, *bookings[:2]))
    assert queries(manager, lambda: choose(manager, name, *bookings)) == few
    assert few <= 30


def test_runs_page_takes_as_many_queries_for_two_as_for_fifty(own: House, manager: Client) -> None:
    found, bookings = [], many(own, 50)
    for number in (2, 50):
        shown = choose(manager, "cancel", *bookings[:number])
        run = run_of(press(manager, shown, **REASON))
        found.append([queries(manager, partial(manager.get, page(run, each))) for each in ("change", "progress")])
    assert (found[0], run.total) == (found[1], 50)
    assert found[0][0] <= 20


def test_list_of_runs_takes_as_many_queries_for_one_as_for_three(own: House, manager: Client) -> None:
    found = []
    for _ in range(3):
        press(manager, choose(manager, "cancel", *waiting(own)), **REASON)
        found.append(queries(manager, lambda: manager.get(listing(BulkRun))))
    assert found[0] == found[2]


def test_person_without_the_page_of_runs_may_not_see_one(own: House, manager: Client) -> None:
    run = run_of(press(manager, choose(manager, "cancel", *waiting(own)), **REASON))
    stranger: Any = UserFactory(role="Manager", hotels=[own.hotel])
    stranger.groups.clear()
    assert signed_in(stranger).get(page(run)).status_code == 403
