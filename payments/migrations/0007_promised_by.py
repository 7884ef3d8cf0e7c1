"""By which day a guest was promised a refund that the hotel sends by hand."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0006_found_at_once'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalrefund',
            name='promised_by',
            field=models.DateField(null=True, verbose_name='promised by'),
        ),
        migrations.AddField(
            model_name='refund',
            name='promised_by',
            field=models.DateField(null=True, verbose_name='promised by'),
        ),
    ]
