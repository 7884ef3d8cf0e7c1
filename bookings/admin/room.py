"""The admin of rooms."""

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from bookings.admin import words
from bookings.admin.scoping import HotelFilter
from bookings.admin.taken_names import TakenNamesAdmin, UniqueInHotelForm
from bookings.models import Booking, Room

SHOWN: Final = 5


class RoomForm(UniqueInHotelForm):
    """A room. Its type is part of what guests were promised."""

    unique_name = "number"

    class Meta:
        model = Room
        fields = ("hotel", "room_type", "number", "is_active")

    def clean_room_type(self) -> Any:
        """Refuse to make another kind of room of one that guests are booked into."""
        chosen = self.cleaned_data["room_type"]
        before = self.initial.get("room_type")
        if before and chosen.pk != before and (stays := to_come(self.instance)):
            raise forms.ValidationError(
                _("Guests are booked into this room: %s. Give them another room first.")
                % ", ".join(f"{each.booking_id}, {words.dates(each)}" for each in stays[:SHOWN])
            )
        return chosen


@admin.register(Room)
class RoomAdmin(TakenNamesAdmin):
    """The rooms that guests are given. One that is out of order is switched off, not deleted."""

    form = RoomForm
    actions = None
    list_display = ("number", "room_type", "hotel", "is_active")
    list_select_related = ("hotel", "room_type")
    list_filter = (HotelFilter, "is_active")
    search_fields = ("number",)
    fields = ("hotel", "room_type", "number", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep a room in its hotel: bookings refer to it."""
        return ("hotel",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Room, form: Any, change: bool) -> None:
        """Save, and name the guests who are booked into a room that goes out of service: a burst pipe cannot wait."""
        super().save_model(request, obj, form, change)
        stays = to_come(obj) if change and not obj.is_active else []
        if stays:
            link = '<a class="desk-link" href="{}">{}</a> ({})'
            rows = ((page(each), each.booking_id, words.dates(each)) for each in stays[:SHOWN])
            more = _(" and %d more") % (len(stays) - SHOWN) if len(stays) > SHOWN else ""
            said = _("Room {} is out of service, and guests are booked into it: {}{}. Assign them another room.")
            messages.warning(request, format_html(said, obj, format_html_join(", ", link, rows), more))


def to_come(room: Room) -> list[Booking]:
    """Return the stays in a room that are not over, the next one first."""
    today = room.hotel.today(timezone.now())
    stays = Booking.objects.blocking().filter(room=room, check_out__gt=today)
    return list(stays.order_by("check_in", "pk"))


def page(booking: Booking) -> str:
    """Return the address of a booking's page."""
    return reverse("admin:bookings_booking_change", args=[booking.pk])
