"""The admin of hotels: their settings, edited by their managers."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bookings.admin.connections import ConnectionsAdmin
from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.hotel_form import HotelForm
from bookings.admin.words import money
from bookings.models import Hotel

# What stands in the place of a field whose stored value is not what people read.
READ = {"four_eyes_threshold": "limit"}
# The settings as managers look for them.
TABS = (
    (
        _("Hotel"),
        (
            *("name", "slug", "address", "contact_email", "contact_phone"),
            *("time_zone", "check_in_time", "check_out_time"),
        ),
    ),
    (_("Booking and holds"), ("booking_mode", "hold_hours", "payment_attempts")),
    (
        _("Cancellation and guests"),
        (
            *("allow_client_cancellation", "guest_verification", "cancellation_deadline_hours"),
            *("automatic_guest_refunds", "guest_refund_days", "cancellation_fee_policy"),
        ),
    ),
    (
        _("Money"),
        ("currency", "fallback_currency", "rate_max_age_hours", "four_eyes_threshold", "external_refunds"),
    ),
    (
        _("Mail and notifications"),
        ("send_cancellation_emails", "notification_email", "notify_approvals", "notify_cancellations"),
    ),
    (_("Data protection"), ("require_deletion_reason", "allow_admin_deletion", "retention_months")),
    (_("Signing in and website"), ("managers_need_totp", "public_channel")),
)


@admin.register(Hotel)
class HotelAdmin(ConnectionsAdmin, ReadableHistoryAdmin):
    """What a hotel decides about itself. Its currency and address on the web are the owner's."""

    hotel_path = "pk"
    form = HotelForm
    actions = None
    list_display = ("name", "time_zone", "currency", "booking_mode")
    search_fields = ("name", "slug")
    fieldsets = tuple((title, {"fields": fields, "classes": ["tab"]}) for title, fields in TABS)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep what addresses and amounts rest on: the currency can't change once there are prices in it."""
        if not getattr(request.user, "is_superuser", False):
            return ("slug", "currency", "limit")
        return ("currency", "limit") if obj and obj.room_types.exists() else ("limit",)

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Tell the form who edits."""
        form = super().get_form(request, obj, **kwargs)
        form.person = request.user
        return form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the limit for refunds as an amount to people who only read."""
        shown = super().get_fieldsets(request, obj)
        if self.has_change_permission(request, obj):
            return shown
        return [
            (title, {**said, "fields": tuple(READ.get(name, name) for name in said["fields"])})
            for title, said in shown
        ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose the installation's currencies for a new hotel."""
        own, other = settings.STRIPE_CURRENCY_PRIMARY, settings.STRIPE_CURRENCY_FALLBACK
        return {"currency": own, "fallback_currency": other if other != own else ""}

    @display(description=_("One person may refund up to"))
    def limit(self, hotel: Hotel) -> str:
        """Show from which sum on a second person has to agree."""
        amount = hotel.four_eyes_threshold
        return str(_("Any amount")) if amount is None else money(amount, hotel.currency)

    def hotel_of(self, row: Hotel) -> Hotel:
        """Return the hotel itself."""
        return row
