"""An intent to move money at Stripe, written down before Stripe is called."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings import audit
from bookings.models import Booking
from payments.models.payment import Payment


class OperationKind(models.TextChoices):
    """What Stripe is asked to do."""

    CREATE_SESSION = "create_session", _("Open payment page")
    EXPIRE_SESSION = "expire_session", _("Close payment page")
    CAPTURE = "capture", _("Capture")
    VOID = "void", _("Release hold")
    REFUND = "refund", _("Refund")


class OperationStatus(models.TextChoices):
    """Open until Stripe's answer is known."""

    PENDING = "pending", _("Waiting for Stripe")
    SUCCEEDED = "succeeded", _("Done")
    FAILED = "failed", _("Not done")


class PaymentOperation(audit.Kept):
    """One decided movement of money, frozen: amount, currency, and the transition that it completes.

    `details` holds the decision as JSON: the actor, the reason, the fee and refund in minor units, and for a
    session the exact request, so that a repeated call says the very same thing.
    """

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="operations")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="operations")
    kind = models.CharField(max_length=20, choices=OperationKind.choices)
    status = models.CharField(max_length=10, choices=OperationStatus.choices, default=OperationStatus.PENDING)
    transition = models.CharField(max_length=20, blank=True)
    amount = models.PositiveBigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    attempt_number = models.PositiveSmallIntegerField(default=1)
    idempotency_key = models.CharField(max_length=120, unique=True)
    key_issued_at = models.DateTimeField(default=timezone.now)
    key_is_spent = models.BooleanField(
        default=False, help_text=_("Stripe saved a server error under this key and would repeat it for ever.")
    )
    details = models.JSONField(default=dict)
    stripe_request_id = models.CharField(max_length=80, blank=True)
    error_code = models.CharField(max_length=80, blank=True)
    error_message = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True)

    history = audit.history()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("booking",),
                condition=Q(status=OperationStatus.PENDING),
                name="one_open_operation_per_booking",
            ),
        )
        indexes = (
            models.Index(fields=("created_at",), condition=Q(status=OperationStatus.PENDING), name="operation_open"),
        )

    def __str__(self) -> str:
        return self.idempotency_key

    @property
    def reference(self) -> str:
        """What the objects at Stripe carry as `metadata.operation`, so that a look-up can recognise them."""
        return f"{self.booking.booking_id}:{self.pk}"

    @property
    def is_open(self) -> bool:
        """Whether Stripe's answer is still unknown."""
        return self.status == OperationStatus.PENDING
