"""Exports: who took which data out of the system, when, and how it can be recognised again."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy

from bookings import audit
from bookings.models.hotel import Hotel


class ExportFormat(models.TextChoices):
    """The kinds of file."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "Excel"
    JSON = "json", "JSON"
    ZIP = "zip", "ZIP"


class ExportRecord(audit.Kept):
    """One export. It is written before the first byte leaves, and once more when the last one has.

    `filters` says what was chosen, but for the words of a search, which may name a guest. Without `finished_at` the
    file broke off on its way: how much of it arrived nobody knows.
    """

    what = models.CharField(max_length=60)
    format = models.CharField(max_length=4, choices=ExportFormat.choices)
    filters = models.JSONField(default=dict)
    hotels = models.ManyToManyField(Hotel, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    request_id = models.CharField(max_length=64, blank=True)
    finished_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(gettext_lazy("SHA-256 of the file"), max_length=64, blank=True)

    # Without the hotels, which never change: whoever sees one of them must not read the names of the others.
    history = audit.history()

    class Meta:
        ordering = ("-id",)
        verbose_name = gettext_lazy("export")

    def __str__(self) -> str:
        return f"{self.what}.{self.format}"
