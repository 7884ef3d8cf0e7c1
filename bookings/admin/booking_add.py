"""The page on which a receptionist takes a booking: what is free, what it costs, what is agreed, all at one look."""

from copy import copy
from typing import Any, Final

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import lifecycle
from bookings.admin import words
from bookings.admin.booking_form import GUEST
from bookings.admin.booking_offer import offer_of
from bookings.admin.dialogs import next_step
from bookings.admin.scoping import HotelScopedAdmin
from bookings.admin.typed_booking import known_guest, number, read
from bookings.models import Booking, BookingStatus
from bookings.models.booking import new_reference
from bookings.refusals import Refused

SALT: Final = "bookings.add"
NAME: Final = "bookings_booking_offers"
# What another booking of the same guest fills in.
FROM_GUEST: Final = ("guest_name", "guest_email", "guest_phone", "guest_language")


class AddBookingAdmin(HotelScopedAdmin):
    """The pages of a booking that is not there yet."""

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

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Take a booking once, however often the button is pressed; what is refused keeps what was typed."""
        if object_id is not None or request.method != "POST" or not self.has_add_permission(request):
            return super().changeform_view(request, object_id, form_url, extra_context)
        if {"_show", "_use"} & set(request.POST):
            return super().changeform_view(self.shown_again(request), None, form_url, extra_context)
        if (booking := self.taken_before(request)) is not None:
            messages.info(request, _("This booking was taken already, a moment ago."))
            return to_page(booking)
        try:
            return super().changeform_view(request, None, form_url, extra_context)
        except Refused as refused:
            request.META[SALT] = refused.message
        except IntegrityError:
            # The other press was faster: its booking can be seen now.
            if (booking := self.taken_before(request)) is None:
                raise
            return to_page(booking)
        return super().changeform_view(request, None, form_url, extra_context)

    def shown_again(self, request: HttpRequest) -> HttpRequest:
        """Return the request as if somebody had opened the page with all that was typed filled in."""
        again = copy(request)
        again.method = "GET"
        again.GET = request.POST.copy()  # type: ignore[assignment]
        rows: Any = self.get_queryset(request)
        guest = rows.filter(pk=number(request.POST.get("_use"))).first()
        if guest is not None:
            again.GET.update({name: getattr(guest, name) for name in FROM_GUEST})
        return again

    def get_form(self, request: HttpRequest, obj: Booking | None = None, **kwargs: Any) -> Any:
        """Let the form say why the booking could not be submitted."""
        form = super().get_form(request, obj, **kwargs)
        form.why_refused = request.META.get(SALT, "")
        return form

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        """Draw the page with what is free for what is typed so far."""
        if kwargs.get("add"):
            form = context["adminform"].form
            context |= self.around(request, form.data if form.is_bound else form.initial)
        return super().render_change_form(request, context, **kwargs)

    def save_model(self, request: HttpRequest, obj: Booking, form: Any, change: bool) -> None:
        """Save a draft; with the other button, submit it in the same transaction, or save nothing at all."""
        if not change:
            obj.booking_id = reference_of(request) or obj.booking_id
        super().save_model(request, obj, form, change)
        if not change and "_book" in request.POST:
            lifecycle.submit(obj)

    def taken_before(self, request: HttpRequest) -> Booking | None:
        """Return the booking that the same form has made already."""
        reference = reference_of(request)
        rows: Any = self.get_queryset(request)
        return rows.filter(booking_id=reference).first() if reference else None

    def response_add(self, request: HttpRequest, obj: Booking, post_url_continue: Any = None) -> HttpResponse:
        """Show the new booking, and say what happens next."""
        booking = Booking.objects.select_related("hotel").get(pk=obj.pk)
        if booking.status == BookingStatus.DRAFT:
            said = _("Draft %(booking)s is saved. Check it, then submit it to mail the guest.")
            messages.success(request, said % {"booking": obj})
        else:
            said = _("Booking %(booking)s is taken. %(next)s")
            messages.success(request, said % {"booking": obj, "next": next_step(booking)})
        return to_page(booking)


def typed_before(request: HttpRequest, total: str) -> dict[str, str]:
    """Return the guest and the price of a form that is shown again; addresses do not fill them in."""
    if not {"_show", "_use"} & set(request.GET):
        return {}
    return {name: request.GET.get(name, "") for name in GUEST} | {"total": total}


def to_page(booking: Booking) -> HttpResponse:
    """Lead to a booking's page."""
    return HttpResponseRedirect(reverse("admin:bookings_booking_change", args=[booking.pk]))


def new_key(user: Any) -> str:
    """Return the reference that the booking will have, in a form that nobody can choose. It can be used once."""
    return signing.dumps([user.pk, new_reference()], salt=SALT)


def reference_of(request: HttpRequest) -> str:
    """Return the reference in the posted key; nothing for no key, or for somebody else's."""
    try:
        person, reference = signing.loads(request.POST.get("key", ""), salt=SALT)
    except signing.BadSignature:
        return ""
    return str(reference) if person == request.user.pk else ""
