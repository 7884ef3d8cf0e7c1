"""What all tests share: the processes around the product, and which tests a run leaves out."""

import gc
import os
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.apps import apps
from django.core.cache import cache
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations
from pytest_django import DjangoDbBlocker, Settings

from site_config import csp
from site_config.devtools.postgresql import free_port
from tests import logged, simulator_process, unguarded
from tests.simulator import checked
from tests.simulator_process import StripeSimulator
from tests.trail import watch
from trail import guards

FIRST_HALF = ("payments", "guest", "matrix", "recovery")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of `./run test` and `./run faults`."""
    parser.addoption("--database-only", action="store_true", help="only tests that use the database")
    parser.addoption("--share", choices=("first", "second"), help="only one half of the tests")
    parser.addoption("--quick", action="store_true", help="the part of the faults that runs in CI")
    parser.addoption("--cases", type=int, help="how many requests to fuzz each operation with, by caller and kind")
    parser.addoption("--seed", help="which seeds of the simulation: 17, or 17,43, or 600-999")
    parser.addoption("--seeds", type=int, help="how many seeds of the simulation, from the first on")
    parser.addoption("--every", default="1/1", help="only every nth of them: 1/2 and 2/2 are all")
    parser.addoption("--fuzz-seed", type=int, help="which ones")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what another run does (`--share`), or what another database cannot change (`--database-only`)."""
    share, database_only = config.getoption("--share"), config.getoption("--database-only")
    kept = [
        item
        for item in items
        if (share is None or (share == "first") == is_of_first_half(item))
        and (not database_only or uses_database(item))
    ]
    if len(kept) < len(items):
        chosen = set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = kept


def is_of_first_half(item: pytest.Item) -> bool:
    """Whether a test is in one of the folders that together take about as long as all others."""
    return item.path.relative_to(Path(__file__).parent).parts[0] in FIRST_HALF


def pytest_collection_finish() -> None:
    """Keep what is loaded by now out of every later search for garbage: a tenth of the run's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


def uses_database(item: pytest.Item) -> bool:
    """By its marker or by a fixture it asks for."""
    marked = item.get_closest_marker("django_db") is not None
    return marked or bool({"db", "transactional_db"} & set(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session", autouse=True)
def quickly_emptied() -> Iterator[None]:
    """Empty, after a test that commits, only the tables that hold a row.

    On PostgreSQL TRUNCATE makes new files for a table and each of its indexes, which takes half a second for all of
    them; a test fills a few, with a few rows each.
    """
    whole = DatabaseOperations.sql_flush
    guarded = {each.name for each in guards.guarded(apps)}

    def only_filled(
        operations: DatabaseOperations,
        style: Any,
        tables: Sequence[str],
        *,
        reset_sequences: bool = False,
        **more: Any,
    ) -> list[str]:
        if reset_sequences or not tables:
            return whole(operations, style, tables, reset_sequences=reset_sequences, **more)
        name = operations.quote_name
        # Foreign keys are looked at when all of it is committed, so the order is free.
        asked = (f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {name(table)})" for table in tables)
        with connection.cursor() as cursor:
            cursor.execute(" UNION ALL ".join(asked))
            filled = {table for (table,) in cursor.fetchall()}
        kept = filled & guarded
        # What keeps history lets nobody delete a row, but a whole table here; the salts go with their entries.
        kept |= {"trail_entry", "trail_salt"} if kept & {"trail_entry", "trail_salt"} else set()
        emptied = [f"TRUNCATE {', '.join(map(name, sorted(kept)))};"] if kept else []
        return [*emptied, *(f"DELETE FROM {name(table)};" for table in sorted(filled - kept))]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", only_filled)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test in which the product writes past history, or a person or a secret into the log."""
    has_database = uses_database(item)
    if has_database:
        watch.start()
        watch.WATCH.begin()
    with logged.watched() as leaks:
        result = yield
    problems = [*leaks, *(watch.WATCH.problems() if has_database else ())]
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)
    return result


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let the tables of history be emptied between tests; nothing but a test can."""
    with django_db_blocker.unblock():
        unguarded.let_tables_be_emptied()


@pytest.fixture(autouse=True)
def forgotten_guesses() -> None:
    """Begin without the wrong links that other tests have opened from the same address."""
    cache.clear()


@pytest.fixture(scope="session")
def stripe_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StripeSimulator]:
    """One simulator for the whole run; tests take `stripe_simulator`, which begins empty."""
    folder = tmp_path_factory.mktemp("stripe")
    with simulator_process.running(folder, api_key=os.environ["STRIPE_SECRET_KEY"]) as simulator:
        yield simulator


@pytest.fixture
def stripe_simulator(stripe_process: StripeSimulator, settings: Settings) -> Iterator[StripeSimulator]:
    """An empty Stripe that the product talks to, and to whose pages its own pages may lead.

    What it answers has to be what Stripe's own OpenAPI document allows.
    """
    stripe_process.reset()
    # A browser test points it at the product's own server, which lives on as long as the run.
    stripe_process.control("webhook", url=None)
    settings.STRIPE_API_BASE = stripe_process.url
    settings.SECURE_CSP = csp.guest_policy(stripe_process.url)
    with checked.answers():
        yield stripe_process


@pytest.fixture
def database_url(db: None) -> str:
    """The test database as a `DATABASE_URL`, for processes that a test starts."""
    facts: dict[str, Any] = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{facts['NAME']}"
    password = f":{facts['PASSWORD']}" if facts["PASSWORD"] else ""
    return f"postgres://{facts['USER']}{password}@{facts['HOST']}:{facts['PORT']}/{facts['NAME']}"


@dataclass
class SmtpServer:
    """A mail server that keeps what it is given."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Called by aiosmtpd for each mail."""
        content = envelope.content or b""
        raw = content if isinstance(content, bytes) else content.encode()
        self.messages.append(message_from_bytes(raw, policy=modern))
        return "250 OK"


@pytest.fixture
def smtp_server(settings: Settings) -> Iterator[SmtpServer]:
    """A real SMTP server on loopback, and the product set to send through it."""
    server = SmtpServer(port=free_port())
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    options = {"host": "127.0.0.1", "port": server.port, "timeout": 5}
    backend = "django.core.mail.backends.smtp.EmailBackend"
    settings.MAILERS = {"default": {"BACKEND": backend, "OPTIONS": options}}
    try:
        yield server
    finally:
        controller.stop()
