"""`manage.py fetch_missed_events`: catch up on webhooks after an outage."""

from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bookings import audit
from payments.catch_up import fetch_missed_events
from payments.gateway import Declined, OutcomeUnknown


class Command(BaseCommand):
    """Store the events that Stripe could not deliver; the worker processes them as usual."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """`--hours` looks further back than the newest event that arrived."""
        parser.add_argument("--hours", type=int, help="look back this many hours (30 days at most)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many were missing."""
        now = timezone.now()
        since = now - timedelta(hours=options["hours"]) if options["hours"] else None
        with audit.acting(audit.Actor(kind=audit.ActorKind.COMMAND, request_id=audit.new_request_id())):
            try:
                found = fetch_missed_events(now, since=since)
            except (Declined, OutcomeUnknown) as error:
                raise CommandError(f"Stripe could not be asked: {error}") from error
        self.stdout.write(f"{found} missed events stored")
