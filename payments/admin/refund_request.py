"""The worklist of refunds that a second person has to agree to."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.scoping import HotelFilter
from bookings.admin.staff_actions import StaffActionsAdmin
from bookings.admin.words import BAD, EMPTY, GOOD, QUIET, STRIPE_REASONS, WAIT, moment, money, name_of, pill
from payments import four_eyes
from payments.admin.refund_request_actions import REQUEST_ACTIONS
from payments.admin.refund_request_filters import StateFilter
from payments.models import RefundRequest, RequestKind, RequestStatus

R = RequestStatus
KINDS = {R.PENDING: WAIT, R.APPROVED: GOOD, R.REJECTED: BAD, R.WITHDRAWN: QUIET}
SHOWN = ("reference", "what", "of_what", "kept", "stripe_words", "why", "asked", "state", "decision", "result")


@admin.register(RefundRequest)
class RefundRequestAdmin(ReadOnlyAdmin, StaffActionsAdmin, ReadableHistoryAdmin):
    """What somebody wants to return, and what another person makes of it."""

    hotel_path = "booking__hotel"
    staff_actions = REQUEST_ACTIONS
    change_form_template = "admin/payments/refundrequest/change_form.html"
    empty_words = _("Refunds that need a second person wait here.")
    list_display = ("booking", "what", "asked", "why", "state")
    list_select_related = ("booking__hotel", "requested_by", "decided_by")
    list_filter = (StateFilter, HotelFilter)
    list_filter_submit = True
    search_fields = ("booking__booking_id", "note")
    search_help_text = _("Reference or reason")
    fields = readonly_fields = SHOWN

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Say on top why the person cannot decide about a request that waits."""
        wish = kwargs.get("obj")
        shown = self.impossible(request, str(wish.pk), wish) if wish is not None and wish.is_pending else []
        context |= {"impossible": [(action, why) for action, why in shown if action.name != "withdraw"]}
        return super().render_change_form(request, context, **kwargs)

    @display(description=_("Booking"))
    def reference(self, wish: RefundRequest) -> SafeString:
        """Lead to the booking."""
        page = reverse("admin:bookings_booking_change", args=[wish.booking_id])
        return format_html('<a class="desk-link" href="{}">{}</a>', page, wish.booking)

    @display(description=_("Asked for"))
    def what(self, wish: RefundRequest) -> str:
        """Show what would happen."""
        return f"{wish.get_kind_display()}: {money(wish.amount, wish.currency)}"

    @display(description=_("Of what was left"))
    def of_what(self, wish: RefundRequest) -> str:
        """Show what could be refunded when it was asked for."""
        return money(wish.seen_left, wish.currency)

    @display(description=_("Fee kept"))
    def kept(self, wish: RefundRequest) -> str:
        """Show what a cancellation would keep."""
        return money(wish.fee, wish.currency) if wish.kind == RequestKind.CANCEL else EMPTY

    @display(description=_("Reason for Stripe"))
    def stripe_words(self, wish: RefundRequest) -> str:
        """Show Stripe's reason in words."""
        return str(STRIPE_REASONS.get(wish.stripe_reason, wish.stripe_reason))

    @display(description=_("Reason"))
    def why(self, wish: RefundRequest) -> str:
        """Show why it was asked for."""
        return wish.note or EMPTY

    @display(description=_("Asked by"), ordering="created_at")
    def asked(self, wish: RefundRequest) -> str:
        """Show who asked, and when."""
        return f"{name_of(wish.requested_by)}, {moment(wish.booking.hotel, wish.created_at)}"

    @display(description=_("State"), ordering="status")
    def state(self, wish: RefundRequest) -> SafeString:
        """Show what became of the request."""
        return pill(wish.get_status_display(), KINDS[RequestStatus(wish.status)])

    @display(description=_("Decision"))
    def decision(self, wish: RefundRequest) -> str:
        """Show who decided, when and why."""
        return EMPTY if wish.is_pending else four_eyes.decided_words(wish)

    @display(description=_("At Stripe"))
    def result(self, wish: RefundRequest) -> str:
        """Show what Stripe made of an approved request."""
        return four_eyes.result_words(wish) or EMPTY
