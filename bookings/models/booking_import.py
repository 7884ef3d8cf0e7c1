"""Files of bookings that wait, between their preview and the press of a button, to be imported."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext, gettext_lazy

from bookings import audit


class ImportStatus(models.TextChoices):
    """How far a file has come."""

    WAITING = "waiting", gettext_lazy("Waiting for confirmation")
    DONE = "done", gettext_lazy("Imported")
    GONE = "gone", gettext_lazy("Given up")


class ImportAs(models.TextChoices):
    """What becomes of a row. Money is never imported as paid."""

    CONFIRMED = "confirmed", gettext_lazy("Confirmed stays, to be paid on arrival")
    DRAFT = "draft", gettext_lazy("Drafts, to be checked one by one")


class BookingImport(audit.Kept):
    """One uploaded file. `content` is its text, kept for its uploader alone and emptied after use or a day.

    `results` says of each row what became of it, by numbers and references; nothing in it tells who a guest is.
    """

    status = models.CharField(max_length=10, choices=ImportStatus.choices, default=ImportStatus.WAITING)
    creates = models.CharField(max_length=10, choices=ImportAs.choices, default=ImportAs.CONFIRMED)
    content = models.TextField(blank=True)
    sha256 = models.CharField(gettext_lazy("SHA-256 of the file"), max_length=64)
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
        verbose_name = gettext_lazy("import of bookings")
        verbose_name_plural = gettext_lazy("imports of bookings")

    def __str__(self) -> str:
        return gettext("import %(number)s") % {"number": self.pk}
