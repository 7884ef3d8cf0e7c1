"""What Stripe told us, stored before it is understood."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings import audit
from bookings.models import Booking
from payments.models.payment import Payment


class ProcessingResult(models.TextChoices):
    """What became of an event."""

    RECEIVED = "received", _("Waiting")
    PROCESSED = "processed", _("Processed")
    IGNORED = "ignored", _("Nothing to do")
    FAILED = "failed", _("Failed")


class StripeWebhookEvent(models.Model):
    """One verified event of Stripe's, kept with everything that is needed to replay it."""

    event_id = models.CharField(max_length=80, unique=True)
    event_type = models.CharField(max_length=80)
    created = models.DateTimeField(help_text=_("When Stripe made the event (UTC)."))
    payload = models.JSONField()
    payload_hash = models.CharField(max_length=64)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, related_name="webhook_events")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="webhook_events")
    processing_result = models.CharField(
        max_length=10, choices=ProcessingResult.choices, default=ProcessingResult.RECEIVED
    )
    deliveries = models.PositiveIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(help_text=_("When the worker takes it next (UTC)."))
    error_message = models.TextField(blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    processed_at = models.DateTimeField(null=True)

    # The payload never changes, so its copies would only swell the history.
    history = audit.history(excluded_fields=["payload"])

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(
                fields=("next_at",),
                condition=Q(processing_result=ProcessingResult.RECEIVED),
                name="webhook_inbox",
            ),
            models.Index(
                fields=("payment",), condition=Q(processing_result=ProcessingResult.FAILED), name="webhook_failed"
            ),
        )
        permissions = (("replay_webhook", "Can replay webhook events"),)

    def __str__(self) -> str:
        return f"{self.event_type} {self.event_id}"
