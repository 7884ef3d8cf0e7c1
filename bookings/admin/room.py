"""The admin of rooms."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.scoping import HotelFilter
from bookings.models import Room


@admin.register(Room)
class RoomAdmin(ReadableHistoryAdmin):
    """The rooms that guests are given. One that is out of order is switched off, not deleted."""

    actions = None
    list_display = ("number", "room_type", "hotel", "is_active")
    list_select_related = ("hotel", "room_type")
    list_filter = (HotelFilter, "is_active")
    search_fields = ("number",)
    fields = ("hotel", "room_type", "number", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Keep a room in its hotel: bookings refer to it."""
        return ("hotel",) if obj else ()
