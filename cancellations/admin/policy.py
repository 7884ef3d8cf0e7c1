"""The admin of cancellation policies."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from bookings.admin.history import PER_PAGE
from bookings.admin.history_rows import Reader
from bookings.admin.scoping import HotelFilter
from cancellations import terms
from cancellations.admin.policy_form import PolicyForm
from cancellations.admin.policy_page import PolicyPage
from cancellations.admin.tier import TierInline
from cancellations.models import CancellationPolicy, CancellationTier, TierUnit


@admin.register(CancellationPolicy)
class CancellationPolicyAdmin(PolicyPage):
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

    def save_model(self, request: HttpRequest, obj: CancellationPolicy, form: Any, change: bool) -> None:
        """Let a policy that becomes the default take that over from the one that was it, all at once."""
        if obj.is_default:
            terms.take_over(obj)
        super().save_model(request, obj, form, change)

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
    in_days, in_hours = _("tier from %(at_least)s days"), _("tier from %(at_least)s hours")
    return (in_days if record.unit == TierUnit.DAYS else in_hours) % {"at_least": record.at_least}
