"""The inbox of Stripe's webhooks."""

import json
from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bookings.admin.filters import ChoicesDropdownFilter
from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.scoping import HotelFilter
from bookings.admin.staff_actions import StaffActionsAdmin
from bookings.admin.words import kind_of, moment, pill
from payments.admin.replay import REPLAY
from payments.models import ProcessingResult, StripeWebhookEvent
from payments.payloads import masked


@admin.register(StripeWebhookEvent)
class StripeWebhookEventAdmin(ReadOnlyAdmin, StaffActionsAdmin, ReadableHistoryAdmin):
    """What Stripe told us and what became of it. Events of no booking are the owner's."""

    list_name = _("Webhook inbox")
    hotel_path = "booking__hotel"
    staff_actions = (REPLAY,)
    empty_words = _("Whatever Stripe reports appears here, from the first payment on.")
    list_display = ("event_type", "booking", "result", "attempts", "deliveries", "received")
    list_select_related = ("booking__hotel",)
    list_filter = (("processing_result", ChoicesDropdownFilter), HotelFilter)
    list_filter_submit = True
    search_fields = ("event_id", "event_type", "booking__booking_id")
    search_help_text = _("Reference, type or evt_…")
    fields = (
        "event_type",
        "event_id",
        "booking",
        "payment",
        "result",
        "attempts",
        "deliveries",
        "received",
        "processed",
        "error",
        "pretty_payload",
    )
    readonly_fields = ("result", "received", "processed", "error", "pretty_payload")

    @display(description=_("Result"), ordering="processing_result")
    def result(self, event: StripeWebhookEvent) -> SafeString:
        """Show what became of the event."""
        failed = event.processing_result == ProcessingResult.FAILED
        return pill(event.get_processing_result_display(), "bad" if failed else kind_of(event.processing_result))

    @display(description=_("Received"), ordering="received_at")
    def received(self, event: StripeWebhookEvent) -> str:
        """Show when it came."""
        return moment(hotel_of(event), event.received_at, seconds=True)

    @display(description=_("Processed"))
    def processed(self, event: StripeWebhookEvent) -> str:
        """Show when it was understood."""
        return moment(hotel_of(event), event.processed_at, seconds=True)

    @display(description=_("Error"))
    def error(self, event: StripeWebhookEvent) -> SafeString | str:
        """Show why it failed, line by line."""
        return format_html('<pre class="desk-json">{}</pre>', event.error_message) if event.error_message else "–"

    @display(description=_("Payload"))
    def pretty_payload(self, event: StripeWebhookEvent) -> SafeString:
        """Show the event without the people in it."""
        text = json.dumps(masked(event.payload), indent=2, ensure_ascii=False)
        return format_html('<pre class="desk-json">{}</pre>', text)


def hotel_of(event: StripeWebhookEvent) -> Any:
    """Return the hotel of the event's booking, if it has one."""
    return event.booking.hotel if event.booking else None
