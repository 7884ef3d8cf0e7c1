"""The ledger of operations: what Stripe was asked to do, and what became of it."""

from django.contrib import admin
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bookings.admin.filters import ChoicesDropdownFilter
from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.scoping import HotelFilter
from bookings.admin.transition_names import step_name
from bookings.admin.words import EMPTY, kind_of, moment, money, pill
from bookings.retold import retold
from payments.admin.stripe_link import open_in_stripe
from payments.models import PaymentOperation


@admin.register(PaymentOperation)
class PaymentOperationAdmin(ReadOnlyAdmin, ReadableHistoryAdmin):
    """Each decided movement of money."""

    hotel_path = "booking__hotel"
    list_display = ("booking", "kind", "shown_amount", "state", "begun", "settled")
    list_select_related = ("booking__hotel",)
    list_filter = (("status", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter), HotelFilter)
    list_filter_submit = True
    search_fields = ("booking__booking_id", "idempotency_key")
    search_help_text = _("Reference or key")
    fields = (
        "booking",
        "payment",
        "kind",
        "purpose",
        "shown_amount",
        "state",
        "reason",
        "refusal",
        "error_code",
        "idempotency_key",
        "attempt_number",
        "at_stripe",
        "begun",
        "settled",
    )
    readonly_fields = ("purpose", "shown_amount", "state", "reason", "refusal", "at_stripe", "begun", "settled")

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, operation: PaymentOperation) -> str:
        """Show the frozen amount."""
        return money(operation.amount, operation.currency) if operation.amount else EMPTY

    @display(description=_("Purpose"), ordering="transition")
    def purpose(self, operation: PaymentOperation) -> str:
        """Show which step of the booking it completes."""
        return step_name(operation.transition) if operation.transition else EMPTY

    @display(description=_("State"), ordering="status")
    def state(self, operation: PaymentOperation) -> SafeString:
        """Show whether Stripe has answered."""
        return pill(operation.get_status_display(), kind_of(operation.status))

    @display(description=_("Reason"))
    def reason(self, operation: PaymentOperation) -> str:
        """Show why it was decided."""
        return retold(str(operation.details.get("reason", ""))) or EMPTY

    @display(description=_("Refusal"))
    def refusal(self, operation: PaymentOperation) -> str:
        """Show why it came to nothing."""
        return retold(operation.error_message) or EMPTY

    @display(description=_("At Stripe"))
    def at_stripe(self, operation: PaymentOperation) -> str:
        """Lead to Stripe's own page."""
        return open_in_stripe(operation.payment.stripe_payment_intent_id)

    @display(description=_("Decided"), ordering="created_at")
    def begun(self, operation: PaymentOperation) -> str:
        """Show when it was decided."""
        return moment(operation.booking.hotel, operation.created_at)

    @display(description=_("Answered"), ordering="settled_at")
    def settled(self, operation: PaymentOperation) -> str:
        """Show when Stripe's answer was known."""
        return moment(operation.booking.hotel, operation.settled_at)
