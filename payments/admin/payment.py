"""The ledger of payments."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bookings.admin import words
from bookings.admin.exportable import ExportableAdmin
from bookings.admin.filters import ChoicesDropdownFilter
from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.resources import PaymentResource
from bookings.admin.scoping import HotelFilter
from bookings.admin.staff_actions import StaffActionsAdmin
from bookings.admin.words import moment, money, payment_pill
from payments.admin.drift_actions import COMPARE
from payments.admin.late_money import SEEN, LateFilter
from payments.admin.stripe_link import open_in_stripe
from payments.models import Payment

AMOUNTS = ("authorized", "captured", "refunded")


@admin.register(Payment)
class PaymentAdmin(ExportableAdmin, ReadOnlyAdmin, StaffActionsAdmin, ReadableHistoryAdmin):
    """Each attempt to pay, as Stripe or the cash desk says it is."""

    resource = PaymentResource
    staff_actions = (COMPARE, SEEN)
    hotel_path = "booking__hotel"
    list_display = ("booking", "attempt_number", "state", *AMOUNTS, "written")
    list_select_related = ("booking__hotel",)
    list_filter = (LateFilter, ("status", ChoicesDropdownFilter), ("provider", ChoicesDropdownFilter), HotelFilter)
    list_filter_submit = True
    search_fields = ("booking__booking_id", "stripe_payment_intent_id", "stripe_checkout_session_id")
    search_help_text = _("Reference, pi_… or cs_…")
    fields = (
        "booking",
        "attempt_number",
        "provider",
        "state",
        "asked",
        "conversion",
        *AMOUNTS,
        "capture_until",
        "card",
        "failure_message",
        "note",
        "stripe_payment_intent_id",
        "stripe_checkout_session_id",
        "stripe_charge_id",
        "at_stripe",
        "written",
    )
    readonly_fields = ("state", "asked", "conversion", *AMOUNTS, "capture_until", "card", "at_stripe", "written")

    @display(description=_("State"), ordering="status")
    def state(self, payment: Payment) -> SafeString:
        """Show how far the attempt has come."""
        return payment_pill(payment.booking, payment)

    @display(description=_("Exchange rate"))
    def conversion(self, payment: Payment) -> str:
        """Show how the price was turned into another currency."""
        return words.conversion(payment) or words.EMPTY

    @display(description=_("Asked for"))
    def asked(self, payment: Payment) -> str:
        """Show the amount that was asked for."""
        return money(payment.amount, payment.currency)

    @display(description=_("Authorized"), ordering="amount_authorized")
    def authorized(self, payment: Payment) -> str:
        """Show the amount that was held."""
        return money(payment.amount_authorized, payment.currency)

    @display(description=_("Captured"), ordering="amount_captured")
    def captured(self, payment: Payment) -> str:
        """Show the amount that was taken."""
        return money(payment.amount_captured, payment.currency)

    @display(description=_("Refunded"), ordering="amount_refunded")
    def refunded(self, payment: Payment) -> str:
        """Show the amount that went back."""
        return money(payment.amount_refunded, payment.currency)

    @display(description=_("Capture before"))
    def capture_until(self, payment: Payment) -> str:
        """Show until when a hold can be captured."""
        return moment(payment.booking.hotel, payment.capture_before)

    @display(description=_("Card"))
    def card(self, payment: Payment) -> str:
        """Show what the guest paid with."""
        return words.card(payment) or words.EMPTY

    @display(description=_("At Stripe"))
    def at_stripe(self, payment: Payment) -> str:
        """Lead to Stripe's own page."""
        return open_in_stripe(payment.stripe_payment_intent_id)

    @display(description=_("Begun"), ordering="created_at")
    def written(self, payment: Payment) -> str:
        """Show when the attempt began."""
        return moment(payment.booking.hotel, payment.created_at)
