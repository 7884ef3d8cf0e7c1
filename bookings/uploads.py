"""Files of bookings that wait to be imported: what guests' data is in them goes as soon as it is not needed."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from bookings import audit
from bookings.models import BookingImport, ImportAs, ImportStatus

# Long enough to mend a file and to ask a colleague.
KEPT: Final = timedelta(days=1)


def keep(user: Any, *, content: str, sha256: str, row_count: int, creates: str) -> BookingImport:
    """Keep a file for its uploader; another one of theirs that still waits is given up for it."""
    with transaction.atomic(), audit.change("upload"):
        for other in BookingImport.objects.filter(made_by=user, status=ImportStatus.WAITING):
            close(other, status=ImportStatus.GONE)
        return BookingImport.objects.create(
            made_by=user,
            content=content,
            sha256=sha256,
            row_count=row_count,
            creates=ImportAs(creates),
            expires_at=timezone.now() + KEPT,
        )


def close(row: BookingImport, *, status: str, results: list[Any] | None = None) -> None:
    """End a file's wait: its content goes, what became of its rows stays."""
    row.status, row.content, row.results = status, "", results or []
    row.done_at = timezone.now()
    with transaction.atomic(), audit.change("import" if status == ImportStatus.DONE else "give_up"):
        row.save()


def prune(now: datetime) -> int:
    """Give up the files that nobody has confirmed in time; return how many."""
    old = BookingImport.objects.filter(status=ImportStatus.WAITING, expires_at__lt=now)
    with transaction.atomic():
        found = list(old.select_for_update(of=("self",), skip_locked=True))
        for row in found:
            close(row, status=ImportStatus.GONE)
    return len(found)
