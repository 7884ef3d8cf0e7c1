"""Parts of the table about size and place: what a booking costs among many, and what serves it."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from site_config.devtools.proof import Row
from tests.performance import curves, server
from tests.performance.curves import Cost, Point
from tests.performance.database import SIZE

NAMES: Final = {
    "statements": "statements",
    "blocks": "blocks that PostgreSQL looks at",
    "ours": "our CPU, ms",
    "postgresql": "PostgreSQL's CPU, ms",
}
# Of what takes no millisecond a clock tells little.
COUNTED: Final = ("statements", "blocks")


def work_against_size(env: Mapping[str, str]) -> Iterator[Row]:
    """By which exponent the work of one booking's life grows with each thing that there may be much of."""
    for axis, points in curves.measure(env, int(env[SIZE] or curves.LARGEST)):
        sizes = [each.size for each in points]
        if points[0].steps:
            for work, name in NAMES.items():
                yield grown(f"a booking's life against {axis}: {name}", sizes, [each.life(work) for each in points])
        for task in points[0].rounds:
            for work in COUNTED if points[0].steps else NAMES:
                found = [float(getattr(each.rounds[task], work)) for each in points]
                yield grown(f"{task} against {axis}: {NAMES[work]}", sizes, found)
        if axis == "bookings":
            yield from of_one_booking(points)


def grown(what: str, sizes: Sequence[int], found: Sequence[float]) -> Row:
    """The exponent of one curve, and its points."""
    told = ", ".join(f"{each:,.0f} at {size:,}" for size, each in zip(sizes, found, strict=True))
    exponent = curves.exponent(list(sizes), list(found))
    return Row(goal="curves", what=f"{what}: exponent", ours=exponent, at_most=curves.GOAL, note=told, digits=3)


def of_one_booking(points: Sequence[Point]) -> Iterator[Row]:
    """What one booking's life costs among the most bookings, step by step, and what it leaves on disk."""
    most = points[-1]
    at = f"at {most.size:,} bookings"
    for name, cost in most.steps.items():
        yield Row(what=f"{name}, ms of our CPU", ours=cost.ours, note=f"{told(cost)}, {at}")
    for work, name in NAMES.items():
        yield Row(what=f"one booking's life: {name}", ours=most.life(work), note=at)
    yield Row(what="one booking's life: events of Stripe's", ours=most.events, digits=1)
    yield Row(what="one booking's life: KB on disk, history and indexes included", ours=points[0].disk / 1024)


def told(cost: Cost) -> str:
    """What else a step costs."""
    return f"{cost.statements:.0f} statements, {cost.blocks:.0f} blocks, {cost.postgresql:.1f} ms of PostgreSQL's CPU"


def servers(env: Mapping[str, str]) -> Iterator[Row]:
    """gunicorn beside granian, with the same product behind each."""
    found = server.measure(env)
    ours, other = found["gunicorn"], found["granian"]
    for kind, rate in ours.rates.items():
        beside = other.rates[kind]
        yield Row(
            what=f"{kind}, requests/s", ours=rate.per_second, reference=beside.per_second, against="granian", digits=0
        )
        yield Row(
            what=f"{kind}, ms of CPU",
            ours=rate.cpu_milliseconds,
            reference=beside.cpu_milliseconds,
            against="granian",
            digits=2,
        )
    for kind, milliseconds in ours.postgresql.items():
        yield Row(what=f"{kind}, ms of PostgreSQL's CPU", ours=milliseconds, digits=2)
    yield Row(
        what="memory of the server and its two processes, MB",
        ours=ours.megabytes,
        reference=other.megabytes,
        against="granian",
        digits=0,
    )
    for name, each in found.items():
        note = f"ended {each.seconds_to_end:.1f} s after they could go on"
        what = f"{name}, asked to end: answered of {server.WORKERS} requests in hand"
        yield Row(what=what, ours=each.in_hand, note=note, digits=0)
