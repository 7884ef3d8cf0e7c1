"""Eight writers want one room that somebody has: how long each is kept waiting for its refusal, on either database.

    python -m tests.performance.rivals

Every writer is a process of its own with drafts of its own, all for the same nights of the same room. One gets it.
"""

import importlib
import json
import multiprocessing
import os
import time
from collections import Counter
from typing import Any, Final

from tests.performance.drawing import p95

WRITERS, EACH = 8, 25
GOAL_MILLISECONDS: Final = 10


def main() -> dict[str, Any]:
    """Let all submit at once; refused attempts a second, their p95, what went wrong, and what is left wrong."""
    importlib.import_module("django").setup()
    importlib.import_module("logging").disable()
    drafts = prepared()
    start = multiprocessing.get_context("fork")
    begin, said = start.Barrier(WRITERS + 1), start.Queue()
    # A connection cannot be shared with a child.
    importlib.import_module("django.db").connections.close_all()
    writers = [start.Process(target=write, args=(drafts[each::WRITERS], begin, said)) for each in range(WRITERS)]
    for each in writers:
        each.start()
    begin.wait()
    began = time.perf_counter()
    found = [pair for _ in writers for pair in said.get(timeout=600)]
    took = time.perf_counter() - began
    for each in writers:
        each.join()
    return summary(found, took) | {"wrong": wrong(drafts)}


def prepared() -> list[int]:
    """Drafts for the same two nights of one room."""
    factories = importlib.import_module("tests.factories")
    room = factories.RoomFactory()
    return [factories.BookingFactory(room=room).pk for _ in range(WRITERS * EACH)]


def write(drafts: list[int], begin: Any, said: Any) -> None:
    """One writer: what became of each attempt, and how many milliseconds it took."""
    begin.wait()
    said.put([attempt(each) for each in drafts])


def attempt(draft: int) -> tuple[str, float]:
    """Submit one draft."""
    lifecycle = importlib.import_module("bookings.lifecycle")
    refused = importlib.import_module("bookings.refusals").Refused
    errors = importlib.import_module("django.db").DatabaseError
    booking = importlib.import_module("bookings.models").Booking.objects.get(pk=draft)
    began = time.perf_counter()
    try:
        lifecycle.submit(booking)
        end = "done"
    except refused:
        end = "refused"
    except errors as error:
        end = str(error).splitlines()[0]
    return end, 1000 * (time.perf_counter() - began)


def summary(found: list[tuple[str, float]], took: float) -> dict[str, Any]:
    """What the attempts came to."""
    ends = Counter(end for end, _ in found)
    refused = [milliseconds for end, milliseconds in found if end == "refused"]
    return {
        "per_second": len(found) / took,
        "p95": p95(refused),
        "done": ends.pop("done", 0),
        "refused": ends.pop("refused", 0),
        "errors": sum(ends.values()),
        "said": ends.most_common(1)[0][0] if ends else "",
    }


def wrong(drafts: list[int]) -> int:
    """How many bookings have the room beyond the one that may, and how many findings the trail has."""
    models = importlib.import_module("bookings.models")
    having = models.Booking.objects.blocking().filter(pk__in=drafts).count()
    return abs(having - 1) + len(importlib.import_module("trail.verifying").verify().findings)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    print(json.dumps(main()))
