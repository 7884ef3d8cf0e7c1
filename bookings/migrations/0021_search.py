"""Indexes for lists of a million bookings: for the search (PostgreSQL only), the tabs, and the start page."""

from django.db import migrations, models
from django.db.models import Q

from bookings.migration_steps import AddIndexOnline

SEARCHED = (
    "booking_id || ' ' || guest_name || ' ' || guest_email || ' ' || guest_phone || ' ' ||"
    " regexp_replace(guest_phone, '[^0-9]', '', 'g')"
)
# An attempt that was broken off leaves an index that is of no use, and in the way.
MAKE = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "DROP INDEX CONCURRENTLY IF EXISTS booking_search",
    f"CREATE INDEX CONCURRENTLY booking_search ON bookings_booking USING gin (({SEARCHED}) gin_trgm_ops)",
)
UNDO = ("DROP INDEX CONCURRENTLY IF EXISTS booking_search",)


def on_postgresql(statements):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            for statement in statements:
                schema_editor.execute(statement)

    return run


def add(model, name, *fields, condition=None):
    return AddIndexOnline(model, models.Index(fields=fields, name=name, condition=condition))


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("bookings", "0020_releases_in_history")]

    operations = [
        migrations.RunPython(on_postgresql(MAKE), on_postgresql(UNDO)),
        add("booking", "booking_tab", "record_state", "status", "id"),
        add("booking", "booking_of_hotel", "hotel", "record_state", "id"),
        add("booking", "booking_arrival", "check_in", "id"),
        add("booking", "booking_made", "created_at"),
        add("booking", "booking_cancelled", "cancelled_at", condition=Q(cancelled_at__isnull=False)),
        add("message", "message_plain", "booking", condition=Q(is_fallback=True, handled_at=None)),
    ]
