"""History pages that can be read and never written.

The stock page saves an old version past the state machine and past Stripe, for people who may only look and for
other hotels' rows, too. Here both pages are drawn anew from the records: there is no form behind them.
"""

from typing import Any, Final

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from simple_history.admin import SimpleHistoryAdmin

from bookings.admin.history_rows import Reader
from bookings.admin.scoping import HotelScopedAdmin
from bookings.models import Hotel

PER_PAGE: Final = 50
READING: Final = ("GET", "HEAD")


class ReadableHistoryAdmin(HotelScopedAdmin, SimpleHistoryAdmin):
    """An admin with a history that people understand."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """List an object's changes, newest first."""
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        row = self.seen(request, object_id)
        page = Paginator(self.records(row), PER_PAGE).get_page(request.GET.get("p"))
        context = {
            "page_obj": page,
            "rows": self.rows(row, page),
            "explorer": self.explorer(request, row),
        }
        return self.draw(request, "admin/desk/history.html", row, _("History: %(row)s") % {"row": row}, context)

    def history_form_view(
        self,
        request: HttpRequest,
        object_id: str,
        version_id: str,
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the values of one version. Nothing here can be changed or brought back."""
        if request.method not in READING:
            return HttpResponseNotAllowed(READING)
        row = self.seen(request, object_id)
        record = self.records(row).filter(history_id=number(version_id)).first()
        if record is None:
            raise Http404
        reader = self.reader(row)
        (shown,) = reader.rows([record])
        context = {"row": shown, "values": reader.values(record)}
        return self.draw(request, "admin/desk/version.html", row, _("Version of %(row)s") % {"row": row}, context)

    def seen(self, request: HttpRequest, object_id: str) -> Any:
        """Return the row whose history is asked for, or answer 404 or 403."""
        row = self.get_visible(request, unquote(object_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return row

    def records(self, row: Any) -> Any:
        """Return an object's history records, with the people who made them."""
        manager = getattr(self.model, self.model._meta.simple_history_manager_attribute)
        records = manager.filter(**{self.opts.pk.attname: row.pk})
        return records.select_related("history_user").order_by("-history_date", "-history_id")

    def rows(self, row: Any, page: Any) -> list[Any]:
        """Return a page's records as people read them; the oldest is compared with the one before the page."""
        records = list(page.object_list)
        following = list(self.records(row)[page.end_index() : page.end_index() + 1]) if records else []
        return self.reader(row).rows([*records, *following])[: len(records)]

    def reader(self, row: Any) -> Reader:
        """Return what puts this model's records into words."""
        history_model = getattr(self.model, self.model._meta.simple_history_manager_attribute).model
        hotel = self.hotel_of(row)
        return Reader(history_model, hotel=hotel, currency=hotel.currency if hotel else "")

    def hotel_of(self, row: Any) -> Hotel | None:
        """Return the hotel that a row belongs to."""
        found = row
        for name in self.hotel_path.split("__"):
            found = found if name == "pk" else getattr(found, name, None)
        return found if isinstance(found, Hotel) else None

    def explorer(self, request: HttpRequest, row: Any) -> str:
        """Return the address of the same history among all others, for whoever may open the explorer."""
        user: Any = request.user
        if not user.has_perm("trail.view_entry"):
            return ""
        return f"{reverse('admin:trail_entry_changelist')}?model={self.opts.label_lower}&object={row.pk}"

    def draw(
        self, request: HttpRequest, template: str, row: Any, title: str, context: dict[str, Any]
    ) -> HttpResponse:
        """Draw one of the two pages."""
        request.current_app = self.admin_site.name
        user: Any = request.user
        info = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        return TemplateResponse(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                **context,
                "opts": self.opts,
                # Where somebody was when they did something is about a person.
                "shows_addresses": user.has_perm("bookings.export_guest"),
                "object": row,
                "title": title,
                "change_url": reverse(f"{info}_change", args=[row.pk]),
                "history_url": reverse(f"{info}_history", args=[row.pk]),
                "version_url": f"{info}_simple_history",
            },
        )


def number(text: str) -> int:
    """Return a version's number from an address, or answer 404."""
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        raise Http404
    return int(text)
