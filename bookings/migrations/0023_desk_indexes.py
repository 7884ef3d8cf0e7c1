"""Indexes for what the desk reads of a large book: its deleted bookings, and who leaves from today on."""

from django.db import migrations, models
from django.db.models import Q

from bookings.migration_steps import AddIndexOnline

TAKING = ("PENDING_PAYMENT", "PENDING_APPROVAL", "CONFIRMED", "NO_SHOW")


class Migration(migrations.Migration):
    """Indexes are built beside the work, each in a step of its own."""

    atomic = False
    dependencies = [("bookings", "0022_guest_refunds")]

    operations = [
        AddIndexOnline(
            "booking", models.Index(fields=("id",), condition=Q(record_state="DELETED"), name="booking_deleted")
        ),
        AddIndexOnline(
            "booking",
            models.Index(fields=("hotel", "check_out"), condition=Q(status__in=TAKING), name="booking_leaving"),
        ),
    ]
