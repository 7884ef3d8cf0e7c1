"""`manage.py seed_demo`: three hotels and some seventy bookings in every state, around today."""

from typing import Any

from django.core.management.base import BaseCommand

from site_config.demo.seed import seed


class Command(BaseCommand):
    """Fill an empty database; leave a filled one alone."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many bookings there are."""
        self.stdout.write(f"{seed()} bookings")
