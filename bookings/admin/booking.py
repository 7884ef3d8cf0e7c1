"""The admin of bookings, put together: a page, its form, the list, and what can be done on either."""

from django.contrib import admin
from unfold.contrib.filters.admin import RangeDateFilter

from bookings.admin.booking_add import AddBookingAdmin
from bookings.admin.booking_change import BookingPageAdmin
from bookings.admin.booking_fields import BookingFieldsAdmin
from bookings.admin.booking_filters import DeletedFilter, MoneyFilter, StayFilter
from bookings.admin.booking_list import BookingListAdmin
from bookings.admin.bulk_actions import BulkActionsAdmin
from bookings.admin.calendar import CalendarAdmin
from bookings.admin.exportable import ExportableAdmin
from bookings.admin.filters import ChoicesDropdownFilter
from bookings.admin.guest_view import GuestViewAdmin
from bookings.admin.history import ReadableHistoryAdmin
from bookings.admin.import_pages import ImportAdmin
from bookings.admin.report_pages import ReportsAdmin
from bookings.admin.resources import BookingResource
from bookings.admin.scoping import HotelFilter
from bookings.models import Booking


@admin.register(Booking)
class BookingAdmin(
    BookingFieldsAdmin,
    AddBookingAdmin,
    ReportsAdmin,
    ImportAdmin,
    ExportableAdmin,
    CalendarAdmin,
    GuestViewAdmin,
    BulkActionsAdmin,
    BookingListAdmin,
    BookingPageAdmin,
    ReadableHistoryAdmin,
):
    """Read-mostly: what a booking is goes by its actions, and only its form's few fields are edited."""

    resource = BookingResource
    list_filter = (
        ("status", ChoicesDropdownFilter),
        StayFilter,
        MoneyFilter,
        ("check_in", RangeDateFilter),
        HotelFilter,
        ("payment_method", ChoicesDropdownFilter),
        DeletedFilter,
    )
