"""A hotel may send refunds of guests' own cancellations by hand; until it says so, they go out by themselves."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0021_search'),
    ]

    operations = [
        migrations.AddField(
            model_name='historicalhotel',
            name='automatic_guest_refunds',
            field=models.BooleanField(db_default=True, default=True, verbose_name="guests are refunded at once when they cancel"),
        ),
        migrations.AddField(
            model_name='historicalhotel',
            name='guest_refund_days',
            field=models.PositiveSmallIntegerField(db_default=14, default=14, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)], verbose_name='otherwise refunded within, in days'),
        ),
        migrations.AddField(
            model_name='hotel',
            name='automatic_guest_refunds',
            field=models.BooleanField(db_default=True, default=True, verbose_name="guests are refunded at once when they cancel"),
        ),
        migrations.AddField(
            model_name='hotel',
            name='guest_refund_days',
            field=models.PositiveSmallIntegerField(db_default=14, default=14, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(90)], verbose_name='otherwise refunded within, in days'),
        ),
    ]
