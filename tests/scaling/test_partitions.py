"""History divided by months, tried on PostgreSQL: what it takes, what it forbids, and what goes on as before.

Nothing in the product divides its tables; docs/scaling.md tells what is found out here.
"""

from itertools import pairwise

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client

from bookings.models import Booking
from tests.factories import UserFactory
from tests.stays import confirmed, fresh, guest_cancels, transitions
from tests.trail.recorded import recorded
from trail import guards, verifying
from trail.models import Entry

pytestmark = [pytest.mark.postgres, pytest.mark.django_db]

HISTORY, ENTRIES = ("bookings_historicalbooking", "history_id", "history_date"), ("trail_entry", "id", "at")
TABLES = (HISTORY, ENTRIES)
# Parts by their first days; the last one ends where nobody writes history yet.
MONTHS = ("2026-01-01", "2026-11-01", "2100-01-01")


def run(statement):
    """Run a statement; return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def refused(statement):
    """What the database says to a statement; nothing, where it carries it out. Either way it is undone."""
    try:
        with transaction.atomic():
            run(statement)
            transaction.set_rollback(True)
    except DatabaseError as error:
        return str(error).splitlines()[0]
    return ""


def divided(table, key, moment):
    """Put a table divided by a moment in the place of a whole one, with its rows, its indexes and its numbers."""
    wanted = f"tablename = '{table}' AND indexdef NOT LIKE 'CREATE UNIQUE%'"
    indexes = run(f"SELECT indexname, indexdef FROM pg_indexes WHERE {wanted}")
    for name, _made in indexes:
        run(f'DROP INDEX "{name}"')
    for name, other in run(
        f"SELECT conname, conrelid::regclass FROM pg_constraint WHERE confrelid = '{table}'::regclass"
    ):
        run(f'ALTER TABLE {other} DROP CONSTRAINT "{name}"')
    run(f"ALTER TABLE {table} RENAME TO {table}_whole")
    run(f"CREATE TABLE {table} (LIKE {table}_whole INCLUDING DEFAULTS) PARTITION BY RANGE ({moment})")
    run(f"ALTER TABLE {table} ADD PRIMARY KEY ({key}, {moment})")
    for number, (begin, end) in enumerate(pairwise(MONTHS)):
        run(f"CREATE TABLE {table}_{number} PARTITION OF {table} FOR VALUES FROM ('{begin}') TO ('{end}')")
    run(f"CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT")
    run(f"CREATE SEQUENCE {table}_numbers START 100000")
    run(f"ALTER TABLE {table} ALTER {key} SET DEFAULT nextval('{table}_numbers')")
    run(f"INSERT INTO {table} SELECT * FROM {table}_whole")
    # Its triggers go with it: as long as they are there, by their names, `migrate` makes no others.
    run(f"DROP TABLE {table}_whole")
    for _name, made in indexes:
        run(made)


@pytest.fixture
def booking(stripe_simulator):
    """A booking with a history, before its tables are divided."""
    made = confirmed(stripe_simulator)
    recorded()
    # A table whose foreign keys are still to be looked at cannot go.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    for table in TABLES:
        divided(*table)
    run("SET CONSTRAINTS ALL DEFERRED")
    return made


def test_a_divided_table_can_keep_nothing_unique_over_all_months(booking):
    said = "unique constraint on partitioned table must include all partitioning columns"
    assert refused("ALTER TABLE trail_entry ADD UNIQUE (chain, position)") == said
    assert refused("ALTER TABLE trail_entry ADD UNIQUE (model, record_id)") == said
    assert refused("ALTER TABLE bookings_historicalbooking ADD UNIQUE (history_id)") == said
    assert (
        refused("ALTER TABLE trail_salt ADD FOREIGN KEY (entry_id) REFERENCES trail_entry (id)")
        == 'there is no unique constraint matching given keys for referenced table "trail_entry"'
    )


def test_two_entries_at_one_place_are_let_in(booking):
    entry = Entry.objects.latest("position")
    columns = ", ".join(field.column for field in Entry._meta.concrete_fields if field.column not in ("id", "at"))
    double = f"SELECT at - interval '60 days', {columns} FROM trail_entry WHERE id = {entry.pk}"
    assert refused(f"INSERT INTO trail_entry (at, {columns}) {double}") == ""


def test_an_index_cannot_be_made_beside_the_running_product(booking):
    said = refused("CREATE INDEX CONCURRENTLY x ON trail_entry (chain)")
    assert said in (
        'cannot create index on partitioned table "trail_entry" concurrently',
        "CREATE INDEX CONCURRENTLY cannot run inside a transaction block",
    )


def test_the_guards_are_made_again_by_migrate_but_leave_the_parts_open(booking):
    table, part = HISTORY[0], f"{HISTORY[0]}_1"
    assert refused(f"DELETE FROM {table}") == ""
    guards.stand(connection, apps)
    kept = "is kept as it was written: no"
    assert refused(f"DELETE FROM {table}") == refused(f"DELETE FROM {part}") == f"{part} {kept} DELETE"
    assert refused(f"UPDATE {table} SET notes = 'x'") == f"{part} {kept} UPDATE"
    assert refused(f"TRUNCATE {table}") == f"{table} {kept} TRUNCATE"
    # What nothing refuses: each part would need a trigger of its own, and no trigger sees a part that is let go.
    assert refused(f"TRUNCATE {part}") == ""
    assert refused(f"ALTER TABLE {table} DETACH PARTITION {part}") == ""


def test_history_is_written_verified_and_shown_as_before(booking):
    guest_cancels(fresh(booking))
    recorded()
    assert transitions(Booking.objects.get(pk=booking.pk)) == ["submit", "authorize", "approve", "cancel"]
    assert run("SELECT count(*) > 0 FROM trail_entry_1") == [(True,)]
    assert [*map(str, verifying.verify().findings)] == []
    client = Client()
    client.force_login(UserFactory(role="owner"))
    page = client.get("/admin/trail/entry/", {"reference": booking.booking_id})
    assert page.status_code == 200
    assert booking.booking_id in page.content.decode()
