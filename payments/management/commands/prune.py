"""`manage.py prune`: forget webhook events and requests for links that are old enough."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bookings import audit
from cancellations import links, throttle
from payments.catch_up import KEPT_DAYS, kept, prune


class Command(BaseCommand):
    """Delete processed webhook events after 90 days, but nothing that failed or waits, and what guests tried."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """`--days` keeps them longer, or shorter, but never under 30."""
        parser.add_argument("--days", type=int, default=KEPT_DAYS)

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were deleted, and how many as old were kept."""
        now, days = timezone.now(), options["days"]
        with audit.acting(audit.Actor(kind=audit.ActorKind.COMMAND, request_id=audit.new_request_id())):
            try:
                deleted = prune(now, days=days)
            except ValueError as error:
                raise CommandError(str(error)) from error
            requests, counts = links.prune(now), throttle.prune(now)
        self.stdout.write(f"{deleted} webhook events older than {days} days deleted")
        if left := kept(now, days=days):
            self.stdout.write(f"{left} as old were kept: they failed or were never processed")
        self.stdout.write(
            f"{requests} requests for links older than {links.KEPT.days} days and {counts} counts of tries deleted"
        )
