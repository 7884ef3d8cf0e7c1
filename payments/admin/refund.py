"""The ledger of refunds."""

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bookings.admin.exportable import ExportableAdmin
from bookings.admin.filters import ChoicesDropdownFilter
from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.resources import RefundResource
from bookings.admin.scoping import HotelFilter
from bookings.admin.staff_actions import StaffActionsAdmin
from bookings.admin.words import day, moment, money, refund_pill, refund_reason
from payments.admin.refund_actions import REFUND_ACTIONS
from payments.admin.refund_filters import WorklistFilter
from payments.admin.stripe_link import open_in_stripe
from payments.models import Refund


@admin.register(Refund)
class RefundAdmin(ExportableAdmin, ReadOnlyAdmin, StaffActionsAdmin, ReadableHistoryAdmin):
    """Money on its way back to guests, and what the hotel still owes them."""

    resource = RefundResource
    staff_actions = REFUND_ACTIONS
    hotel_path = "payment__booking__hotel"
    list_display = ("booking", "shown_amount", "state", "why", "due", "made")
    list_select_related = ("payment__booking__hotel", "operation")
    list_filter = (WorklistFilter, ("status", ChoicesDropdownFilter), HotelFilter)
    list_filter_submit = True
    search_fields = ("payment__booking__booking_id", "stripe_refund_id", "reference")
    search_help_text = _("Reference or re_…")
    fields = (
        "of_booking",
        "payment",
        "operation",
        "shown_amount",
        "state",
        "why",
        "due",
        "failure_reason",
        "reference",
        "stripe_refund_id",
        "made_at_stripe",
        "review",
        "replaces",
        "at_stripe",
        "made",
    )
    readonly_fields = (
        *("of_booking", "shown_amount", "state", "why", "due"),
        *("made_at_stripe", "at_stripe", "made"),
    )

    @display(description=_("Booking"))
    def booking(self, refund: Refund) -> str:
        """Show the booking's reference."""
        return str(refund.payment.booking)

    @display(description=_("Booking"))
    def of_booking(self, refund: Refund) -> SafeString:
        """Lead from a refund's own page to its booking."""
        page = reverse("admin:bookings_booking_change", args=[refund.payment.booking_id])
        return format_html('<a class="desk-link" href="{}">{}</a>', page, refund.payment.booking)

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, refund: Refund) -> str:
        """Show the amount with its currency."""
        return money(refund.amount, refund.currency)

    @display(description=_("State"), ordering="status")
    def state(self, refund: Refund) -> SafeString:
        """Show how far the refund has come, and whether it waits for somebody."""
        return refund_pill(refund)

    @display(description=_("Reason"))
    def why(self, refund: Refund) -> str:
        """Show the note, or Stripe's reason."""
        return refund_reason(refund) or "–"

    @display(description=_("Promised by"), ordering="promised_by")
    def due(self, refund: Refund) -> str:
        """Show until which day the guest was promised it."""
        return day(refund.promised_by) if refund.promised_by else "–"

    @display(description=_("Made at Stripe"))
    def made_at_stripe(self, refund: Refund) -> str:
        """Say whether somebody made it in Stripe's Dashboard; neither is right or wrong."""
        return gettext("Yes") if refund.is_external else gettext("No")

    @display(description=_("At Stripe"))
    def at_stripe(self, refund: Refund) -> str:
        """Lead to Stripe's own page."""
        return open_in_stripe(refund.payment.stripe_payment_intent_id)

    @display(description=_("Made"), ordering="created_at")
    def made(self, refund: Refund) -> str:
        """Show when the refund was made."""
        return moment(refund.payment.booking.hotel, refund.created_at)
