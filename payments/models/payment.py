"""Payments: one row per attempt, always a mirror of what Stripe (or the cash desk) says."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_fsm import RETURN_VALUE, ConcurrentTransitionMixin, FSMField, transition

from bookings import audit
from bookings.models import Booking


class PaymentStatus(models.TextChoices):
    """How far one attempt to pay has come."""

    NOT_INITIATED = "NOT_INITIATED", _("Not started")
    PROCESSING = "PROCESSING", _("Waiting for the guest")
    AUTHORIZED = "AUTHORIZED", _("Authorized")
    SUCCEEDED = "SUCCEEDED", _("Paid")
    PARTIALLY_REFUNDED = "PARTIALLY_REFUNDED", _("Partly refunded")
    REFUNDED = "REFUNDED", _("Refunded")
    FAILED = "FAILED", _("Failed")
    VOIDED = "VOIDED", _("Released")
    EXPIRED = "EXPIRED", _("Expired")


class PaymentProvider(models.TextChoices):
    """Who moved the money."""

    STRIPE = "stripe", _("Stripe")
    MANUAL = "manual", _("By hand")


class PaymentPurpose(models.TextChoices):
    """What the guest pays for."""

    STAY = "stay", _("The stay")
    DIFFERENCE = "difference", _("Difference after a change")


P = PaymentStatus
CAPTURED = (P.SUCCEEDED, P.PARTIALLY_REFUNDED, P.REFUNDED)
UNPAID = (P.NOT_INITIATED, P.PROCESSING, P.FAILED)


class Payment(ConcurrentTransitionMixin, audit.Kept):
    """One attempt to pay. Amounts are integers in the currency's minor units."""

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="payments")
    attempt_number = models.PositiveSmallIntegerField(default=1)
    provider = models.CharField(max_length=10, choices=PaymentProvider.choices, default=PaymentProvider.STRIPE)
    purpose = models.CharField(max_length=10, choices=PaymentPurpose.choices, default=PaymentPurpose.STAY)
    # When the booking took this money as a part of its price, beside the payment that it rests on.
    accepted_at = models.DateTimeField(null=True)
    status = FSMField(default=P.NOT_INITIATED, choices=P.choices, protected=True, db_index=True)
    amount = models.PositiveBigIntegerField()
    currency = models.CharField(max_length=3)
    # What of the booking's price this pays for, in the booking's own currency; the rate leads from it to `amount`.
    price = models.PositiveBigIntegerField(default=0)
    exchange_rate = models.DecimalField(max_digits=24, decimal_places=12, null=True)
    rate_source = models.CharField(max_length=80, blank=True)
    rate_at = models.DateTimeField(null=True)
    amount_authorized = models.PositiveBigIntegerField(default=0)
    amount_captured = models.PositiveBigIntegerField(default=0)
    amount_refunded = models.PositiveBigIntegerField(default=0)
    stripe_checkout_session_id = models.CharField(max_length=80, null=True, unique=True)
    stripe_payment_intent_id = models.CharField(max_length=80, null=True, unique=True)
    stripe_charge_id = models.CharField(max_length=80, blank=True)
    session_url = models.TextField(blank=True)
    session_expires_at = models.DateTimeField(null=True)
    capture_before = models.DateTimeField(null=True, db_index=True)
    card_brand = models.CharField(max_length=20, blank=True)
    card_last4 = models.CharField(max_length=4, blank=True)
    failure_message = models.TextField(blank=True)
    # Money that arrived when the booking was not waiting for it: to be voided or refunded by itself.
    unwanted_since = models.DateTimeField(null=True)
    unwanted_seen_at = models.DateTimeField(null=True)
    is_disputed = models.BooleanField(_("in dispute"), default=False)
    disputed_at = models.DateTimeField(null=True)
    dispute_closed_at = models.DateTimeField(null=True)
    # When the hotel was told that the authorization ends within a day.
    warned_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    authorized_at = models.DateTimeField(null=True)
    captured_at = models.DateTimeField(null=True)
    refunded_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = audit.history()

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("booking", "attempt_number"), name="payment_attempt_once"),
            models.CheckConstraint(
                condition=Q(amount_refunded__lte=F("amount_captured")), name="refunded_within_captured"
            ),
            models.CheckConstraint(
                condition=Q(amount_captured__lte=F("amount_authorized")), name="captured_within_authorized"
            ),
        )
        indexes = (
            models.Index(fields=("stripe_charge_id",), name="payment_charge"),
            # Money that nobody waited for, and nobody has looked at.
            models.Index(
                fields=("booking",),
                condition=Q(unwanted_since__isnull=False, unwanted_seen_at=None),
                name="payment_late",
            ),
            # What the janitor looks through: money to send back, and money that nobody may have dealt with.
            models.Index(
                fields=("booking",),
                condition=Q(unwanted_since__isnull=False, status__in=(P.SUCCEEDED, P.PARTIALLY_REFUNDED)),
                name="payment_to_return",
            ),
            models.Index(
                fields=("captured_at",),
                condition=Q(status=P.SUCCEEDED, accepted_at=None, unwanted_since=None),
                name="payment_captured",
            ),
        )
        permissions = (
            ("refund_payment", "Can refund payments"),
            ("mark_paid", "Can record payments on arrival"),
        )

    def __str__(self) -> str:
        return self.stripe_payment_intent_id or gettext("attempt %(number)s") % {"number": self.attempt_number}

    @property
    def is_captured(self) -> bool:
        """Whether money was taken on this attempt, refunded or not."""
        return self.status in CAPTURED

    @transition(field=status, source=P.NOT_INITIATED, target=P.PROCESSING)
    def open_session(self, *, session_id: str, url: str, expires_at: datetime | None) -> None:
        """Stripe made a page where the guest can pay."""
        self.stripe_checkout_session_id = session_id
        self.session_url, self.session_expires_at = url, expires_at

    @transition(field=status, source=UNPAID, target=P.AUTHORIZED)
    def authorize(self, *, amount: int, at: datetime, capture_before: datetime | None) -> None:
        """The funds are held, not taken."""
        self.amount_authorized, self.authorized_at = amount, at
        self.capture_before, self.failure_message = capture_before, ""

    @transition(field=status, source=(*UNPAID, P.AUTHORIZED), target=P.SUCCEEDED)
    def capture(self, *, amount: int, at: datetime) -> None:
        """The money is the hotel's."""
        self.amount_authorized = max(self.amount_authorized, amount)
        self.amount_captured, self.captured_at = amount, at
        self.failure_message = ""

    @transition(field=status, source=CAPTURED, target=RETURN_VALUE(*CAPTURED))
    def follow_refunds(self, *, refunded: int, at: datetime) -> str:
        """Follow what Stripe has really paid back; a failed refund steps back."""
        self.amount_refunded = refunded
        self.refunded_at = at if refunded else None
        if refunded == 0:
            return P.SUCCEEDED
        return P.REFUNDED if refunded >= self.amount_captured else P.PARTIALLY_REFUNDED

    @transition(field=status, source=(P.PROCESSING, P.FAILED), target=P.FAILED)
    def fail(self, *, message: str) -> None:
        """The card was refused; the guest may try again."""
        self.failure_message = message

    @transition(field=status, source=(*UNPAID, P.AUTHORIZED), target=P.VOIDED)
    def void(self) -> None:
        """The hold was released; no money moved."""

    @transition(field=status, source=(*UNPAID, P.AUTHORIZED), target=P.EXPIRED)
    def expire(self) -> None:
        """The session or the authorization ran out by itself."""
