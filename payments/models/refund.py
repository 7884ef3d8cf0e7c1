"""Refunds: one row for each, and for each that the hotel still owes."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings import audit
from payments.models.payment import Payment, PaymentProvider


class RefundStatus(models.TextChoices):
    """Stripe's own words for a refund."""

    PENDING = "pending", _("On its way")
    REQUIRES_ACTION = "requires_action", _("Guest must act")
    SUCCEEDED = "succeeded", _("Refunded")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Canceled")


R = RefundStatus
# What can no longer be refunded: done, or on its way.
COMMITTED_REFUNDS = (R.PENDING, R.REQUIRES_ACTION, R.SUCCEEDED)


class Refund(audit.Kept):
    """Money on its way back to a guest, through Stripe or by hand. Amounts are in minor units.

    A refund by hand that is pending is owed: somebody at the hotel has to pay it out. It is the obligation of a
    payment that never passed through Stripe, of a refund that failed there, or of a cancellation under dispute.
    """

    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="refunds")
    provider = models.CharField(max_length=10, choices=PaymentProvider.choices, default=PaymentProvider.STRIPE)
    # The refund that failed at Stripe and that this one makes good; each is made good once.
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    operation = models.OneToOneField(
        "payments.PaymentOperation", on_delete=models.PROTECT, null=True, related_name="refund"
    )
    stripe_refund_id = models.CharField(max_length=80, null=True, unique=True)
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    status = models.CharField(max_length=20, choices=R.choices, default=R.PENDING)
    reason = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)
    reference = models.CharField(max_length=80, blank=True)
    failure_reason = models.CharField(max_length=80, blank=True)
    # The last day, by the hotel's calendar, on which the guest was told that the hotel sends it by hand.
    promised_by = models.DateField(_("promised by"), null=True)
    is_external = models.BooleanField(_("made at Stripe"), default=False)
    # What the hotel made of a refund that somebody made at Stripe; it waits on the worklist until then.
    reviewed_at = models.DateTimeField(null=True)
    review = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    succeeded_at = models.DateTimeField(null=True)

    history = audit.history()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(condition=Q(amount__gt=0), name="refund_is_money"),
            models.CheckConstraint(condition=Q(status__in=R.values), name="refund_status_known"),
            models.CheckConstraint(
                condition=Q(provider=PaymentProvider.STRIPE) | Q(stripe_refund_id=None),
                name="refund_by_hand_has_no_id",
            ),
        )
        indexes = (
            models.Index(
                fields=("payment",),
                condition=Q(provider=PaymentProvider.MANUAL, status=R.PENDING),
                name="refund_owed",
            ),
            models.Index(
                fields=("created_at",),
                condition=Q(status__in=(R.PENDING, R.REQUIRES_ACTION)),
                name="refund_on_its_way",
            ),
        )

    def __str__(self) -> str:
        return self.stripe_refund_id or gettext("refund %(number)s") % {"number": self.pk}

    @property
    def is_owed(self) -> bool:
        """Whether somebody at the hotel still has to pay this out."""
        return self.provider == PaymentProvider.MANUAL and self.status == R.PENDING
