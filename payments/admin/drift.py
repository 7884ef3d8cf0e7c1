"""Where our books and Stripe's differ."""

from typing import Any

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bookings.admin import sides
from bookings.admin.filters import ChoicesDropdownFilter, DropdownFilter
from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.scoping import HotelFilter
from bookings.admin.staff_actions import StaffActionsAdmin
from bookings.admin.words import BAD, GOOD, QUIET, moment, pill
from payments.admin.drift_actions import DRIFT_ACTIONS
from payments.admin.stripe_link import open_in_stripe
from payments.models import Drift, DriftKind


class OpenFilter(DropdownFilter):
    """What waits for somebody, or what does not any more."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return both."""
        return [("open", _("Open")), ("closed", _("Closed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Drift]) -> QuerySet[Drift]:
        """Keep one of them."""
        if self.value() not in ("open", "closed"):
            return queryset
        return queryset.filter(resolved_at__isnull=self.value() == "open")


@admin.register(Drift)
class DriftAdmin(ReadOnlyAdmin, StaffActionsAdmin, ReadableHistoryAdmin):
    """Each difference beside what Stripe says. What belongs to no booking is the owner's."""

    hotel_path = "booking__hotel"
    staff_actions = DRIFT_ACTIONS
    empty_words = gettext_lazy("Innkeep’s records and Stripe’s are equal.")
    list_display = ("what", "booking", "differs", "state", "found", "last_seen")
    list_select_related = ("booking__hotel",)
    list_filter = (OpenFilter, ("kind", ChoicesDropdownFilter), HotelFilter)
    list_filter_submit = True
    ordering = (F("resolved_at").desc(nulls_first=True), "-id")
    search_fields = ("booking__booking_id", "stripe_id")
    search_help_text = gettext_lazy("Reference, pi_… or cs_…")
    shown = ("what", "both_sides", "at_stripe", "state", "found", "last_seen", "resolved")
    fields = ("what", "both_sides", "booking", "payment", "stripe_id", *shown[2:], "resolution")
    readonly_fields = shown

    @display(description=gettext_lazy("What"), ordering="kind")
    def what(self, drift: Drift) -> str:
        """Show what kind of difference it is."""
        return str(drift.get_kind_display())

    @display(description=gettext_lazy("Difference"))
    def differs(self, drift: Drift) -> str:
        """Show the difference in one line."""
        return sides.summary(drift) or "–"

    @display(description=gettext_lazy("Ours and Stripe’s"))
    def both_sides(self, drift: Drift) -> SafeString:
        """Show both sides, value by value."""
        return sides.table(drift)

    @display(description=gettext_lazy("State"), ordering="resolved_at")
    def state(self, drift: Drift) -> SafeString:
        """Show whether it waits for somebody."""
        if drift.is_open:
            return pill(_("Open"), BAD)
        return pill(_("Explained"), QUIET) if drift.is_explained else pill(_("Gone"), GOOD)

    @display(description=gettext_lazy("At Stripe"))
    def at_stripe(self, drift: Drift) -> str:
        """Lead to Stripe's own page."""
        if drift.kind == DriftKind.UNKNOWN_HERE:
            return open_in_stripe(drift.stripe_id)
        return open_in_stripe(drift.payment.stripe_payment_intent_id if drift.payment else None)

    @display(description=gettext_lazy("Found"), ordering="found_at")
    def found(self, drift: Drift) -> str:
        """Show when it was first seen."""
        return moment(hotel_of(drift), drift.found_at)

    @display(description=gettext_lazy("Last seen"), ordering="seen_at")
    def last_seen(self, drift: Drift) -> str:
        """Show when it was last there."""
        return moment(hotel_of(drift), drift.seen_at)

    @display(description=gettext_lazy("Closed"))
    def resolved(self, drift: Drift) -> str:
        """Show since when it is none any more."""
        return moment(hotel_of(drift), drift.resolved_at)


def hotel_of(drift: Drift) -> Any:
    """Return the hotel of the difference's booking, if it has one."""
    return drift.booking.hotel if drift.booking else None
