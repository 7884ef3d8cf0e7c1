"""A process beside the worker: it does its share of a run at the common pace, and ends when its worker is killed."""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bookings import bulk, side_by_side
from bookings.models import Booking, BulkRun
from site_config import processes
from tests.bookings.test_bulk import begun, draft, promise, requests
from tests.browser import desk
from tests.factories import HotelFactory, UserFactory
from tests.simulator_process import StripeSimulator
from tests.stays import at_stripe, confirmed, fresh

NUMBER = 12
# What a worker does that dies while its process is at work.
PARENT = """
import sys, time, django
django.setup()
from bookings import side_by_side
with open(sys.argv[1], "r+b") as file:
    side_by_side.started(["bulk_process", "1", "2", "0.01", str(file.fileno())], [file.fileno()])
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def environment(
    transactional_db: None, database_url: str, stripe_simulator: StripeSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the other processes inherit."""
    monkeypatch.setattr(desk, "PATIENCE", 60)
    monkeypatch.setenv("DATABASE_URL", database_url)
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "site_config.settings")
    monkeypatch.setenv("STRIPE_API_BASE", stripe_simulator.url)


@pytest.fixture
def pace_file() -> Iterator[int]:
    """The file in which processes keep their pace."""
    with tempfile.TemporaryFile() as file:
        yield file.fileno()


def run_of(bookings: list[Booking], action: str, **promised: object) -> BulkRun:
    """A run that an owner has started; no worker has seen it."""
    return begun(UserFactory(role="owner"), [promise(each, **promised) for each in bookings], action=action)


def test_process_carries_out_the_rows_and_ends_by_itself(pace_file: int) -> None:
    run = run_of(requests(HotelFactory(), 5), "approve")
    command = ["bulk_process", "1", "2", "0.01", str(pace_file)]
    child = side_by_side.started(command, [pace_file])
    assert child is not None
    assert child.stdin is not None
    with child.stdin:
        assert child.wait(timeout=60) == 0
    assert bulk.counts(run.rows.all()) == {"done": 5}
    assert {each.status for each in Booking.objects.all()} == {"CONFIRMED"}


def test_process_of_a_killed_worker_finishes_its_rows_and_begins_no_more(
    stripe_simulator: StripeSimulator, tmp_path: Path
) -> None:
    hotel = HotelFactory()
    bookings = [confirmed(stripe_simulator, draft(hotel)) for _ in range(NUMBER)]
    run = run_of(bookings, "cancel", move="refund", fee=17000, amount=17000)
    match = {"method": "POST", "path_regex": "^/v1/refunds$"}
    stripe_simulator.control("faults", kind="slow_after", seconds=3, times=NUMBER, match=match)
    pace = tmp_path / "pace"
    pace.touch()
    parent = processes.start([sys.executable, "-c", PARENT, str(pace)], log=tmp_path / "log", env=dict(os.environ))
    try:
        desk.wait_until(lambda: run.rows.filter(state="running").exists(), "the first bookings")
    finally:
        parent.kill()
        parent.wait()
    desk.wait_until(lambda: not run.rows.filter(state="running").exists(), "the end of what was in hand")
    time.sleep(1)
    found = bulk.counts(run.rows.all())
    assert found == {"done": found["done"], "waiting": NUMBER - found["done"]}
    assert 1 <= found["done"] <= bulk.THREADS
    for row in run.rows.all():
        refunded = at_stripe(stripe_simulator, row.booking).refunded
        assert (refunded, fresh(row.booking).status) == (
            (17000, "CANCELLED") if row.state == "done" else (0, "CONFIRMED")
        )
