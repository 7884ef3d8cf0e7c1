"""The database itself refuses to change history, whoever asks; only an erasure may."""

import sqlite3
from contextlib import closing

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, connections, transaction

from tests.factories import BookingFactory, HotelFactory
from tests.unguarded import alter
from trail import erasing, guards, writing
from trail.models import Chain, Entry, Salt

pytestmark = pytest.mark.django_db
WRITES = (
    "UPDATE bookings_historicalbooking SET notes = 'x'",
    "UPDATE bookings_historicalbooking SET history_id = history_id + 1000",
    "DELETE FROM bookings_historicalbooking",
    "UPDATE trail_entry SET hash = ''",
    "DELETE FROM trail_entry",
    "DELETE FROM trail_salt",
    "DELETE FROM trail_chain",
    "UPDATE trail_chain SET head = 'x'",
    "UPDATE trail_chain SET length = length - 1, head = 'x'",
    "UPDATE trail_shape SET fields = '[]'",
)


@pytest.fixture
def rows(monkeypatch):
    """A booking with its entries, on a connection that may not be emptied."""
    if connection.vendor == "sqlite":
        monkeypatch.setattr(connections["default"], "emptying", False, raising=False)
    else:
        alter("ENABLE", "TRUNCATE", "DELETE")
    BookingFactory(notes="Cot")
    writing.write_pending()
    with connection.cursor() as cursor:
        # PostgreSQL empties no table whose foreign keys wait to be checked.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE" if connection.vendor == "postgresql" else "SELECT 1")


def refused(statement):
    """The database refuses a statement, and nothing moves."""
    with (
        connection.cursor() as cursor,
        pytest.raises(IntegrityError, match="kept as it was written"),
        transaction.atomic(),
    ):
        cursor.execute(statement)


@pytest.mark.parametrize("statement", WRITES)
def test_history_stays_as_it_was_written(rows, statement):
    refused(statement)


@pytest.mark.postgres
@pytest.mark.parametrize("table", ["bookings_historicalbooking", "trail_entry", "trail_chain", "trail_erasure"])
def test_no_table_is_emptied_at_once(rows, table):
    refused(f"TRUNCATE {table} CASCADE")


@pytest.mark.parametrize(
    ("table", "key"),
    [("bookings_historicalbooking", "history_id"), ("trail_chain", "id"), ("trail_entry", "id")],
)
def test_replacing_deletes_nothing_unseen(rows, table, key):
    if connection.vendor == "sqlite":
        refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
        refused(f"UPDATE OR REPLACE {table} SET {key} = {key} + 1")


def test_entry_at_a_taken_place_is_refused(rows):
    if connection.vendor == "sqlite":
        columns = ", ".join(each.column for each in Entry._meta.concrete_fields if each.name != "id")
        refused(f"INSERT OR REPLACE INTO trail_entry ({columns}) SELECT {columns} FROM trail_entry")


def test_erasure_changes_values_and_nothing_else(rows):
    with erasing.erasing("default"):
        with connection.cursor() as cursor:
            cursor.execute("UPDATE bookings_historicalbooking SET notes = ''")
        refused("UPDATE bookings_historicalbooking SET history_id = history_id + 1000")
        refused("DELETE FROM bookings_historicalbooking")
        refused("UPDATE trail_entry SET hash = ''")
    refused("UPDATE bookings_historicalbooking SET notes = 'x'")


def test_chains_grow(rows):
    chain = Chain.objects.get()
    HotelFactory()
    assert writing.write_pending() > 0
    Chain.objects.filter(pk=chain.pk).update(length=chain.length + 1, head="new")
    assert Salt.objects.exists()


def test_every_history_has_its_triggers(rows):
    dialect = guards.guards_sqlite if connection.vendor == "sqlite" else guards.guards_postgresql
    with connection.cursor() as cursor:
        there = dialect.existing(cursor)
    histories = {model._meta.db_table for model in apps.get_models() if hasattr(model, "history_id")}
    assert histories <= set(there.values())
    assert [each for table in guards.guarded(apps) for each in dialect.statements(table, there)] == []
    assert len(there) == 3 * len(list(guards.guarded(apps)))


@pytest.mark.django_db(transaction=True)
def test_another_program_reads_and_writes_nothing():
    if connection.vendor != "sqlite":
        return
    BookingFactory()
    with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
        assert other.execute("SELECT count(*) FROM bookings_historicalbooking").fetchone() == (1,)
        with pytest.raises(sqlite3.OperationalError, match="innkeep_erasing"):
            other.execute("UPDATE bookings_historicalbooking SET notes = 'x'")
        script = "\n".join(other.iterdump())
    with closing(sqlite3.connect(":memory:")) as restored:
        restored.executescript(script)
        assert restored.execute("SELECT count(*) FROM trail_entry").fetchone() == (Entry.objects.count(),)
