"""Four eyes: a refund that a second person has to agree to."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings import audit
from bookings.models import Booking


class RequestKind(models.TextChoices):
    """What is asked for."""

    REFUND = "refund", _("Refund")
    CANCEL = "cancel", _("Cancel with another fee")


class RequestStatus(models.TextChoices):
    """What became of a request."""

    PENDING = "pending", _("Waiting for a second person")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class RefundRequest(audit.Kept):
    """A frozen wish to return money: nothing moves until somebody else agrees. Amounts are in minor units.

    `amount` is what goes back; for a cancellation `fee` is what is kept. `seen_left` is what could be refunded when
    the request was made: if that has changed, the request no longer means what it says.
    """

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="refund_requests")
    kind = models.CharField(max_length=10, choices=RequestKind.choices)
    status = models.CharField(max_length=10, choices=RequestStatus.choices, default=RequestStatus.PENDING)
    amount = models.PositiveBigIntegerField()
    fee = models.PositiveBigIntegerField(default=0)
    seen_left = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    stripe_reason = models.CharField(max_length=40, default="requested_by_customer")
    note = models.TextField()
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_note = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    history = audit.history()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("booking",), condition=Q(status=RequestStatus.PENDING), name="one_pending_request_per_booking"
            ),
            # The database refuses it, too: nobody approves their own wish.
            models.CheckConstraint(
                condition=~Q(status=RequestStatus.APPROVED) | ~Q(decided_by=F("requested_by")),
                name="request_approved_by_another",
            ),
        )

    def __str__(self) -> str:
        return gettext("request %(number)s") % {"number": self.pk}

    @property
    def is_pending(self) -> bool:
        """Whether it still waits for a second person."""
        return self.status == RequestStatus.PENDING
