"""Indexes for finding a payment by its charge, and money that nobody waited for, among a million payments."""

from django.db import migrations, models
from django.db.models import Q

from bookings.migration_steps import AddIndexOnline

LATE = Q(unwanted_since__isnull=False, unwanted_seen_at=None)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("payments", "0005_alerts")]

    operations = [
        AddIndexOnline("payment", models.Index(fields=("stripe_charge_id",), name="payment_charge")),
        AddIndexOnline("payment", models.Index(fields=("booking",), name="payment_late", condition=LATE)),
    ]
