"""What the chain costs: saves of a booking with their history, with the chain and without it, and its verification.

    python -m tests.performance.chain

One process works on the database of its environment and prints what it measured as JSON. Every writer is a process
of its own with a booking of its own, all in one hotel: each of their commits waits for the same chain.
"""

import importlib
import json
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Final

WRITERS: Final = (1, 8)
SAVES, WARM, ROUNDS = 400, 10, 3
# Entries of the chain that is verified.
LENGTH: Final = 5_000
GOAL: Final = 0.4


@dataclass(frozen=True)
class Saves:
    """How many a second, and milliseconds of our own processor time for each."""

    per_second: float
    cpu_milliseconds: float


@dataclass(frozen=True)
class Measured:
    """By the number of writers: with and without the chain. And how many rows a second are verified."""

    chained: dict[str, Saves]
    plain: dict[str, Saves]
    verified_per_second: float
    verified: int


def measure(env: Mapping[str, str]) -> Measured:
    """Run this file as a process of its own and return what it measured."""
    command = [sys.executable, "-m", "tests.performance.chain"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    said = json.loads(done.stdout.splitlines()[-1])
    for way in ("chained", "plain"):
        said[way] = {writers: Saves(**found) for writers, found in said[way].items()}
    return Measured(**said)


def main() -> Measured:
    """Measure by turns, so that a busy moment of the machine hits both; the best of some rounds."""
    importlib.import_module("django").setup()
    importlib.import_module("logging").disable()
    keys = bookings(max(WRITERS))
    rounds: dict[bool, dict[int, list[Saves]]] = {way: {each: [] for each in WRITERS} for way in (True, False)}
    for _ in range(ROUNDS):
        for writers in WRITERS:
            for is_chained in (True, False):
                rounds[is_chained][writers].append(one_round(keys[:writers], is_chained=is_chained))
    best = {way: {str(each): best_of(found) for each, found in rounds[way].items()} for way in rounds}
    verified, seconds = verification(keys[0])
    return Measured(best[True], best[False], verified / seconds, verified)


def bookings(number: int) -> list[int]:
    """Drafts of one hotel, one for each writer."""
    factories = importlib.import_module("tests.factories")
    room = factories.RoomFactory()
    return [
        factories.BookingFactory(room=room, check_in=factories.days_ahead(9 * each + 9)).pk for each in range(number)
    ]


def one_round(keys: list[int], *, is_chained: bool) -> Saves:
    """Let every writer save its share at once."""
    start = multiprocessing.get_context("fork")
    begin, said = start.Barrier(len(keys) + 1), start.Queue()
    # A connection cannot be shared with a child.
    importlib.import_module("django.db").connections.close_all()
    share = SAVES // len(keys)
    writers = [start.Process(target=write, args=(key, share, begin, said, is_chained)) for key in keys]
    for each in writers:
        each.start()
    begin.wait()
    began = time.perf_counter()
    spent = sum(said.get(timeout=300) for _ in keys)
    took = time.perf_counter() - began
    for each in writers:
        each.join()
    return Saves(per_second=share * len(keys) / took, cpu_milliseconds=1000 * spent / (share * len(keys)))


def write(key: int, number: int, begin: Any, said: Any, is_chained: bool) -> None:
    """One writer: it says how long it kept a core busy."""
    with chain(is_on=is_chained):
        for each in range(WARM):
            save(key, each)
        begin.wait()
        before = time.process_time()
        for each in range(number):
            save(key, each)
        said.put(time.process_time() - before)


@contextmanager
def chain(*, is_on: bool) -> Iterator[None]:
    """Leave the chain out of what this process writes, unless it is on."""
    if not is_on:
        signals = importlib.import_module("simple_history.signals")
        signals.post_create_historical_record.disconnect(dispatch_uid="trail.noted")
        importlib.import_module("trail.backends.pending").BEFORE_COMMIT.clear()
    yield


def save(key: int, number: int) -> None:
    """Change one booking as the desk does: locked, with who and why in its history."""
    audit = importlib.import_module("bookings.audit")
    models = importlib.import_module("bookings.models")
    with importlib.import_module("django.db.transaction").atomic(), audit.change("edit", "Said by phone"):
        booking = models.Booking.objects.select_for_update(of=("self",)).get(pk=key)
        booking.notes = f"Note {number}"
        booking.save()


def best_of(rounds: list[Saves]) -> Saves:
    """Noise only ever slows down."""
    return Saves(
        per_second=max(each.per_second for each in rounds),
        cpu_milliseconds=min(each.cpu_milliseconds for each in rounds),
    )


def verification(key: int) -> tuple[int, float]:
    """Let the chain grow, and verify it: how many entries it has, and how many seconds it took."""
    verifying = importlib.import_module("trail.verifying")
    atomic = importlib.import_module("django.db.transaction").atomic
    hotel = importlib.import_module("bookings.models").Booking.objects.get(pk=key).hotel_id
    while verifying.Chain.objects.get(pk=hotel).length < LENGTH:
        with atomic():
            for number in range(500):
                save(key, number)
    began = time.perf_counter()
    report = verifying.verify(chains=[hotel])
    took = time.perf_counter() - began
    if report.findings:
        raise RuntimeError(str(report.findings[0]))
    return report.entries, took


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    print(json.dumps(asdict(main())))
