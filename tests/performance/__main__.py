"""Measure, print the table, and fail where a goal is missed.

./run bench
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import sql

from tests.performance import bare_table, listing, webhooks

DATABASE = "innkeep_bench"
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


def main() -> int:
    """Print a line per goal; 1 when one was missed."""
    with database(os.environ["DATABASE_URL"]) as url:
        env = os.environ | SETTINGS | {"DATABASE_URL": url}
        ours, bare = webhooks.measure(env)
        own_list, stock_list = listing.measure(env)
    ratio = ours.per_second / bare.per_second
    print(f"{'':<32}{'Innkeep':>10}{'reference':>11}{'ratio':>8}  goal")
    rate = line("Webhook accepted, events/s", ours.per_second, bare.per_second, 0)
    print(f"{rate}  ≥ {webhooks.GOAL} × a bare view with one insert")
    print(line("  server CPU per event, ms", ours.cpu_milliseconds, bare.cpu_milliseconds, 2))
    shown = line("Booking list, ms of CPU a page", own_list, stock_list, 1)
    print(f"{shown}  ≤ {listing.GOAL} × stock Django's admin, the same 50 rows")
    return 0 if ratio >= webhooks.GOAL and own_list / stock_list <= listing.GOAL else 1


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
            yield url
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def migrate(url: str) -> None:
    """Our tables and the reference's one."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, env=os.environ | SETTINGS | {"DATABASE_URL": url}, check=True)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(bare_table.CREATE)


if __name__ == "__main__":
    sys.exit(main())
