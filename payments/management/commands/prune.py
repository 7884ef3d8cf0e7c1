"""`manage.py prune`: forget webhook events that are old enough."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from payments.catch_up import KEPT_DAYS, prune


class Command(BaseCommand):
    """Delete processed webhook events after 90 days; what failed stays."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """`--days` keeps them longer, or shorter, but never under 30."""
        parser.add_argument("--days", type=int, default=KEPT_DAYS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were deleted."""
        try:
            deleted = prune(timezone.now(), days=options["days"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{deleted} rows deleted")
