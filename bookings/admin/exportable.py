"""Lists that can be taken along as a file: exactly what their filters and search show now."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import URLPattern, path, reverse

from bookings.admin import exports
from bookings.admin.resources import Sheetlike
from bookings.admin.scoping import HotelScopedAdmin
from bookings.models import Hotel
from bookings.refusals import Refused


class ExportableAdmin(HotelScopedAdmin):
    """Adds two buttons above a list, and the address behind them. A POST, because every export is recorded."""

    resource: type[Sheetlike]
    list_before_template = "admin/desk/export_bar.html"

    def get_urls(self) -> list[URLPattern]:
        """Put the export before the addresses of single rows."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return [path("export/", self.admin_site.admin_view(self.export_view), name=name), *super().get_urls()]

    @property
    def export_address(self) -> str:
        """The address of the export, without the filters."""
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_export")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Tell the list whether to show the buttons."""
        may = exports.may_export(request) and self.has_view_permission(request)
        return super().changelist_view(request, {"may_export": may, **(extra_context or {})})

    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the rows that the list shows under the same address, all pages of them."""
        exports.require_right(request)
        exports.require_view(self, request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        back = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            found = self.get_changelist_instance(request).queryset
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{back}?e=1")
        try:
            return exports.answer(request, self.sheet(request, found))
        except Refused as refused:
            messages.error(request, refused.message)
            return HttpResponseRedirect(f"{back}?{request.GET.urlencode()}")

    def sheet(self, request: HttpRequest, found: Any) -> exports.Sheet:
        """Return what is exported."""
        user: Any = request.user
        resource = self.resource()
        return exports.Sheet(
            what=str(self.opts.verbose_name_plural),
            head=resource.head(),
            rows=resource.lines(found),
            count=found.count,
            hotels=hotels_of(request.GET.get("hotel", ""), list(user.visible_hotels())),
            filters=request.GET.dict(),
        )


def hotels_of(wanted: str, own: list[Hotel]) -> list[Hotel]:
    """Return the hotels whose rows a list shows: the one that it is filtered by, or all of the person's."""
    return [hotel for hotel in own if str(hotel.pk) == wanted] or own
