"""Taking a booking at the desk: once, however often the button is pressed, and with nothing lost that was typed."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bookings import lifecycle
from bookings.admin.booking_key import SALT, reference_of
from bookings.admin.booking_offers import FROM_GUEST, BookingOfferAdmin
from bookings.admin.dialogs import next_step
from bookings.admin.typed_booking import number
from bookings.models import Booking, BookingStatus
from bookings.refusals import Refused


class AddBookingAdmin(BookingOfferAdmin):
    """Takes a booking once, and says why one was not taken."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Take a booking once, however often the button is pressed; what is refused keeps what was typed."""
        if object_id is not None or request.method != "POST" or not self.has_add_permission(request):
            return super().changeform_view(request, object_id, form_url, extra_context)
        if {"_show", "_use"} & set(request.POST):
            return super().changeform_view(self.shown_again(request), None, form_url, extra_context)
        if (booking := self.taken_before(request)) is not None:
            messages.info(request, _("This booking was taken already, a moment ago."))
            return to_page(booking)
        try:
            return super().changeform_view(request, None, form_url, extra_context)
        except Refused as refused:
            request.META[SALT] = refused.message
        except IntegrityError:
            # The other press was faster: its booking can be seen now.
            if (booking := self.taken_before(request)) is None:
                raise
            return to_page(booking)
        return super().changeform_view(request, None, form_url, extra_context)

    def shown_again(self, request: HttpRequest) -> HttpRequest:
        """Return the request as if somebody had opened the page with all that was typed filled in."""
        again = copy(request)
        again.method = "GET"
        again.GET = request.POST.copy()  # type: ignore[assignment]
        rows: Any = self.get_queryset(request)
        guest = rows.filter(pk=number(request.POST.get("_use"))).first()
        if guest is not None:
            again.GET.update({name: getattr(guest, name) for name in FROM_GUEST})
        return again

    def get_form(self, request: HttpRequest, obj: Booking | None = None, **kwargs: Any) -> Any:
        """Let the form say why the booking could not be submitted."""
        form = super().get_form(request, obj, **kwargs)
        form.why_refused = request.META.get(SALT, "")
        form.asks_about_twin = obj is None
        return form

    def save_model(self, request: HttpRequest, obj: Booking, form: Any, change: bool) -> None:
        """Save a draft; with the other button, submit it in the same transaction, or save nothing at all."""
        if not change:
            obj.booking_id = reference_of(request) or obj.booking_id
        super().save_model(request, obj, form, change)
        if not change and "_book" in request.POST:
            lifecycle.submit(obj)

    def taken_before(self, request: HttpRequest) -> Booking | None:
        """Return the booking that the same form has made already."""
        reference = reference_of(request)
        rows: Any = self.get_queryset(request)
        return rows.filter(booking_id=reference).first() if reference else None

    def response_add(self, request: HttpRequest, obj: Booking, post_url_continue: Any = None) -> HttpResponse:
        """Show the new booking, and say what happens next."""
        booking = Booking.objects.select_related("hotel").get(pk=obj.pk)
        if booking.status == BookingStatus.DRAFT:
            said = _("Draft %(booking)s is saved. Check it, then submit it to mail the guest.")
            messages.success(request, said % {"booking": obj})
        else:
            said = _("Booking %(booking)s is taken. %(next)s")
            messages.success(request, said % {"booking": obj, "next": next_step(booking)})
        return to_page(booking)


def to_page(booking: Booking) -> HttpResponse:
    """Lead to a booking's page."""
    return HttpResponseRedirect(reverse("admin:bookings_booking_change", args=[booking.pk]))
