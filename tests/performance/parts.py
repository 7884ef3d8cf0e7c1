"""The parts of the table: each measures one thing in a database of its own, and yields figures as it finds them."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from site_config.devtools.proof import Row
from tests.performance import bulk, chain, desk, drawing, explorer, listing, peer, webhooks
from tests.performance.database import SIZE, migrate
from tests.performance.deciding_parts import drained_inbox, own_time
from tests.performance.load_part import steady_load
from tests.performance.more_parts import demo_again, embedded, guest_pages, month_of_rooms, rivals_for_one_room
from tests.performance.size_parts import servers, work_against_size

type Env = Mapping[str, str]
type Part = Callable[[Env], Iterator[Row]]


def accepted_webhooks(env: Env) -> Iterator[Row]:
    """How fast webhooks are accepted, and what a redelivery writes."""
    ours, bare = webhooks.measure(env)
    bare_view = "a bare view with one insert"
    yield Row(
        goal="accepted",
        what="webhooks accepted, events/s",
        ours=ours.per_second,
        reference=bare.per_second,
        at_least=webhooks.GOAL,
        against=bare_view,
        digits=0,
    )
    yield Row(
        what="server CPU per event, ms",
        ours=ours.cpu_milliseconds,
        reference=bare.cpu_milliseconds,
        against=bare_view,
        digits=2,
    )
    yield Row(
        goal="redelivery",
        what="rows written by redeliveries, beside their count",
        ours=ours.rewritten,
        at_most=0,
        digits=0,
    )


def webhooks_beside_peer(env: Env) -> Iterator[Row]:
    """How much faster webhooks are accepted than by dj-stripe, which asks Stripe inside the request."""
    found = peer.measure(env)
    yield from (
        Row(
            goal="accepted, peer",
            what="webhooks accepted, events/s",
            ours=found.ours.per_second,
            reference=found.accepted.per_second,
            at_least=peer.ACCEPT_GOAL,
            against="dj-stripe with a receiver, an event that needs no look-up",
            digits=0,
        ),
        Row(
            goal="accepted, slow",
            what="webhooks accepted while Stripe takes 100 ms, events/s",
            ours=found.ours.per_second,
            reference=found.processed_slowly.per_second,
            at_least=peer.SLOW_GOAL,
            against="dj-stripe on events of payments, inside the request",
            digits=0,
        ),
        Row(
            what="server CPU per event, ms",
            ours=found.ours.cpu_milliseconds,
            reference=found.accepted.cpu_milliseconds,
            against="dj-stripe, no look-up",
            digits=2,
        ),
        Row(what="dj-stripe on events of payments, events/s", ours=found.processed.per_second, note="Stripe at 0 ms"),
        Row(what="its CPU per such event, ms", ours=found.processed.cpu_milliseconds, digits=2),
    )


def bulk_cancel(env: Env) -> Iterator[Row]:
    """How fast many bookings are cancelled with their refunds."""
    found = bulk.measure(env)
    yield Row(
        goal="bulk",
        what="bookings cancelled in a run, bookings/s",
        ours=found.bulk_per_second,
        reference=found.single_per_second,
        at_least=bulk.GOAL,
        against=f"one by one, {found.few} of them",
        note=f"{found.bookings} took {found.seconds:.1f} s, Stripe at {bulk.ANSWER_SECONDS * 1000:.0f} ms",
    )
    yield Row(
        what="our CPU per booking, ms",
        ours=found.bulk_cpu_milliseconds,
        reference=found.single_cpu_milliseconds,
        against="one by one",
    )


def booking_list(env: Env) -> Iterator[Row]:
    """What a page of the booking list costs."""
    found, stock = listing.measure(env), "stock Django's admin, the same 50 rows"
    yield Row(
        goal="list",
        what="booking list, ms of CPU a page",
        ours=found.ours,
        reference=found.stock,
        at_most=listing.GOAL,
        against=stock,
    )
    yield Row(
        what="the frame alone, on an empty page, ms of CPU",
        ours=found.frame,
        reference=found.stock,
        against=stock,
    )


def desk_pages(env: Env) -> Iterator[Row]:
    """What each kind of page costs over a small book and a large one."""
    size = int(env[SIZE] or drawing.MANY)
    for each in drawing.measure("desk", env, size):
        goal = "search" if each.kind.startswith("search") else "pages"
        yield from pages_beside(each, size, goal=goal, at_most=desk.goal(each.kind))
        if most := desk.most_queries(each.kind):
            key, queries = f"{most.of} queries", each.many_queries
            yield Row(goal=key, what=f"{each.kind}: queries", ours=queries, at_most=most.queries, digits=0)


def history_explorer(env: Env) -> Iterator[Row]:
    """What pages of the explorer cost at few entries and at many."""
    size = int(env[SIZE] or 5 * drawing.MANY)
    for each in drawing.measure("explorer", env, size):
        yield from pages_beside(each, size, goal="explorer", at_most=explorer.GOAL)


def pages_beside(found: drawing.Drawn, size: int, *, goal: str, at_most: float) -> Iterator[Row]:
    """One kind of page over many rows beside few: its time, and its queries, of which there are as many."""
    few = f"the same over {drawing.FEW:,} rows"
    yield Row(
        goal=goal,
        what=f"{found.kind}: p95 in ms over {size:,} rows",
        ours=found.many,
        reference=found.few,
        at_most=at_most,
        against=few,
    )
    yield Row(
        goal="queries",
        what=f"{found.kind}: queries over {size:,} rows",
        ours=found.many_queries,
        reference=found.few_queries,
        at_least=1,
        at_most=1,
        against=few,
        digits=0,
    )


def history_chain(env: Env) -> Iterator[Row]:
    """What the chain costs on both databases, and how fast it is verified."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite = {**env, "DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}"}
        migrate(sqlite["DATABASE_URL"])
        for name, each in (("PostgreSQL", env), ("SQLite", sqlite)):
            yield from saves_beside(name, chain.measure(each))


def saves_beside(database: str, found: chain.Measured) -> Iterator[Row]:
    """Saves of a booking with its history: with the chain beside those without it."""
    for writers, chained in found.chained.items():
        plain, who = found.plain[writers], f"{database}, {writers} writing"
        yield Row(
            goal="chain",
            what=f"{who}: saves/s",
            ours=chained.per_second,
            reference=plain.per_second,
            at_least=chain.GOAL,
            against="without the chain",
            digits=0,
        )
        yield Row(
            what=f"{who}: our CPU per save, ms",
            ours=chained.cpu_milliseconds,
            reference=plain.cpu_milliseconds,
            against="without the chain",
            digits=2,
        )
    note = f"of {found.verified:,} rows"
    yield Row(what=f"{database}: rows verified a second", ours=found.verified_per_second, note=note, digits=0)


PARTS: Final[dict[str, Part]] = {
    "webhooks": accepted_webhooks,
    "peer": webhooks_beside_peer,
    "drain": drained_inbox,
    "bulk": bulk_cancel,
    "own": own_time,
    "list": booking_list,
    "desk": desk_pages,
    "explorer": history_explorer,
    "trail": history_chain,
    "guest": guest_pages,
    "rooms": month_of_rooms,
    "rivals": rivals_for_one_room,
    "embedded": embedded,
    "demo": demo_again,
    "load": steady_load,
    "curves": work_against_size,
    "server": servers,
}
