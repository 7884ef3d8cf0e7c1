"""What can go wrong around the product while it works: its database, its host and its mail server."""

import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from django.conf import settings
from django.db import connection

type Outage = Callable[[], None]
# A role that may hold no connection at all is refused in the server's own words, as in a full pool.
CROWDED: Final = "innkeep_crowded"
DEAD_SERVER: Final = {
    "default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": {"host": "127.0.0.1", "port": 9}}
}


def connection_lost() -> None:
    """The server ends our session, as a restart does. The product learns of it with its next statement."""
    ours = connection.connection.info.backend_pid
    with connection.get_new_connection(connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 1000)", [ours])


def deadlock() -> None:
    """The server ends our transaction, so that another can go on."""
    refused_by_the_server("40P01")


def disk_full() -> None:
    """The server has no room for what was to be written."""
    refused_by_the_server("53100")


def refused_by_the_server(code: str) -> None:
    """Let the server raise an error: it ends the transaction, and arrives as any other of its errors does."""
    with connection.wrap_database_errors:
        connection.connection.execute(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$")


def terminated() -> None:
    """The host asks this process to end, as a deployment does."""
    os.kill(os.getpid(), signal.SIGTERM)


OUTAGES: Final[Mapping[str, Outage]] = {
    each.__name__: each for each in (connection_lost, deadlock, disk_full, terminated)
}

# What happens only to a statement that changes a row.
REFUSALS: Final = (deadlock.__name__, disk_full.__name__)


@contextmanager
def mail_of(job: Mapping[str, Any]) -> Iterator[None]:
    """Take the mail server away where a job says so."""
    kept = settings.MAILERS
    settings.MAILERS = DEAD_SERVER if job.get("mail") == "down" else kept
    try:
        yield
    finally:
        settings.MAILERS = kept


@contextmanager
def full_pool() -> Iterator[str]:
    """A role of the server whose connections are all taken."""
    password = connection.get_connection_params().get("password") or CROWDED
    with connection.cursor() as cursor:
        cursor.execute(f"DROP ROLE IF EXISTS {CROWDED}")
        cursor.execute(f"CREATE ROLE {CROWDED} LOGIN CONNECTION LIMIT 0 PASSWORD %s", [password])
    try:
        yield CROWDED
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP ROLE {CROWDED}")
