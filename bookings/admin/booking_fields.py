"""Which fields a booking's form has: by its state, and by what the person may set."""

from typing import Any

from django.conf import settings
from django.contrib.admin.utils import flatten_fieldsets
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from bookings.admin.booking_form import GUEST, GUEST_ROWS, READ_ROWS, STAY_ROWS, BookingForm
from bookings.admin.scoping import HotelScopedAdmin
from bookings.models import ENDED, Booking, BookingStatus
from bookings.spoken import text_language


class BookingFieldsAdmin(HotelScopedAdmin):
    """A draft can be edited, a guest's contact until the booking has ended, the rest by actions."""

    form = BookingForm

    def get_readonly_fields(self, request: HttpRequest, obj: Booking | None = None) -> tuple[str, ...]:
        """Return the fields that the booking's state has closed. Its status is in no form at all."""
        return (*GUEST, "language") if obj and is_closed(obj) else ()

    def get_fieldsets(self, request: HttpRequest, obj: Booking | None = None) -> Any:
        """Ask for the stay while it is a draft; later the top of the page says it."""
        guest = (_("Guest"), {"fields": READ_ROWS if obj and self.only_reads(request, obj) else GUEST_ROWS})
        if obj and (obj.is_deleted or obj.status != BookingStatus.DRAFT):
            return (guest,)
        price = ("total",) if sets_prices(request.user) else ()
        return ((_("Stay"), {"fields": (*STAY_ROWS, *price)}), guest)

    def only_reads(self, request: HttpRequest, obj: Booking) -> bool:
        """Whether the guest's contact is shown as text."""
        return is_closed(obj) or not self.has_change_permission(request, obj)

    @display(description=gettext_lazy("Guest language"))
    def language(self, booking: Booking) -> str:
        """Show the language by its name."""
        return str(dict(settings.LANGUAGES)[text_language(booking.guest_language)])

    def get_form(self, request: HttpRequest, obj: Booking | None = None, **kwargs: Any) -> Any:
        """Drop the stay once it is agreed, and the price for whoever may not set it.

        A declared field is in the form, shown or not.
        """
        form = super().get_form(request, obj, **kwargs)
        shown = flatten_fieldsets(self.get_fieldsets(request, obj))
        for name in form.declared_fields:
            if name not in shown:
                form.base_fields.pop(name, None)
        return form


def is_closed(booking: Booking) -> bool:
    """Whether nothing about the guest can be changed any more."""
    return booking.is_deleted or booking.status in ENDED


def sets_prices(user: Any) -> bool:
    """Whether a person may set another price than nights × rate."""
    return bool(user.has_perm("cancellations.override_fee"))
