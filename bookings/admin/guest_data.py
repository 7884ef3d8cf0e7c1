"""The download of everything that is held about a guest."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from bookings.admin import exports
from bookings.admin.scoping import HotelScopedAdmin
from bookings.models import ExportFormat
from bookings.refusals import Refused
from cancellations.guest_export import export_guest


class GuestDataAdmin(HotelScopedAdmin):
    """An admin of bookings with an address that answers with the guest's data."""

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the download."""
        view = self.admin_site.admin_view(self.download)
        return [path("<path:object_id>/guest-data/", view, name="bookings_booking_guest_data"), *super().get_urls()]

    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer with one JSON file. A POST, because every export goes into the history."""
        booking = self.get_visible(request, unquote(object_id))
        if not self.may_export(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            name, text = export_guest(booking, user=request.user)
        except Refused as refused:
            messages.error(request, refused.message)
            return HttpResponseRedirect(reverse("admin:bookings_booking_change", args=[booking.pk]))
        exports.record_whole(request, "guest-data", ExportFormat.JSON, content=text.encode(), booking=booking)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)

    def may_export(self, request: HttpRequest) -> bool:
        """Whether a person may take a guest's data out of the system."""
        user: Any = request.user
        return bool(user.has_perm("bookings.export_guest"))
