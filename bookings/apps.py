"""The bookings app."""

from django.apps import AppConfig


class BookingsConfig(AppConfig):
    """Nothing runs at start; all flow is explicit."""

    name = "bookings"
