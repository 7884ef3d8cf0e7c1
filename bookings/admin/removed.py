"""What is left of bookings that were deleted for good: the last row of their history."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bookings.admin.history_rows import who
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.scoping import HotelFilter
from bookings.admin.words import dates, moment, money
from bookings.models import RemovedBooking


@admin.register(RemovedBooking)
class RemovedBookingAdmin(ReadOnlyAdmin):
    """Who removed which booking, when and why. Nothing about its guest is known any more."""

    empty_words = _("Nothing was deleted for good.")
    list_display = ("booking_id", "stay", "hotel", "state", "price", "removed", "by", "why")
    list_select_related = ("hotel", "history_user")
    list_filter = (HotelFilter,)
    list_filter_submit = True
    ordering = ("-history_id",)
    search_fields = ("booking_id",)
    search_help_text = _("Reference")
    fields = ("booking_id", "hotel", "stay", "state", "price", "removed", "by", "why", "request_id")
    readonly_fields = ("booking_id", "stay", "state", "price", "removed", "by", "why")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Keep the rows that end a history."""
        return super().get_queryset(request).filter(history_type="-")

    @display(description=_("Stay"), ordering="check_in")
    def stay(self, row: Any) -> str:
        """Show the nights."""
        return dates(row)

    @display(description=_("Status"))
    def state(self, row: Any) -> str:
        """Show how the booking ended."""
        return str(row.get_status_display())

    @display(description=_("Total"))
    def price(self, row: Any) -> str:
        """Show the price with its currency."""
        return money(row.total_amount, row.currency)

    @display(description=_("Deleted"), ordering="history_date")
    def removed(self, row: Any) -> str:
        """Show when it was removed, on the hotel's clock."""
        return moment(row.hotel, row.history_date, seconds=True)

    @display(description=_("By"))
    def by(self, row: Any) -> str:
        """Show who removed it."""
        return who(row)

    @display(description=_("Reason"))
    def why(self, row: Any) -> str:
        """Show why."""
        return row.history_change_reason or "–"
