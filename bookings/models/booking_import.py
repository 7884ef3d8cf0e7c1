"""Files of bookings that wait, between their preview and the press of a button, to be imported."""

from django.conf import settings
from django.db import models

from bookings import audit


class ImportStatus(models.TextChoices):
    """How far a file has come."""

    WAITING = "waiting", "Waiting for confirmation"
    DONE = "done", "Imported"
    GONE = "gone", "Given up"


class ImportAs(models.TextChoices):
    """What becomes of a row. Money is never imported as paid."""

    CONFIRMED = "confirmed", "Confirmed stays, to be paid on arrival"
    DRAFT = "draft", "Drafts, to be checked one by one"


class BookingImport(audit.Kept):
    """One uploaded file. `content` is its text, kept for its uploader alone and emptied after use or a day.

    `results` says of each row what became of it, by numbers and references; nothing in it tells who a guest is.
    """

    status = models.CharField(max_length=10, choices=ImportStatus.choices, default=ImportStatus.WAITING)
    creates = models.CharField(max_length=10, choices=ImportAs.choices, default=ImportAs.CONFIRMED)
    content = models.TextField(blank=True)
    sha256 = models.CharField("SHA-256 of the file", max_length=64)
    row_count = models.PositiveIntegerField()
    results = models.JSONField(default=list)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)
    done_at = models.DateTimeField(null=True)

    # Guests' names are in these two as long as the file waits, or say nothing that the bookings' histories do not.
    history = audit.history(excluded_fields=["content", "results"])

    class Meta:
        ordering = ("-id",)
        verbose_name = "import of bookings"
        verbose_name_plural = "imports of bookings"

    def __str__(self) -> str:
        return f"import {self.pk}"
