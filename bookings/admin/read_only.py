"""Records that nobody edits by hand: they are written by the services and read here."""

from typing import Any

from django.http import HttpRequest

from bookings.admin.scoping import HotelScopedAdmin


class ReadOnlyAdmin(HotelScopedAdmin):
    """An admin for looking: no adding, no changing, no deleting, whatever rights a person has."""

    actions = None
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Nothing is added by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nothing is changed by hand."""
        return False
