"""What one person did of one kind, found at once however much both have done."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("trail", "0004_releases")]

    operations = [
        migrations.AddIndex(
            model_name="entry",
            index=models.Index(fields=["user_id", "transition", "at"], name="entry_person_transition"),
        ),
    ]
