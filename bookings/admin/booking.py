"""The admin of bookings."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import RangeDateFilter
from unfold.decorators import display

from bookings.admin.actions import ACTIONS
from bookings.admin.booking_add import AddBookingAdmin
from bookings.admin.booking_filters import DeletedFilter, MoneyFilter, StayFilter
from bookings.admin.booking_form import GUEST, GUEST_ROWS, READ_ROWS, STAY_ROWS, BookingForm
from bookings.admin.booking_list import BookingListAdmin
from bookings.admin.booking_page import page_context, tab_of, tab_with_errors
from bookings.admin.bulk_actions import BulkActionsAdmin
from bookings.admin.calendar import CalendarAdmin
from bookings.admin.exportable import ExportableAdmin
from bookings.admin.facts import Facts, facts_of
from bookings.admin.filters import ChoicesDropdownFilter
from bookings.admin.guest_data import GuestDataAdmin
from bookings.admin.guest_view import GuestViewAdmin
from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.import_pages import ImportAdmin
from bookings.admin.report_pages import ReportsAdmin
from bookings.admin.resources import BookingResource
from bookings.admin.scoping import HotelFilter
from bookings.admin.staff_actions import StaffActionsAdmin
from bookings.models import ENDED, Booking, BookingStatus
from bookings.spoken import text_language


@admin.register(Booking)
class BookingAdmin(
    AddBookingAdmin,
    ReportsAdmin,
    ImportAdmin,
    ExportableAdmin,
    CalendarAdmin,
    GuestDataAdmin,
    GuestViewAdmin,
    BulkActionsAdmin,
    BookingListAdmin,
    StaffActionsAdmin,
    ReadableHistoryAdmin,
):
    """Read-mostly: a draft can be edited, a guest's contact until the booking has ended, the rest by actions."""

    form = BookingForm
    resource = BookingResource
    staff_actions = ACTIONS
    change_form_template = "admin/bookings/booking/change_form.html"
    list_filter = (
        ("status", ChoicesDropdownFilter),
        StayFilter,
        MoneyFilter,
        ("check_in", RangeDateFilter),
        HotelFilter,
        ("payment_method", ChoicesDropdownFilter),
        DeletedFilter,
    )

    def facts(self, row: Booking) -> Facts:
        """Return what the checks and dialogs look at."""
        return facts_of(row, timezone.now())

    def for_page(self, row: Booking) -> Booking:
        """Read the money of a booking once for its whole page."""
        prefetch_related_objects([row], "payments__refunds", "payments__disputes")
        return row

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

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Offer one way to save, and none where nothing can be changed."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        if not context["adminform"].form.fields:
            context["show_save"] = False
        if kwargs.get("add"):
            form = context["adminform"].form
            context |= self.around(request, form.data if form.is_bound else form.initial)
        if context["adminform"].form.errors and "tabs" in context:
            context |= tab_with_errors(context["adminform"].form.errors, context)
        return super().render_change_form(request, context, **kwargs)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Lock the row that a POST is about to change, so that no transition is overwritten."""
        known = request.__dict__.get("staff_facts", {}).get(object_id)
        if known is not None and request.method != "POST":
            return known.booking
        found = super().get_object(request, object_id, from_field)
        if request.method == "POST":
            Booking.objects.select_for_update(of=("self",)).get(pk=found.pk)
            found = super().get_object(request, object_id, from_field)
        return found

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Add header, money, payments and messages to the page."""
        facts = self.facts_for(request, object_id)
        added = page_context(request, facts, impossible=self.impossible(request, object_id, facts))
        added["may_export"] = self.may_export(request) and not facts.booking.is_erased
        return super().change_view(request, object_id, form_url, {**added, **(extra_context or {})})

    def response_change(self, request: HttpRequest, obj: Booking) -> HttpResponse:
        """Stay on the booking."""
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(f"{request.path}?{urlencode({'tab': tab_of(request)})}")


def is_closed(booking: Booking) -> bool:
    """Whether nothing about the guest can be changed any more."""
    return booking.is_deleted or booking.status in ENDED


def sets_prices(user: Any) -> bool:
    """Whether a person may set another price than nights × rate."""
    return bool(user.has_perm("cancellations.override_fee"))
