"""The databases that are measured, and the settings of every process that works on one: as in production."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import psycopg
from psycopg import sql

from tests.performance import bare_table

# What a part is measured at, where somebody names another size than its own.
SIZE: Final = "INNKEEP_BENCH_SIZE"
NAME: Final = "innkeep_bench"
SETTINGS: Final = {
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


@contextmanager
def database(server: str) -> Iterator[str]:
    """A migrated database of its own on the server, dropped afterwards."""
    with empty(server, NAME) as url:
        migrate(url)
        with psycopg.connect(url, autocommit=True) as inside:
            inside.execute(bare_table.CREATE)
        yield url


@contextmanager
def empty(server: str, name: str) -> Iterator[str]:
    """An empty database beside the one that is named by an address, dropped afterwards."""
    known = sql.Identifier(name)
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(known))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(known))
        try:
            yield f"{server.rpartition('/')[0]}/{name}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(known))


def migrate(url: str) -> None:
    """Make our tables."""
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, env=os.environ | SETTINGS | {"DATABASE_URL": url}, check=True)
