"""The addresses of the reference: Django's own admin with one model."""

from django.contrib import admin
from django.urls import path

from bookings.models import Booking


class StockAdmin(admin.ModelAdmin):
    """The list that somebody writes in a minute."""

    list_display = ("booking_id", "guest_name", "check_in", "check_out", "status", "total_amount")
    list_filter = ("status", "check_in", "hotel", "payment_method", "record_state")
    search_fields = ("booking_id", "guest_name", "guest_email", "guest_phone")
    list_per_page = 50


site = admin.AdminSite()
site.register(Booking, StockAdmin)
urlpatterns = [path("admin/", site.urls)]
