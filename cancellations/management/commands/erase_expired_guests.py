"""`manage.py erase_expired_guests`: erase the guests whose hotel keeps their data no longer, as every night."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from bookings import audit
from cancellations import erasure, retention


class Command(BaseCommand):
    """Erase guests whose time is over; with `--dry-run` only say whose."""

    help = __doc__ or ""

    def add_arguments(self, parser: CommandParser) -> None:
        """`--dry-run` changes nothing."""
        parser.add_argument("--dry-run", action="store_true", help="list what would be erased and what waits")

    def handle(self, *args: Any, **options: Any) -> None:
        """List them, or erase them and say how many."""
        if options["dry_run"]:
            self.tell()
            return
        with audit.acting(audit.Actor(kind=audit.ActorKind.COMMAND, request_id=audit.new_request_id())):
            done = retention.erase_expired(timezone.now())
        self.stdout.write("1 guest erased" if done == 1 else f"{done} guests erased")

    def tell(self) -> None:
        """Say of each booking whether its guest would be erased, and of the others what they wait for."""
        for booking in retention.expired(timezone.now()):
            why = erasure.why_not(booking)
            stay = f"{booking.booking_id} at {booking.hotel}, checked out {booking.check_out}"
            self.stdout.write(f"{stay}: {why}" if why else f"{stay}: would be erased")
