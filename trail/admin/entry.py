"""The explorer's pages. Nothing on them can be changed: the one POST is the export."""

from typing import Any

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.http import HttpResponseRedirect as Redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bookings import reading
from bookings.admin import exports
from bookings.admin.history import number
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.list_names import list_name
from bookings.refusals import Refused
from trail.admin import as_it_was, entry_page, filters, paging, proven, taken
from trail.admin.reading import annotated
from trail.admin.scope import Scope, scope_of
from trail.admin.told import told
from trail.models import Entry

PLACE = "admin:trail_entry"


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    """One page over the history of all models."""

    def get_urls(self) -> list[URLPattern]:
        """Return the explorer's pages. The stock ones, which add, delete and list, are not among them."""
        view = self.admin_site.admin_view
        return [
            path("", view(require_safe(self.changelist_view)), name="trail_entry_changelist"),
            path("export/", view(self.export_view), name="trail_entry_export"),
            path("as-it-was/<int:pk>/", view(require_safe(self.as_it_was_view)), name="trail_entry_as_it_was"),
            path("verifier/", view(require_safe(self.verifier_view)), name="trail_entry_verifier"),
            path("<path:object_id>/change/", view(require_safe(self.entry_view)), name="trail_entry_change"),
        ]

    @reading.from_replica
    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """List what the filters keep, the newest first."""
        scope = self.scope(request)
        asked = filters.chosen(request.GET, scope)
        page = paging.page_of(annotated(asked.entries()), request.GET.dict())
        context = {
            "asked": asked,
            "form": asked.form,
            "chips": asked.chips(),
            "lines": told(page.entries, scope),
            "newer": newer(asked, page),
            "older": asked.address(older=str(page.entries[-1].pk)) if page.entries and page.has_older else "",
            "zone": asked.zone[1],
            "verified": proven.verified(),
            "verifier": reverse(f"{PLACE}_verifier"),
            "may_export": exports.may_export(request),
            "export": f"{reverse(f'{PLACE}_export')}{asked.address()}",
        }
        return self.draw(request, "list.html", list_name(self), context)

    @reading.from_replica
    def entry_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show one entry: all its values, its place in the chain, and what stands around it."""
        scope = self.scope(request)
        entry = annotated(scope.entries()).filter(pk=number(object_id)).first()
        if entry is None:
            raise Http404
        return self.draw(request, "entry.html", _("History entry"), entry_page.context(entry, scope))

    @reading.from_replica
    def as_it_was_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a booking as it was at a moment."""
        context = as_it_was.context(pk, request.GET.get("at", ""), self.scope(request))
        return self.draw(request, "as_it_was.html", _("As it was: %(booking)s") % context, context)

    def verifier_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with the program that proves an export, as a file."""
        self.scope(request)
        response = HttpResponse(proven.verifier(), content_type="text/x-python; charset=utf-8")
        response["Content-Disposition"] = 'attachment; filename="verify_export.py"'
        return response

    @reading.from_replica
    def export_view(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with everything that the filters keep, as a file."""
        exports.require_right(request)
        scope = self.scope(request)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        asked = filters.chosen(request.GET, scope)
        try:
            return exports.answer(request, taken.sheet(asked, request.POST.get("format", "")))
        except Refused as refused:
            messages.error(request, refused.message)
            return Redirect(f"{reverse(f'{PLACE}_changelist')}{asked.address()}")

    def scope(self, request: HttpRequest) -> Scope:
        """Return what the person may read; 403 for whoever may not open the explorer."""
        exports.require_view(self, request)
        return scope_of(request.user)

    def draw(self, request: HttpRequest, template: str, title: str, context: dict[str, Any]) -> HttpResponse:
        """Draw a page in the admin's frame, now: a replica may be gone a moment later."""
        request.current_app = self.admin_site.name
        around = {**self.admin_site.each_context(request), "title": title}
        return TemplateResponse(request, f"admin/trail/{template}", {**around, **context}).render()


def newer(asked: filters.Chosen, page: paging.Page) -> str:
    """Return the address of the page with what is newer; nothing on the newest one."""
    if not page.has_newer:
        return ""
    return asked.address(newer=str(page.entries[0].pk)) if page.entries else asked.address()
