"""Mails to guests and hotels, queued in the transaction of their cause and sent by the worker."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.booking import Booking


class MessageStatus(models.TextChoices):
    """How far a mail has come."""

    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class Message(models.Model):
    """One mail. The personal link is not in the stored text: it is filled in when the mail leaves."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=40)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    # The stay as a calendar file, which goes along; as it was when the mail was queued.
    calendar = models.TextField(blank=True)
    token = models.ForeignKey("cancellations.ManagementToken", on_delete=models.SET_NULL, null=True, related_name="+")
    status = models.CharField(max_length=10, choices=MessageStatus.choices, default=MessageStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    last_error = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("next_at",), condition=Q(status=MessageStatus.QUEUED), name="message_due"),)

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"
