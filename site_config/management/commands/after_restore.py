"""`manage.py after_restore`: the first command after a backup was restored, before web and worker start."""

from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.utils import timezone

from bookings import audit
from site_config import restored

logger = structlog.get_logger(__name__)


class Command(BaseCommand):
    """Leave a gap in all keys, sign everybody out, and say what to look at. Ask Stripe afterwards."""

    help = __doc__ or ""

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it and say what is next."""
        with audit.acting(audit.Actor(kind=audit.ActorKind.COMMAND, request_id=audit.new_request_id())):
            done = restored.begin_again(timezone.now())
            logger.warning("backup.restored", tables=done.tables, sessions=done.sessions)
        newest = done.newest_event.isoformat(timespec="seconds") if done.newest_event else "none"
        for line in (
            f"{done.tables} tables go on with keys that were never given out",
            f"{done.sessions} sessions ended: everybody signs in again",
            f"{done.open_operations} operations were open; they are looked up at Stripe before anything is repeated",
            f"{done.waiting_mails} mails wait; those that had left since the backup leave once more",
            f"{done.live_tokens} access tokens work; revoke those that were revoked since",
            f"Newest event of Stripe's: {newest}",
            "Next: fetch_missed_events, then reconcile --full --days N (back to the backup), then the worker",
        ):
            self.stdout.write(line)
