"""The pages of an import: upload, preview, confirmation, results. Only the uploader sees a file."""

import csv
import hashlib
import io
from typing import Any, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from bookings import uploads
from bookings.admin import words
from bookings.admin.imports import confirm, files
from bookings.admin.imports.files import BadFile
from bookings.admin.imports.preview import look
from bookings.admin.imports.rows import Checked
from bookings.admin.scoping import HotelScopedAdmin
from bookings.models import Booking, BookingImport, ImportAs, ImportStatus
from bookings.refusals import Refused
from bookings.retold import retold

SHOWN: Final = 200
EARLIER: Final = 10


class ImportAdmin(HotelScopedAdmin):
    """Adds the import to the bookings."""

    def get_urls(self) -> list[URLPattern]:
        """Put the import before the addresses of single bookings."""
        view, name = self.admin_site.admin_view, "bookings_booking_import"
        return [
            path("import/", view(self.upload_view), name=name),
            path("import/template.csv", view(require_safe(self.template_view)), name=f"{name}_template"),
            path("import/<int:pk>/", view(require_safe(self.preview_view)), name=f"{name}_preview"),
            path("import/<int:pk>/confirm/", view(self.confirm_view), name=f"{name}_confirm"),
            *super().get_urls(),
        ]

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for a file; keep one that can be read and lead to its preview."""
        require_right(request)
        if request.method == "POST":
            try:
                return redirect("admin:bookings_booking_import_preview", kept(request).pk)
            except BadFile as bad:
                return self.upload_page(request, str(bad))
        return self.upload_page(request, "")

    def upload_page(self, request: HttpRequest, error: str) -> HttpResponse:
        """Return the page that asks for a file."""
        own = BookingImport.objects.filter(made_by=request.user.pk).exclude(status=ImportStatus.GONE)
        return self.import_page(
            request,
            "upload.html",
            {
                "error": error,
                "needed": files.NEEDED,
                "optional": files.OPTIONAL,
                "choices": ImportAs.choices,
                "chosen": request.POST.get("creates", ImportAs.CONFIRMED),
                "earlier": list(own[:EARLIER]),
                "most_rows": files.MOST_ROWS,
            },
        )

    def template_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with an empty file that has the columns and one example."""
        require_right(request)
        headers = {"Content-Disposition": 'attachment; filename="bookings-template.csv"'}
        return HttpResponse(template(), content_type="text/csv; charset=utf-8", headers=headers)

    def preview_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show what a file that waits would come to, or what one that is imported came to."""
        require_right(request)
        upload = own_upload(request, pk)
        if upload.status == ImportStatus.DONE:
            return self.import_page(request, "results.html", {"upload": upload, **counted(upload)})
        if upload.status == ImportStatus.GONE:
            messages.warning(request, _(confirm.GIVEN_UP))
            return redirect("admin:bookings_booking_import")
        found = look(files.parsed(upload.content), request.user, creates=upload.creates)
        return self.import_page(request, "preview.html", {"upload": upload, **told(found)})

    def confirm_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Import the file. Refused words are shown above the preview, which is worked out anew."""
        require_right(request)
        upload = own_upload(request, pk)
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        try:
            confirm.confirm(upload, user=request.user, leave_out=request.POST.get("leave_out") == "yes")
        except Refused as refused:
            messages.error(request, retold(refused.message))
        return redirect("admin:bookings_booking_import_preview", pk)

    def import_page(self, request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
        """Return a page in the admin's frame."""
        start = reverse("admin:bookings_booking_import")
        context = {**self.admin_site.each_context(request), "title": _("Import bookings"), "start": start, **context}
        answer = TemplateResponse(request, f"admin/bookings/imports/{template}", context)
        answer["Cache-Control"] = "no-store"
        return answer


def require_right(request: HttpRequest) -> None:
    """Answer 403 to whoever may not import."""
    user: Any = request.user
    if not user.has_perm("bookings.import_booking"):
        raise PermissionDenied


def own_upload(request: HttpRequest, pk: int) -> BookingImport:
    """Return a file of the person's own; 404 for everybody else's."""
    found = BookingImport.objects.filter(pk=pk, made_by=request.user.pk).first()
    if found is None:
        raise Http404
    return found


def kept(request: HttpRequest) -> BookingImport:
    """Keep the posted file. Raises BadFile for what cannot be read at all."""
    file = request.FILES.get("file")
    if file is None:
        raise BadFile(_("Choose a file first."))
    if (file.size or 0) > files.MOST_BYTES:
        raise BadFile(_("The file is larger than 5 MB. Split it."))
    data = file.read()
    content = files.decoded(data)
    creates = request.POST.get("creates", "")
    return uploads.keep(
        request.user,
        content=content,
        sha256=hashlib.sha256(data).hexdigest(),
        row_count=len(files.parsed(content)),
        creates=creates if creates in ImportAs.values else ImportAs.CONFIRMED,
    )


def told(found: list[Checked]) -> dict[str, Any]:
    """Return what the preview shows."""
    good = [row for row in found if row.is_good]
    wrong = [row for row in found if row.problems and not row.known]
    return {
        "good": [line(row.number, row.booking) for row in good[:SHOWN] if row.booking is not None],
        "good_count": len(good),
        "wrong": wrong[:SHOWN],
        "wrong_count": len(wrong),
        "known": [row for row in found if row.known][:SHOWN],
        "known_count": sum(bool(row.known) for row in found),
        "shown": SHOWN,
        "button": ngettext("Import %(count)s booking", "Import %(count)s bookings", len(good)) % {"count": len(good)},
    }


def line(number: int, booking: Booking) -> dict[str, Any]:
    """Return how a row that can be imported is shown."""
    return {
        "number": number,
        "booking": booking,
        "stay": f"{words.dates(booking)} · {words.place(booking)} · {booking.hotel}",
        "price": words.money(booking.total_amount, booking.currency),
    }


def counted(upload: BookingImport) -> dict[str, Any]:
    """Return what the results show."""
    outcomes = [row["outcome"] for row in upload.results]
    return {
        "imported": outcomes.count(confirm.IMPORTED),
        "known": outcomes.count(confirm.KNOWN),
        "left_out": outcomes.count(confirm.LEFT_OUT),
        "results": [{**row, "why": [why_words(each) for each in row.get("why", ())]} for row in upload.results],
        "done": words.moment(None, upload.done_at),
    }


def why_words(stored: str) -> str:
    """Return why a row was left out in the reader's language; before a colon there may be a column's name."""
    name, colon, rest = stored.partition(": ")
    told_again = retold(stored)
    return f"{name}: {retold(rest)}" if colon and told_again == stored else told_again


def template() -> bytes:
    """Return the file to begin with."""
    text = io.StringIO()
    csv.writer(text).writerows((files.COLUMNS, files.EXAMPLE))
    return text.getvalue().encode("utf-8-sig")
