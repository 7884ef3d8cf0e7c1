"""What one person did of one kind, found at once however much both have done."""

from django.db import migrations, models

from bookings.migration_steps import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("trail", "0004_releases")]

    operations = [
        AddIndexOnline("entry", models.Index(fields=["user_id", "transition", "at"], name="entry_person_transition")),
    ]
