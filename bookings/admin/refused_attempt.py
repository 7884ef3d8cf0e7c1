"""The list of what was tried and refused."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bookings.admin.filters import ChoicesDropdownFilter, DropdownFilter
from bookings.admin.happening import DayFilter, HappeningAdmin, PersonFilter
from bookings.admin.scoping import HotelFilter
from bookings.admin.staff_actions import StaffActionsAdmin
from bookings.admin.words import EMPTY, money
from bookings.models import RefusedAttempt

# The API's codes; beside them stand the refusal's own words, where it had some.
CODES: Final = {
    "ERR_FORBIDDEN": gettext_lazy("No right to do this"),
    "ERR_NOT_FOUND": gettext_lazy("Not one of theirs, or not there"),
    "ERR_STATE": gettext_lazy("Not possible now"),
    "ERR_VALIDATION": gettext_lazy("Not as asked for"),
    "ERR_DEADLINE": gettext_lazy("Too late"),
    "ERR_STRIPE": gettext_lazy("Refused by Stripe"),
    "ERR_STRIPE_UNKNOWN": gettext_lazy("Stripe could not be reached"),
    "ERR_CURRENCY": gettext_lazy("No currency to charge in"),
    "ERR_RATE_LIMITED": gettext_lazy("Too many tries"),
}


class ActionFilter(DropdownFilter):
    """Filter by what was tried."""

    title = gettext_lazy("action")
    parameter_name = "tried"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return what was tried on anything that the person may see."""
        self.names = names()
        seen = model_admin.get_queryset(request).order_by("tried").values_list("tried", flat=True).distinct()
        return [(tried, self.names.get(tried, tried)) for tried in seen]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Keep one action."""
        return queryset.filter(tried=self.value()) if self.value() else queryset


def names() -> dict[str, str]:
    """Return what the desk's buttons are called, by the names of their actions."""
    admins = [each for each in admin.site._registry.values() if isinstance(each, StaffActionsAdmin)]
    return {action.name: str(action.label) for each in reversed(admins) for action in each.staff_actions}


def tried_words(tried: str) -> str:
    """Return "Refund" for an action of the desk; the name of the step for what has no button."""
    return names().get(tried) or tried.replace("_", " ").capitalize()


@admin.register(RefusedAttempt)
class RefusedAttemptAdmin(HappeningAdmin):
    """Who tried what and was refused, why, and how often. Nothing here was done."""

    of_hotel = True
    empty_words = gettext_lazy("Whatever somebody tries and is refused appears here.")
    list_display = ("when", "who", "action", "about", "money", "why", "surface", "times")
    list_display_links = ("when",)
    list_select_related = ("user", "hotel")
    list_filter = (
        PersonFilter,
        ActionFilter,
        ("surface", ChoicesDropdownFilter),
        HotelFilter,
        ("at", DayFilter),
    )
    search_fields = ("reference", "asked", "request_id", "user__username")
    search_help_text = gettext_lazy("Reference, request id or user name")
    fields = readonly_fields = (
        *("when", "who", "action", "about", "hotel", "money", "why", "words", "surface", "times"),
        *("address", "browser", "request_id"),
    )

    @display(description=gettext_lazy("Tried"), ordering="tried")
    def action(self, row: RefusedAttempt) -> str:
        """Show what was tried."""
        return tried_words(row.tried)

    @display(description=gettext_lazy("About"), ordering="reference")
    def about(self, row: RefusedAttempt) -> str:
        """Show the booking, or only the id that was asked for."""
        if row.reference:
            return row.reference
        return f"{row.model} {row.asked}".strip() or EMPTY

    @display(description=gettext_lazy("Amount"))
    def money(self, row: RefusedAttempt) -> str:
        """Show how much was asked."""
        return EMPTY if row.amount is None else money(row.amount, row.currency)

    @display(description=gettext_lazy("Refused because"))
    def why(self, row: RefusedAttempt) -> str:
        """Show the refusal's words, or what its code means."""
        return row.words or str(CODES.get(row.code, row.code))
