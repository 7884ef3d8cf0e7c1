"""Put the history that is there already into its chains, and guard it from here on."""

from django.db import migrations

from trail import backfill, guards


def begin(apps, schema_editor):
    """Chain what is there, oldest first; then let nothing change it."""
    guards.note_shapes(apps, schema_editor.connection.alias)
    backfill.run(apps, schema_editor.connection.alias)
    guards.stand(schema_editor.connection, apps)


def end(apps, schema_editor):
    """Take the guards away and forget the chains; the history itself stays."""
    guards.fall(schema_editor.connection)
    backfill.undo(apps, schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [
        ("trail", "0002_explorer"),
        ("bookings", "0018_records"),
        ("payments", "0004_difference"),
        ("cancellations", "0002_guests_way"),
    ]

    operations = [migrations.RunPython(begin, end)]
