"""Drift: where our records and Stripe's differ and nobody has explained it yet."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings import audit
from bookings.models import Booking
from payments.models.payment import Payment


class DriftKind(models.TextChoices):
    """What differs."""

    UNKNOWN_HERE = "unknown_here", _("Unknown to us")
    UNKNOWN_AT_STRIPE = "unknown_at_stripe", _("Unknown to Stripe")
    AMOUNTS = "amounts", _("Amounts differ")
    BOOKING = "booking", _("The booking does not match its money")


class Drift(audit.Kept):
    """One difference that a full comparison found; `ours` and `theirs` say it side by side (minor units).

    `stripe_id` is what was compared: a PaymentIntent, a session, or a booking's reference where no payment is.
    """

    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, null=True, related_name="drifts")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, null=True, related_name="drifts")
    stripe_id = models.CharField(_("id at Stripe"), max_length=80)
    kind = models.CharField(max_length=20, choices=DriftKind.choices)
    ours = models.JSONField(default=dict)
    theirs = models.JSONField(_("at Stripe"), default=dict)
    found_at = models.DateTimeField(_("found"))
    seen_at = models.DateTimeField(_("last seen"))
    resolved_at = models.DateTimeField(null=True)
    resolution = models.TextField(blank=True)
    # Closed by a person although it is still there: it is listed again only once it has changed.
    is_explained = models.BooleanField(_("explained"), default=False)

    history = audit.history()

    class Meta:
        ordering = ("-id",)
        verbose_name = verbose_name_plural = _("drift")
        constraints = (
            models.UniqueConstraint(
                fields=("stripe_id", "kind"),
                condition=Q(resolved_at=None),
                name="drift_listed_once",
            ),
        )
        permissions = (("heal_drift", "Can heal and explain drift"),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.stripe_id}"

    @property
    def is_open(self) -> bool:
        """Whether it waits for somebody."""
        return self.resolved_at is None
