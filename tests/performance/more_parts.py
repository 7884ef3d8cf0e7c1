"""More parts of the table: guests' pages, rooms, rivals for one room, the embedded database, the demo."""

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from site_config.devtools.proof import Row
from tests.performance import demo, guest, rivals, rooms
from tests.performance.database import SIZE, migrate
from tests.performance.working import measured


def guest_pages(env: Mapping[str, str]) -> Iterator[Row]:
    """What a guest's pages cost beside a bare view, and how much they load."""
    ours, bare = measured("guest", env, "ours"), measured("guest", env, "bare")
    for name, took in ours["pages"].items():
        yield Row(
            goal="guest",
            what=f"{name}, ms of CPU",
            ours=took,
            reference=bare["bare"],
            at_most=guest.GOAL,
            against="a bare Django view that reads a row and draws a template",
            digits=2,
        )
    for name, kilobytes in ours["kilobytes"].items():
        yield Row(
            goal="guest size", what=f"{name}, KB with all it loads", ours=kilobytes, at_most=guest.MOST_KILOBYTES
        )


def month_of_rooms(env: Mapping[str, str]) -> Iterator[Row]:
    """What it takes to say what a large hotel can sell in a month."""
    size = int(env[SIZE] or rooms.MANY)
    found, note = measured("rooms", env, str(size)), f"{rooms.ROOMS:,} rooms, {size:,} bookings"
    yield Row(
        goal="rooms", what="a month's rooms, p95 in ms", ours=found["p95"], at_most=rooms.GOAL_MILLISECONDS, note=note
    )
    yield Row(
        goal="rooms, queries",
        what="its queries",
        ours=found["queries"],
        at_most=rooms.GOAL_QUERIES,
        note=note,
        digits=0,
    )
    yield Row(what="with each room of a type and the best of them, p95 in ms", ours=found["with_rooms"], note=note)


def rivals_for_one_room(env: Mapping[str, str]) -> Iterator[Row]:
    """How long eight writers wait to be refused a room that somebody has, and what goes wrong."""
    found = measured("rivals", env)
    yield from attempts(found)
    yield Row(goal="rivals", what="refused, p95 in ms", ours=found["p95"], at_most=rivals.GOAL_MILLISECONDS)
    yield errors(found, goal="deadlocks", what="deadlocks and other errors")


def embedded(env: Mapping[str, str]) -> Iterator[Row]:
    """The same on SQLite: everybody waits their turn, and nobody is told that the database is locked."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        migrate(url)
        found = measured("rivals", {**env, "DATABASE_URL": url})
    yield from attempts(found)
    yield Row(what="refused, p95 in ms", ours=found["p95"])
    yield errors(found, goal="embedded", what='"database is locked" and other errors')
    yield Row(
        goal="embedded", what="rooms sold twice, findings in the trail", ours=found["wrong"], at_most=0, digits=0
    )


def attempts(found: Mapping[str, float]) -> Iterator[Row]:
    """How many attempts there were."""
    note = f"{found['done']} done, {found['refused']} refused, {rivals.WRITERS} writers"
    yield Row(what="attempts/s", ours=found["per_second"], note=note, digits=0)


def errors(found: Mapping[str, float], *, goal: str, what: str) -> Row:
    """Attempts that ended in neither way."""
    return Row(goal=goal, what=what, ours=found["errors"], at_most=0, note=str(found["said"]), digits=0)


def demo_again(env: Mapping[str, str]) -> Iterator[Row]:
    """How long the demo takes to start once more."""
    del env  # it has a database of its own
    took = demo.second_start()
    yield Row(goal="demo", what="./run demo, second start, seconds", ours=took, at_most=demo.GOAL_SECONDS)
