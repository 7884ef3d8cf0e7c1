"""PostgreSQL refuses two blocking bookings of one room for the same night, whatever the code does.

SQLite has no exclusion constraints; there the same check runs under an immediate transaction, which is the
database's only writer.
"""

from django.db import migrations

CONSTRAINT = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE bookings_booking ADD CONSTRAINT no_double_booking EXCLUDE USING gist (
    room_id WITH =,
    daterange(check_in, check_out, '[)') WITH &&
) WHERE (
    room_id IS NOT NULL AND record_state = 'ACTIVE'
    AND status IN ('PENDING_PAYMENT', 'PENDING_APPROVAL', 'CONFIRMED', 'COMPLETED', 'NO_SHOW')
);
"""
UNDO = "ALTER TABLE bookings_booking DROP CONSTRAINT no_double_booking;"


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("bookings", "0002_initial")]

    operations = [migrations.RunPython(on_postgresql(CONSTRAINT), on_postgresql(UNDO))]
