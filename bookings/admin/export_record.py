"""The list of exports: who took which data along."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from bookings.admin.filters import ChoicesDropdownFilter
from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.read_only import ReadOnlyAdmin
from bookings.admin.scoping import HotelFilter
from bookings.admin.words import EMPTY, chosen_words, moment, name_of
from bookings.models import ExportRecord
from bookings.spoken import number


@admin.register(ExportRecord)
class ExportRecordAdmin(ReadOnlyAdmin, ReadableHistoryAdmin):
    """Exports of the person's hotels. The digest proves whether a file is the one that was taken."""

    hotel_path = "hotels"
    empty_words = _("Whoever takes data out of Innkeep is named here, with what was taken.")
    list_display = ("made", "file", "who", "chosen", "size", "state")
    list_display_links = ("made",)
    list_select_related = ("made_by",)
    list_filter = (("format", ChoicesDropdownFilter), HotelFilter)
    list_filter_submit = True
    search_fields = ("what", "made_by__username", "request_id", "sha256")
    search_help_text = _("What, user name, request id or SHA-256")
    fields = ("made", "file", "who", "chosen", "size", "state", "sha256", "request_id")
    readonly_fields = ("made", "file", "who", "chosen", "size", "state")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return each export once, however many of the person's hotels it is about."""
        rows = super().get_queryset(request).order_by().values("pk")
        return ExportRecord.objects.filter(pk__in=rows).order_by("-id")

    @display(description=_("Made (UTC)"), ordering="id")
    def made(self, row: ExportRecord) -> str:
        """Show when, in UTC: an export may be about several hotels."""
        return moment(None, row.made_at, seconds=True)

    @display(description=_("What"))
    def file(self, row: ExportRecord) -> str:
        """Show what was exported, and as what."""
        return f"{row.what} ({row.get_format_display()})"

    @display(description=_("By"))
    def who(self, row: ExportRecord) -> str:
        """Show who took it."""
        return name_of(row.made_by)

    @display(description=_("Chosen"))
    def chosen(self, row: ExportRecord) -> str:
        """Show the filters."""
        return chosen_words(row.filters) or EMPTY

    @display(description=_("Rows"))
    def size(self, row: ExportRecord) -> str:
        """Show how many rows the file has."""
        return EMPTY if row.rows is None else number(row.rows)

    @display(description=_("State"))
    def state(self, row: ExportRecord) -> str:
        """Show whether the file was written to its end."""
        return str(_("Whole") if row.finished_at else _("Broke off"))
