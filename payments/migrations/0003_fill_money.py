"""Give what was recorded before the meaning that the new columns name."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    payment, refund = apps.get_model("payments", "Payment"), apps.get_model("payments", "Refund")
    payment.objects.filter(price=0).update(price=F("amount"))
    refund.objects.filter(payment__provider="manual", stripe_refund_id=None).update(provider="manual")


class Migration(migrations.Migration):
    dependencies = [("payments", "0002_money")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
