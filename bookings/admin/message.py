"""The mail log."""

from django.contrib import admin
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.scoping import HotelFilter
from bookings.admin.words import kind_of, moment, pill
from bookings.models import Message
from bookings.outbox import PERSONAL_LINK


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What was mailed to whom. The guest's personal link is known to nobody here."""

    hotel_path = "booking__hotel"
    list_display = ("subject", "to", "booking", "state", "written")
    list_select_related = ("booking__hotel",)
    list_filter = (("status", ChoicesDropdownFilter), HotelFilter)
    list_filter_submit = True
    search_fields = ("booking__booking_id", "to", "subject")
    search_help_text = "Reference, address or subject"
    fields = ("booking", "subject", "to", "state", "written", "sent", "attempts", "last_error", "body")
    readonly_fields = ("state", "written", "sent", "body")

    @display(description="State", ordering="status")
    def state(self, message: Message) -> SafeString:
        """Show how far the mail has come."""
        return pill(message.get_status_display(), kind_of(message.status))

    @display(description="Written", ordering="created_at")
    def written(self, message: Message) -> str:
        """Show when the mail was queued."""
        return moment(message.booking.hotel, message.created_at)

    @display(description="Sent")
    def sent(self, message: Message) -> str:
        """Show when the mail left."""
        return moment(message.booking.hotel, message.sent_at)

    @display(description="Text")
    def body(self, message: Message) -> str:
        """Show the mail's text, without the personal link."""
        return message.text.replace(PERSONAL_LINK, "[personal link]")
