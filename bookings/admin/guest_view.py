"""The guest's page as staff see it: the same words and amounts, and nothing that could be pressed."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from bookings import spoken
from bookings.admin.scoping import HotelScopedAdmin
from bookings.models import Booking, BookingStatus
from cancellations import pages
from cancellations.guest_access import READ


class GuestViewAdmin(HotelScopedAdmin):
    """An admin of bookings that shows each as its guest sees it."""

    def get_urls(self) -> list[URLPattern]:
        """Add the page."""
        view = self.admin_site.admin_view(self.guest_view)
        return [path("<path:object_id>/guest-view/", view, name="bookings_booking_guest_view"), *super().get_urls()]

    def guest_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the page, to whoever may see the booking. It is only read; bookings of other hotels are 404."""
        if request.method not in READ:
            return HttpResponseNotAllowed(READ)
        booking = self.get_visible(request, object_id)
        if not self.has_view_permission(request, booking):
            raise PermissionDenied
        notice = _("This is what the guest sees now. Nothing can be changed here.")
        preview = {"notice": notice, "back": _("Back to the booking"), "booking": booking}
        with translation.override(spoken.text_language(booking.guest_language)):  # words are made before the page is
            template, context = as_guest(booking)
            return render(request, template, {**context, "preview": preview})


def as_guest(booking: Booking) -> tuple[str, dict[str, Any]]:
    """Return the page that the guest's link opens. Drafts and deleted bookings have none."""
    if booking.is_deleted or booking.status == BookingStatus.DRAFT:
        return "guest/bad_link.html", {}
    return pages.current(booking, now=timezone.now())
