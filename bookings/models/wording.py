"""A hotel's own words in the mails to its guests."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings import audit
from bookings.models.hotel import Hotel

LONGEST_OPENING = 3000
LONGEST_CLOSING = 1500


class Wording(models.Model):
    """What one kind of mail begins and ends with at one hotel, in one language. Without a row it is the default."""

    hotel = models.ForeignKey(Hotel, on_delete=models.PROTECT, related_name="wordings")
    kind = models.CharField(_("mail"), max_length=40)
    language = models.CharField(max_length=10, choices=settings.LANGUAGES)
    opening = models.TextField(max_length=LONGEST_OPENING)
    closing = models.TextField(max_length=LONGEST_CLOSING, blank=True)

    history = audit.history()

    class Meta:
        verbose_name, verbose_name_plural = _("words of a mail"), _("words of mails")
        ordering = ("hotel", "kind", "language")
        constraints = (models.UniqueConstraint(fields=("hotel", "kind", "language"), name="wording_once"),)

    def __str__(self) -> str:
        return f"{self.kind.replace('_', ' ').capitalize()} ({self.get_language_display()})"
