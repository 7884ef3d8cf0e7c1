"""The ledger of disputes."""

from typing import Any

from django.contrib import admin
from django.db.models import Case, F, Value, When
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.scoping import HotelFilter
from bookings.admin.words import moment, money
from payments.admin import dispute_words as words
from payments.admin.dispute_evidence import EvidenceAdmin
from payments.admin.dispute_filters import OpenFilter
from payments.admin.stripe_link import open_in_stripe
from payments.models import CLOSED_DISPUTES, Dispute

OPEN_FIRST = Case(When(status__in=CLOSED_DISPUTES, then=Value(1)), default=Value(0))


@admin.register(Dispute)
class DisputeAdmin(EvidenceAdmin, ReadOnlyAdmin, ReadableHistoryAdmin):
    """What guests' banks asked for. It is answered at Stripe; here is what to answer with."""

    hotel_path = "payment__booking__hotel"
    change_form_template = "admin/payments/dispute/change_form.html"
    empty_words = _("No guest’s bank disputes a payment.")
    list_display = ("booking", "shown_amount", "why", "state", "due", "opened")
    list_select_related = ("payment__booking__hotel",)
    list_filter = (OpenFilter, HotelFilter)
    list_filter_submit = True
    ordering = (OPEN_FIRST, F("evidence_due_by").asc(nulls_last=True), "-id")
    search_fields = ("payment__booking__booking_id", "stripe_dispute_id", "payment__stripe_payment_intent_id")
    search_help_text = _("Reference, dp_… or pi_…")
    fields = (
        "booking_page",
        "shown_amount",
        "why",
        "state",
        "due",
        "opened",
        "closed",
        "stripe_dispute_id",
        "at_stripe",
    )
    readonly_fields = ("booking_page", "shown_amount", "why", "state", "due", "opened", "closed", "at_stripe")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Say what the dispute means, and offer its evidence to whoever may take it."""
        dispute = kwargs.get("obj")
        context |= {"meaning": words.meaning(dispute, timezone.now()) if dispute else ""}
        return super().render_change_form(request, context | {"may_export": self.may_export(request)}, **kwargs)

    @display(description=_("Booking"))
    def booking(self, dispute: Dispute) -> str:
        """Show the booking's reference."""
        return str(dispute.payment.booking)

    @display(description=_("Booking"))
    def booking_page(self, dispute: Dispute) -> SafeString:
        """Lead to the booking."""
        return words.booking_link(dispute.payment.booking)

    @display(description=_("Amount"), ordering="amount")
    def shown_amount(self, dispute: Dispute) -> str:
        """Show the amount with its currency."""
        return money(dispute.amount, dispute.currency)

    @display(description=_("The bank's reason"), ordering="reason")
    def why(self, dispute: Dispute) -> str:
        """Show the reason in words."""
        return str(dispute.get_reason_display())

    @display(description=_("State"), ordering="status")
    def state(self, dispute: Dispute) -> SafeString:
        """Show how far the dispute has come."""
        return words.dispute_pill(dispute)

    @display(description=_("Evidence due by"), ordering="evidence_due_by")
    def due(self, dispute: Dispute) -> str:
        """Show until when evidence is taken, and how long that is."""
        return words.due(dispute, timezone.now())

    @display(description=_("Opened"), ordering="opened_at")
    def opened(self, dispute: Dispute) -> str:
        """Show when the bank asked."""
        return moment(dispute.payment.booking.hotel, dispute.opened_at)

    @display(description=_("Closed"))
    def closed(self, dispute: Dispute) -> str:
        """Show when the bank decided."""
        return moment(dispute.payment.booking.hotel, dispute.closed_at)

    @display(description=_("At Stripe"))
    def at_stripe(self, dispute: Dispute) -> str:
        """Lead to Stripe's own page, where evidence is sent."""
        return open_in_stripe(dispute.payment.stripe_payment_intent_id)
