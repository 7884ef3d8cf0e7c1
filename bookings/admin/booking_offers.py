"""The page on which a receptionist takes a booking: what is free, what it costs, what is agreed, all at one look."""

from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from bookings.admin import words
from bookings.admin.booking_form import GUEST
from bookings.admin.booking_key import new_key
from bookings.admin.booking_offer import offer_of
from bookings.admin.scoping import HotelScopedAdmin
from bookings.admin.typed_booking import known_guest, read

NAME: Final = "bookings_booking_offers"
# What another booking of the same guest fills in.
FROM_GUEST: Final = ("guest_name", "guest_email", "guest_phone", "guest_language")


class BookingOfferAdmin(HotelScopedAdmin):
    """The page of a booking that is not there yet, and what it shows beside its fields."""

    add_form_template = "admin/bookings/booking/add_form.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the address that answers what is free for what is being typed."""
        return [path("offers/", self.admin_site.admin_view(self.offers_view), name=NAME), *super().get_urls()]

    def offers_view(self, request: HttpRequest) -> HttpResponse:
        """Answer with what is free for a posted form; nothing is stored. Posted, since addresses are logged."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_add_permission(request):
            raise PermissionDenied
        typed = read(request.POST, request.user)
        if request.POST.get("hotel") and typed.hotel is None:
            raise Http404
        return TemplateResponse(request, "admin/bookings/booking/offer.html", self.around(request, request.POST))

    def around(self, request: HttpRequest, data: Any) -> dict[str, Any]:
        """Return what the page draws beside its fields."""
        user: Any = request.user
        sets_prices = user.has_perm("cancellations.override_fee")
        known = known_guest(str(data.get("guest_email") or ""), str(data.get("guest_phone") or ""), user)
        is_news = known and any(str(data.get(name) or "") != getattr(known, name) for name in FROM_GUEST)
        return {
            "offer": offer_of(read(data, user), now=timezone.now(), sets_prices=sets_prices),
            "offers_url": reverse(f"admin:{NAME}"),
            "known": known if is_news else None,
            "known_dates": words.dates(known) if known else "",
            "key": data.get("key") or new_key(user),
        }

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Fill in what the address proposes, as far as it is the person's; and the hotel where there is but one."""
        user: Any = request.user
        own = list(user.visible_hotels().values_list("pk", flat=True)[:2])
        typed = read(request.GET.dict(), user)
        found = {name: getattr(typed, name) for name in ("check_in", "check_out", "payment_method")}
        rows = {name: getattr(typed, name) for name in ("hotel", "room_type", "room")}
        only = {"hotel": own[0]} if len(own) == 1 else {}
        known = {name: row.pk for name, row in rows.items() if row}
        return {**only, **found, **known, **typed_before(request, typed.total)}

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Draw the page with what is free for what is typed so far."""
        if kwargs.get("add"):
            form = context["adminform"].form
            data = form.data if form.is_bound else form.initial
            context |= self.around(request, data)
            context["no_hotel"] = not data.get("hotel") and not form.fields["hotel"].queryset.exists()
        return super().render_change_form(request, context, **kwargs)


def typed_before(request: HttpRequest, total: str) -> dict[str, str]:
    """Return the guest and the price of a form that is shown again; addresses do not fill them in."""
    if not {"_show", "_use"} & set(request.GET):
        return {}
    return {name: request.GET.get(name, "") for name in GUEST} | {"total": total}
