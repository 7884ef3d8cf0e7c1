"""The worker is killed in the middle of a run that refunds, and another one ends it: nobody gets anything twice."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone

from bookings import bulk
from bookings.models import BulkRow, BulkRun
from site_config import processes
from tests.bookings.test_bulk import begun, draft, promise
from tests.browser import desk
from tests.factories import HotelFactory, UserFactory
from tests.simulator_process import StripeSimulator
from tests.stays import at_stripe, confirmed, fresh, mails, transitions

NUMBER = 8


@pytest.fixture
def worker(
    transactional_db: None, stripe_simulator: StripeSimulator, database_url: str, tmp_path: Path
) -> Callable[[], processes.Child]:
    """Start `manage.py worker` as a process of its own."""
    env = os.environ | {
        "DATABASE_URL": database_url,
        "DJANGO_SETTINGS_MODULE": "site_config.settings",
        "STRIPE_API_BASE": stripe_simulator.url,
    }
    command = [sys.executable, "manage.py", "worker"]
    return lambda: processes.start(command, log=tmp_path / "worker.log", env=env)


def test_killed_run_is_ended_by_another_worker(
    worker: Callable[[], processes.Child], stripe_simulator: StripeSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "PATIENCE", 60)
    hotel = HotelFactory()
    bookings = [confirmed(stripe_simulator, draft(hotel)) for _ in range(NUMBER)]
    rows = [promise(each, move="refund", fee=17000, amount=17000) for each in bookings]
    run = begun(UserFactory(role="owner"), rows)
    match = {"method": "POST", "path_regex": "^/v1/refunds$"}
    stripe_simulator.control("faults", kind="slow_after", seconds=0.5, times=NUMBER, match=match)

    first = worker()
    try:
        desk.wait_until(lambda: BulkRow.objects.filter(state="done").count() >= 2, "the first bookings")
    finally:
        first.kill()
        first.wait()
    done = BulkRow.objects.filter(state="done").count()
    assert 2 <= done < NUMBER
    assert BulkRow.objects.filter(state="running").exists()

    # The leases of the dead worker lapse.
    run.rows.filter(state="running").update(due_at=timezone.now())
    second = worker()
    try:
        desk.wait_until(lambda: BulkRun.objects.get().state == "done", "the end of the run")
    finally:
        processes.stop(second)
    assert bulk.counts(run.rows.all()) == {"done": NUMBER}
    for booking in bookings:
        seen = at_stripe(stripe_simulator, booking)
        assert (seen.refunded, seen.refunds, fresh(booking).status) == (17000, 1, "CANCELLED")
        assert (transitions(booking).count("cancel"), mails(booking).count("cancelled_by_hotel")) == (1, 1)
