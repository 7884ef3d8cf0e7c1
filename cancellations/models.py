"""Cancellation policies, and the links by which guests manage their bookings."""

import uuid
from datetime import datetime
from typing import Final

from django.db import models, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings import audit
from bookings.models import Booking, Hotel, names


class TierUnit(models.TextChoices):
    """How the time before check-in is counted."""

    DAYS = "days", _("days before check-in")
    HOURS = "hours", _("hours before check-in")


class FeeKind(models.TextChoices):
    """What a tier keeps."""

    PERCENT = "percent", _("percent of the price")
    FIXED = "fixed", _("fixed amount")
    NIGHTS = "nights", _("first nights")


class CancellationPolicy(models.Model):
    """What cancelling costs, by how early it happens. Agreed bookings keep the terms that they were made with."""

    hotel = models.ForeignKey(Hotel, on_delete=models.PROTECT, related_name="policies")
    name = models.CharField(max_length=80)
    description = models.TextField(help_text=_("Shown to guests."))
    is_default = models.BooleanField(default=False)

    history = audit.history()

    class Meta:
        ordering = ("hotel", "name")
        verbose_name_plural = _("cancellation policies")
        permissions = (("override_fee", "Can override cancellation fees"),)
        constraints = (
            models.UniqueConstraint(fields=("hotel", "name"), name="policy_name_per_hotel"),
            models.UniqueConstraint(
                fields=("hotel",), condition=Q(is_default=True), name="one_default_policy_per_hotel"
            ),
        )

    def __str__(self) -> str:
        return self.name


class CancellationTier(models.Model):
    """From this much time before check-in, this fee. The last tier also holds from check-in on."""

    policy = models.ForeignKey(CancellationPolicy, on_delete=models.CASCADE, related_name="tiers")
    at_least = models.PositiveSmallIntegerField(help_text=_("The smallest number at which the tier applies."))
    unit = models.CharField(max_length=5, choices=TierUnit.choices, default=TierUnit.DAYS)
    fee_kind = models.CharField(max_length=10, choices=FeeKind.choices, default=FeeKind.PERCENT)
    fee_value = models.PositiveBigIntegerField(help_text=_("Percent, minor units, or nights."))

    history = audit.history()

    class Meta:
        ordering = ("policy", "-at_least")
        constraints = (
            models.UniqueConstraint(fields=("policy", "at_least", "unit"), name="tier_starts_once"),
            models.CheckConstraint(
                condition=~Q(fee_kind=FeeKind.PERCENT) | Q(fee_value__lte=100), name="percent_at_most_100"
            ),
        )

    def __str__(self) -> str:
        return f"from {self.at_least} {self.get_unit_display()}: {self.fee_value} {self.get_fee_kind_display()}"


# What a link's row notes once it has cancelled.
CANCELLED: Final = "CANCEL"


class ManagementToken(models.Model):
    """A guest's key to one booking. Only its hash is stored; the key itself is derived again for the mail."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    booking = models.ForeignKey(Booking, on_delete=models.PROTECT, related_name="management_tokens")
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    last_action = models.CharField(max_length=20, blank=True)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    # Given for a match of reference and contact: enough to cancel, not to read the guest's own data.
    only_cancels = models.BooleanField(default=False)

    history = audit.history(excluded_fields=["token_hash"])

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"link {self.pk}"

    def record_action(self, action: str, *, at: datetime, until: datetime | None = None) -> None:
        """Note what the link was used for, from where; with `until` (UTC) it works at least that long."""
        actor = audit.current_actor()
        self.last_action, self.used_at = action, at
        self.ip, self.user_agent = actor.ip or None, actor.user_agent
        self.expires_at = max(self.expires_at, until or self.expires_at)
        with transaction.atomic():
            self.save(update_fields=["last_action", "used_at", "ip", "user_agent", "expires_at"])


class LinkRequest(models.Model):
    """Somebody asked for a link. Stored as it is, looked up by the worker, so that the answer tells nothing."""

    reference = models.CharField(max_length=40)
    contact = models.CharField(max_length=254)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("id",), condition=Q(handled_at=None), name="link_request_waiting"),)

    def __str__(self) -> str:
        return self.reference


class TryCount(models.Model):
    """How often something was tried within an hour. The key is a keyed hash, so no row names anybody."""

    key = models.CharField(max_length=64, unique=True)
    tries = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.tries} tries"


names.translate("cancellations")
