"""The page of a booking: what stands around its form, and how it is saved."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.admin.actions import ACTIONS
from bookings.admin.booking_page import page_context, tab_of, tab_with_errors
from bookings.admin.facts import Facts, facts_of
from bookings.admin.guest_data import GuestDataAdmin
from bookings.admin.staff_actions import StaffActionsAdmin
from bookings.models import Booking


class BookingPageAdmin(GuestDataAdmin, StaffActionsAdmin):
    """Header, money and the chosen tab of one booking, with what can be done to it."""

    staff_actions = ACTIONS
    change_form_template = "admin/bookings/booking/change_form.html"

    def facts(self, row: Booking) -> Facts:
        """Return what the checks and dialogs look at."""
        return facts_of(row, timezone.now())

    def for_page(self, row: Booking) -> Booking:
        """Read the money of a booking once for its whole page."""
        prefetch_related_objects([row], "payments__refunds", "payments__disputes")
        return row

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

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Offer one way to save, and none where nothing can be changed."""
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        if not context["adminform"].form.fields:
            context["show_save"] = False
        if context["adminform"].form.errors and "tabs" in context:
            context |= tab_with_errors(context["adminform"].form.errors, context)
        return super().render_change_form(request, context, **kwargs)

    def response_change(self, request: HttpRequest, obj: Booking) -> HttpResponse:
        """Stay on the booking."""
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(f"{request.path}?{urlencode({'tab': tab_of(request)})}")
