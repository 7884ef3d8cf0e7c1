"""The mail log."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bookings.admin.filters import ChoicesDropdownFilter
from bookings.admin.message_actions import MESSAGE_ACTIONS
from bookings.admin.message_filters import KINDS, KindFilter, WaitingFilter, WrittenFilter
from bookings.admin.message_page import page_context
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.scoping import HotelFilter
from bookings.admin.staff_actions import StaffActionsAdmin
from bookings.admin.words import mail_pill, moment
from bookings.models import Message


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin, StaffActionsAdmin):
    """What was mailed to whom, and what became of it. The guest's personal link is known to nobody here."""

    hotel_path = "booking__hotel"
    list_name = gettext_lazy("Mail log")
    empty_words = gettext_lazy("Every mail to a guest or to the hotel appears here, from the first booking on.")
    staff_actions = MESSAGE_ACTIONS
    change_form_template = "admin/bookings/message/change_form.html"
    list_display = ("state", "subject", "to", "booking", "written", "delivered")
    list_display_links = ("subject",)
    list_select_related = ("booking__hotel",)
    list_filter = (
        WaitingFilter,
        ("status", ChoicesDropdownFilter),
        KindFilter,
        HotelFilter,
        ("created_at", WrittenFilter),
    )
    list_filter_submit = True
    search_fields = ("booking__booking_id", "to", "subject")
    search_help_text = gettext_lazy("Reference, address or subject")
    fields = ("booking", "about", "state", "to", "written", "sent", "delivered", "bounced", "attempts", "said")
    readonly_fields = ("about", "state", "written", "sent", "delivered", "bounced", "said")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the mail as it was read, beside what became of it."""
        message = self.facts_for(request, object_id)
        more = page_context(message, impossible=self.impossible(request, object_id, message))
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    @display(description=gettext_lazy("About"), ordering="kind")
    def about(self, message: Message) -> str:
        """Show what kind of mail it is."""
        return str(KINDS.get(message.kind, message.kind))

    @display(description=gettext_lazy("State"), ordering="status")
    def state(self, message: Message) -> SafeString:
        """Show how far the mail has come."""
        return mail_pill(message)

    @display(description=gettext_lazy("Written"), ordering="created_at")
    def written(self, message: Message) -> str:
        """Show when the mail was queued."""
        return moment(message.booking.hotel, message.created_at)

    @display(description=gettext_lazy("Sent"))
    def sent(self, message: Message) -> str:
        """Show when the mail left."""
        return moment(message.booking.hotel, message.sent_at)

    @display(description=gettext_lazy("Delivered"), ordering="delivered_at")
    def delivered(self, message: Message) -> str:
        """Show when the guest's server took it; only mail providers tell."""
        return moment(message.booking.hotel, message.delivered_at)

    @display(description=gettext_lazy("Came back"))
    def bounced(self, message: Message) -> str:
        """Show when it came back, or was marked as spam."""
        return moment(message.booking.hotel, message.bounced_at)

    @display(description=gettext_lazy("What the mail server said"))
    def said(self, message: Message) -> str:
        """Show the last refusal."""
        return message.last_error or _("nothing")
