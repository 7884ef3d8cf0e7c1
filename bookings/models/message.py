"""Mails to guests and hotels, queued in the transaction of their cause and sent by the worker."""

from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.booking import Booking


class MessageStatus(models.TextChoices):
    """How far a mail has come."""

    QUEUED = "queued", _("Queued")
    SENT = "sent", _("Sent")
    DELIVERED = "delivered", _("Delivered")
    BOUNCED = "bounced", _("Bounced")
    COMPLAINED = "complained", _("Marked as spam")
    FAILED = "failed", _("Failed")


# A mail goes this way only, so news that come twice or late lead none back. A server may accept a mail and return it
# later, and nobody marks as spam what never came: so what says more about the end wins, not what was said last.
# "Failed" is our own end, and a provider that had taken the mail after all knows better.
STAGE: Final[dict[str, int]] = {
    MessageStatus.QUEUED: 0,
    MessageStatus.FAILED: 1,
    MessageStatus.SENT: 1,
    MessageStatus.DELIVERED: 2,
    MessageStatus.BOUNCED: 3,
    MessageStatus.COMPLAINED: 4,
}
# Nobody has read these, or nobody will again.
UNREAD: Final = (MessageStatus.BOUNCED, MessageStatus.COMPLAINED, MessageStatus.FAILED)


class Posted(models.Model):
    """What the outbox has to know of whatever it sends."""

    kind = models.CharField(max_length=40)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    text = models.TextField()
    html = models.TextField()
    # The name by which the mail provider knows it.
    provider_id = models.CharField(max_length=200, blank=True, db_index=True)
    status = models.CharField(max_length=10, choices=MessageStatus.choices, default=MessageStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    last_error = models.TextField(blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        abstract = True


class Message(Posted):
    """One mail. The personal link is not in the stored text: it is filled in when the mail leaves."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="messages")
    # The stay as a calendar file, which goes along; as it was when the mail was queued.
    calendar = models.TextField(blank=True)
    token = models.ForeignKey("cancellations.ManagementToken", on_delete=models.SET_NULL, null=True, related_name="+")
    # Its template was broken: it says the bare facts in built-in words.
    is_fallback = models.BooleanField(_("in plain words"), default=False)
    delivered_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    # Somebody has seen that it did not arrive, or that its template is broken, and has done something about it.
    handled_at = models.DateTimeField(null=True)
    resent_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="resent_as")
    resent_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name, verbose_name_plural = _("mail"), _("mails")
        ordering = ("-id",)
        permissions = (("resend_mail", "Can send mails again"),)
        indexes = (
            models.Index(fields=("next_at",), condition=Q(status=MessageStatus.QUEUED), name="message_due"),
            models.Index(fields=("booking",), condition=Q(status__in=UNREAD, handled_at=None), name="message_unread"),
            models.Index(fields=("booking",), condition=Q(is_fallback=True, handled_at=None), name="message_plain"),
        )

    @property
    def is_unread(self) -> bool:
        """Whether it did not arrive, as far as anybody knows, and nobody has dealt with that."""
        return self.status in UNREAD and self.handled_at is None

    def __str__(self) -> str:
        return f"{self.subject} → {self.to}"
