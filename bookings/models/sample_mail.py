"""Mails with a hotel's own words about a stay that never was, to the person who wants to read them."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from bookings.models.hotel import Hotel
from bookings.models.message import MessageStatus, Posted


class SampleMail(Posted):
    """One sample. It is about no booking, so it is no `Message`; the same outbox sends it. The row is its record."""

    hotel = models.ForeignKey(Hotel, on_delete=models.PROTECT, related_name="+")
    language = models.CharField(max_length=10)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    # What other mails may have, for the outbox.
    token: None = None
    calendar = ""

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("next_at",), condition=Q(status=MessageStatus.QUEUED), name="sample_mail_due"),
            models.Index(fields=("hotel", "kind", "language"), name="sample_mail_words"),
        )

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"
