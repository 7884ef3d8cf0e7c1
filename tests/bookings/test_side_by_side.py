"""Rows are handed out once, whoever asks; a process has rows of its own first, and leaves none behind."""

import os
import threading
from collections.abc import Collection
from typing import Any

import pytest
from django.db import connection

from bookings import bulk
from bookings.models import BulkRow
from bookings.side_by_side import Rows, in_threads
from tests.bookings.test_bulk import begun, promise, requests
from tests.factories import HotelFactory, UserFactory


def handed_out(rows: Rows) -> list[int]:
    """Take everything."""
    found = []
    while (key := rows.next()) is not None:
        found.append(key)
    return found


def test_rows_are_read_again_until_nothing_new_waits() -> None:
    waiting = [5, 6, 7]

    def read(known: Collection[int]) -> list[int]:
        return [key for key in waiting if key not in known][:2]

    rows = Rows(read)
    assert rows.next() == 5
    waiting.append(8)
    assert handed_out(rows) == [6, 7, 8]
    assert rows.handed_out == {5, 6, 7, 8}


def test_nothing_is_handed_out_after_the_end_was_asked_for() -> None:
    stopping = threading.Event()
    rows = Rows(lambda known: [key for key in (1, 2, 3) if key not in known], stopping=stopping)
    assert rows.next() == 1
    stopping.set()
    assert rows.next() is None


def test_threads_never_get_the_same_row() -> None:
    rows = Rows(lambda known: [key for key in range(300) if key not in known][:20])
    found: list[int] = []

    def work() -> None:
        while (key := rows.next()) is not None:
            found.append(key)

    in_threads(4, work)
    assert sorted(found) == list(range(300))


@pytest.fixture
def keys(db: None) -> list[int]:
    """Rows of a run that wait."""
    hotel: Any = HotelFactory()
    run = begun(UserFactory(role="owner"), [promise(each) for each in requests(hotel, 4)], action="approve")
    return list(run.rows.values_list("pk", flat=True))


def test_process_takes_its_own_rows_and_then_those_of_others(keys: list[int]) -> None:
    own = [key for key in keys if key % 2 == 1]
    others = [key for key in keys if key % 2 == 0]
    rows = Rows(bulk.Share(place=1, of=2).due_keys)
    assert (len(own), handed_out(rows)) == (2, own + others)


def test_process_leaves_alone_what_another_one_has_taken(keys: list[int]) -> None:
    BulkRow.objects.filter(pk=keys[0]).update(state="done")
    assert sorted(handed_out(Rows(bulk.Share(place=keys[0] % 2, of=2).due_keys))) == keys[1:]


def test_more_processes_only_where_they_are_worth_it(
    db: None, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    is_sqlite = connection.vendor == "sqlite"
    found = []
    for key in ("sk_test_x", "sk_live_x"):
        settings.STRIPE_SECRET_KEY = key
        found.append((bulk.processes_for(bulk.FEWEST - 1), bulk.processes_for(bulk.FEWEST)))
    assert found == [(1, 1), (1, 1 if is_sqlite else 3)]
