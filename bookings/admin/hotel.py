"""The admin of hotels: their settings, edited by their managers."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminSelectWidget

from bookings.admin.history import ReadableHistoryAdmin
from bookings.models import Hotel

CURRENCY_LETTERS = 3


class HotelForm(forms.ModelForm):
    """A hotel's settings, with the time zone as a choice."""

    class Meta:
        model = Hotel
        fields = ("time_zone", "currency")  # the admin asks for the rest
        widgets = {
            "time_zone": UnfoldAdminSelectWidget(
                choices=[(zone, zone) for zone in sorted(available_timezones()) if "/" in zone]
            )
        }

    def clean_currency(self) -> str:
        """Write currencies in capitals."""
        currency = str(self.cleaned_data["currency"]).upper()
        if len(currency) != CURRENCY_LETTERS or not (currency.isascii() and currency.isalpha()):
            raise forms.ValidationError("Use the three letters of a currency, such as EUR.")
        return currency


@admin.register(Hotel)
class HotelAdmin(ReadableHistoryAdmin):
    """What a hotel decides about itself. Its currency and address on the web are the owner's."""

    hotel_path = "pk"
    form = HotelForm
    actions = None
    list_display = ("name", "time_zone", "currency", "booking_mode")
    search_fields = ("name", "slug")
    fieldsets = (
        ("Hotel", {"fields": ("name", "slug", "address", "contact_email", "contact_phone")}),
        ("Time and money", {"fields": ("time_zone", "currency", "check_in_time", "check_out_time")}),
        ("Booking", {"fields": ("booking_mode", "hold_hours", "payment_attempts")}),
        (
            "Cancelling",
            {
                "fields": (
                    "allow_client_cancellation",
                    "cancellation_deadline_hours",
                    "cancellation_fee_policy",
                    "send_cancellation_emails",
                )
            },
        ),
        ("Deleting", {"fields": ("require_deletion_reason",)}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep what addresses and amounts rest on: the currency can't change once there are prices in it."""
        if not getattr(request.user, "is_superuser", False):
            return ("slug", "currency")
        return ("currency",) if obj and obj.room_types.exists() else ()

    def hotel_of(self, row: Hotel) -> Hotel:
        """Return the hotel itself."""
        return row
