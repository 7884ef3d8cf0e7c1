"""Measure, print the table, and fail where a goal is missed.

./run bench [webhooks] [drain] [bulk] [own] [list] [desk | desk=100000] [explorer | explorer=5000000] [trail]
            [load | load=SECONDS]
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import psycopg
from psycopg import sql

from tests.performance import (
    bare_table,
    bulk,
    chain,
    desk,
    drain,
    drawing,
    explorer,
    listing,
    mixed,
    own,
    webhooks,
)

DATABASE = "innkeep_bench"
SIZE = "INNKEEP_BENCH_SIZE"
SETTINGS = {
    "ENV_FILE": "",
    "DJANGO_SETTINGS_MODULE": "site_config.settings",
    "DEBUG": "0",
    "DJANGO_SECRET_KEY": "bench-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEFGHIJKLMNOP",
    "SITE_URL": "http://127.0.0.1",
    "EMAIL_URL": "smtp://127.0.0.1:9",
    "STRIPE_PUBLISHABLE_KEY": "pk_test_bench",
    "STRIPE_SECRET_KEY": "sk_test_bench",
    "STRIPE_WEBHOOK_SECRET": "whsec_bench",
    "STRIPE_API_BASE": "http://127.0.0.1:9",
}


def main(wanted: list[str]) -> int:
    """Measure what is named, or everything; 1 when a goal was missed."""
    print(f"{'':<32}{'Innkeep':>10}{'reference':>11}{'ratio':>8}  goal")
    reached = [measured(name) for name in wanted or PARTS]
    return 0 if all(reached) else 1


def measured(name: str) -> bool:
    """Measure one goal in a database of its own; whether it is reached. A size may follow its name."""
    part, _, size = name.partition("=")
    with database(os.environ["DATABASE_URL"]) as url:
        return PARTS[part](os.environ | SETTINGS | {"DATABASE_URL": url, SIZE: size})


def accepted_webhooks(env: dict[str, str]) -> bool:
    """Print how fast webhooks are accepted; whether that is fast enough."""
    ours, bare = webhooks.measure(env)
    rate = line("Webhook accepted, events/s", ours.per_second, bare.per_second, 0)
    print(f"{rate}  ≥ {webhooks.GOAL} × a bare view with one insert")
    print(line("  server CPU per event, ms", ours.cpu_milliseconds, bare.cpu_milliseconds, 2))
    return ours.per_second / bare.per_second >= webhooks.GOAL


def drained_inbox(env: dict[str, str]) -> bool:
    """Print how fast a full inbox becomes bookings that moved; whether a steady stream is handled soon enough."""
    found = drain.measure(env)
    for words, each in (("at once", found.at_once), (f"in {drain.ANSWER_SECONDS * 1000:.0f} ms", found.slow)):
        print(f"Inbox drained, Stripe {words}:".ljust(42) + f"{each.per_second:.1f} events/s, {each.events} events")
        print(f"  our CPU per event, ms{each.cpu_milliseconds:>10.1f}")
    print(f"  delay of 95 % at {drain.PER_SECOND} events/s: {found.delay:.2f} s  ≤ {drain.LATEST:.0f} s")
    return found.delay <= drain.LATEST


def bulk_cancel(env: dict[str, str]) -> bool:
    """Print how fast many bookings are cancelled with their refunds; whether that is fast enough."""
    found = bulk.measure(env)
    rate = line("Bulk cancel, bookings/s", found.bulk_per_second, found.single_per_second, 1)
    print(f"{rate}  ≥ {bulk.GOAL} × one by one, Stripe at {bulk.ANSWER_SECONDS * 1000:.0f} ms")
    print(line("  our CPU per booking, ms", found.bulk_cpu_milliseconds, found.single_cpu_milliseconds, 1))
    print(f"  {found.bookings} bookings took {found.seconds:.1f} s; one by one is measured on {found.few} of them")
    return found.bulk_per_second / found.single_per_second >= bulk.GOAL


def own_time(env: dict[str, str]) -> bool:
    """Print what approving and cancelling cost beside Stripe; whether that is little enough."""
    found = own.measure(env)
    print(f"Our own time beside {found.bare.what}, ms by the clock without Stripe's answer (and of CPU)")
    reached = [act_beside(act, found.bare) for act in found.acts]
    return all(reached)


def act_beside(act: own.Cost, bare: own.Cost) -> bool:
    """Print one act; whether it is cheap enough."""
    print(f"{line(f'  {act.what}', act.wall, bare.wall, 1)}  ≤ {own.GOAL}   {act.statements:.0f} statements")
    print(line("    our CPU, ms", act.cpu, bare.cpu, 1), flush=True)
    return act.wall / bare.wall <= own.GOAL


def booking_list(env: dict[str, str]) -> bool:
    """Print what a page of the booking list costs; whether that is little enough."""
    found = listing.measure(env)
    shown = line("Booking list, ms of CPU a page", found.ours, found.stock, 1)
    print(f"{shown}  ≤ {listing.GOAL} × stock Django's admin, the same 50 rows")
    print(line("  the frame alone, on an empty page", found.frame, found.stock, 1))
    return found.ours / found.stock <= listing.GOAL


def desk_pages(env: dict[str, str]) -> bool:
    """Print what each kind of page costs over a small book and a large one; whether a large one costs little more."""
    size = int(env[SIZE] or drawing.MANY)
    print(f"The desk, p95 in ms (and queries): {size:,} bookings beside {drawing.FEW:,}", flush=True)
    reached = [pages_beside(each, goal=desk.goal(each.kind)) for each in drawing.measure("desk", env, size)]
    return all(reached)


def history_explorer(env: dict[str, str]) -> bool:
    """Print what pages of the explorer cost at few entries and at many; whether many cost little more."""
    size = int(env[SIZE] or drawing.MANY)
    print(f"Explorer, p95 in ms (and queries): {size:,} entries beside {drawing.FEW:,}", flush=True)
    reached = [pages_beside(each, goal=explorer.GOAL) for each in drawing.measure("explorer", env, size)]
    return all(reached)


def pages_beside(found: drawing.Drawn, *, goal: float) -> bool:
    """Print one kind of page over many rows beside few; whether many cost little more, and as many queries."""
    shown = line(f"  {found.kind}", found.many, found.few, 1)
    print(f"{shown}  ≤ {goal}   {found.many_queries} queries, {found.few_queries}", flush=True)
    return found.many / found.few <= goal and found.many_queries == found.few_queries


def history_chain(env: dict[str, str]) -> bool:
    """Print what the chain costs on both databases, and how fast it is verified; whether that is little enough."""
    with tempfile.TemporaryDirectory() as folder:
        sqlite = env | {"DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}"}
        migrate(sqlite["DATABASE_URL"])
        reached = [
            saves_beside(name, chain.measure(each)) for name, each in (("PostgreSQL", env), ("SQLite", sqlite))
        ]
    return all(reached)


def steady_load(env: dict[str, str]) -> bool:
    """Print what a whole installation does under load, at the full rate and, where that is too much, at less."""
    seconds = int(env[SIZE] or mixed.SECONDS)
    print("A whole installation under load; web and worker are restarted meanwhile", flush=True)
    if under_load(env, seconds, 1.0):
        return True
    any(under_load(env, seconds, share) for share in (0.5, 0.25, 0.1))
    return False


def under_load(env: dict[str, str], seconds: int, share: float) -> bool:
    """Print one run in an emptied database; whether the installation kept up."""
    with database(os.environ["DATABASE_URL"]) as url:
        found = mixed.measure({**env, "DATABASE_URL": url}, seconds, share)
    print(f"  {mixed.WEBHOOKS * share:.0f} webhooks/s and {mixed.PAGES * share:.0f} page views/s for {seconds} s:")
    print(f"    sent {found.sent}, answered {found.answered}")
    print(f"    lost {found.lost}, 5xx {found.broken}, without a web process {found.without_web:.1f} s")
    for kind, slow in found.p95.items():
        print(f"    {kind + ', ms':<28}p50 {found.p50[kind]:8.0f}   p95 {slow:8.0f}")
    print(f"    {'webhook to processed, ms':<28}p50 {found.delay_p50:8.0f}   p95 {found.delay_p95:8.0f}")
    spent = ", ".join(f"{name} {seconds:.0f}" for name, seconds in found.cpu.items())
    print(f"    CPU, s: {spent}; all was done {found.drained:.0f} s later")
    print(f"    INV: {'; '.join(found.wrong) or 'holds'}", flush=True)
    return found.is_sustained


def saves_beside(database: str, found: chain.Measured) -> bool:
    """Print saves with the chain beside those without it; whether it costs little enough."""
    print(f"Saves of a booking with its history on {database}: with the chain, and without it")
    for writers, chained in found.chained.items():
        plain = found.plain[writers]
        rate = line(f"  {writers} writing, saves/s", chained.per_second, plain.per_second, 0)
        print(f"{rate}  ≥ {chain.GOAL} × without the chain")
        print(line("    our CPU per save, ms", chained.cpu_milliseconds, plain.cpu_milliseconds, 2))
    print(f"  verified: {found.verified_per_second:,.0f} rows/s, of {found.verified:,} rows")
    return all(found.chained[each].per_second >= chain.GOAL * found.plain[each].per_second for each in found.plain)


PARTS: Final[dict[str, Callable[[dict[str, str]], bool]]] = {
    "webhooks": accepted_webhooks,
    "drain": drained_inbox,
    "bulk": bulk_cancel,
    "own": own_time,
    "list": booking_list,
    "desk": desk_pages,
    "explorer": history_explorer,
    "trail": history_chain,
    "load": steady_load,
}


def line(what: str, ours: float, reference: float, digits: int) -> str:
    """One line of the table."""
    return f"{what:<32}{ours:>10.{digits}f}{reference:>11.{digits}f}{ours / reference:>8.2f}"


@contextmanager
def database(server: str) -> Iterator[str]:
    """A migrated database of its own on the server, dropped afterwards."""
    name = sql.Identifier(DATABASE)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        url = f"{server.rpartition('/')[0]}/{DATABASE}"
        try:
            migrate(url)
            with psycopg.connect(url, autocommit=True) as inside:
                inside.execute(bare_table.CREATE)
            yield url
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def migrate(url: str) -> None:
    """Make our tables."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, env=os.environ | SETTINGS | {"DATABASE_URL": url}, check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
