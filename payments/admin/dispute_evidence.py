"""The download of a dispute's evidence."""

from typing import Any

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.urls import URLPattern, path

from bookings.admin import exports
from bookings.admin.scoping import HotelScopedAdmin
from bookings.models import ExportFormat
from payments import evidence


class EvidenceAdmin(HotelScopedAdmin):
    """An admin of disputes with an address that answers with the evidence."""

    def get_urls(self) -> list[URLPattern]:
        """Add the address of the evidence."""
        view = self.admin_site.admin_view(self.download)
        return [path("<path:object_id>/evidence/", view, name="payments_dispute_evidence"), *super().get_urls()]

    def download(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Answer with one archive. A POST, because every export goes into the history."""
        dispute = self.get_visible(request, unquote(object_id))
        if not self.may_export(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        name, content = evidence.export(dispute)
        booking = dispute.payment.booking
        exports.record_whole(request, "dispute-evidence", ExportFormat.ZIP, content=content, booking=booking)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return HttpResponse(content, content_type="application/zip", headers=headers)

    def may_export(self, request: HttpRequest) -> bool:
        """Whether a person may take a guest's data out of the system."""
        user: Any = request.user
        return bool(user.has_perm("payments.export_evidence"))
