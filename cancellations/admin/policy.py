"""The admin of cancellation policies."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from bookings.admin.history import PER_PAGE, ReadableHistoryAdmin
from bookings.admin.history_rows import Reader
from bookings.admin.scoping import HotelFilter
from cancellations.admin.tier import TierInline
from cancellations.models import CancellationPolicy, CancellationTier


class PolicyForm(forms.ModelForm):
    """A policy; a hotel has one that new bookings are made with."""

    class Meta:
        model = CancellationPolicy
        fields = ("hotel", "name", "description", "is_default")
        labels = {"is_default": "Used for new bookings"}

    def clean(self) -> dict[str, Any]:
        """Refuse a second default in words."""
        cleaned = super().clean() or self.cleaned_data
        hotel = cleaned.get("hotel") or (self.instance.hotel if self.instance.pk else None)
        if hotel and cleaned.get("is_default"):
            other = hotel.policies.filter(is_default=True).exclude(pk=self.instance.pk).first()
            if other:
                self.add_error(
                    "is_default", f"{hotel} has a default policy: {other}. Take the tick away there first."
                )
        return cleaned


@admin.register(CancellationPolicy)
class CancellationPolicyAdmin(ReadableHistoryAdmin):
    """What cancelling costs from now on. Bookings that were made keep the terms they were made with."""

    form = PolicyForm
    actions = None
    inlines = (TierInline,)
    list_display = ("name", "hotel", "description", "is_default")
    list_select_related = ("hotel",)
    list_filter = (HotelFilter,)
    search_fields = ("name",)
    fields = ("hotel", "name", "description", "is_default")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep a policy in its hotel."""
        return ("hotel",) if obj else ()

    def rows(self, row: CancellationPolicy, page: Any) -> list[Any]:
        """Add what happened to the policy's tiers, removed ones too, to the newest changes."""
        own = super().rows(row, page)
        if page.number > 1:
            return own
        history = CancellationTier.history
        records = history.filter(policy_id=row.pk).select_related("history_user")[:PER_PAGE]
        reader = Reader(history.model, hotel=row.hotel, currency=row.hotel.currency)
        tiers = reader.rows(list(records), subject=tier_words)
        return sorted([*own, *tiers], key=lambda each: each.record.history_date, reverse=True)


def tier_words(record: Any) -> str:
    """Return which tier a history record is about."""
    return f"tier from {record.at_least} {record.unit}"
