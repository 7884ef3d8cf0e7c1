"""The bookings app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy


class BookingsConfig(AppConfig):
    """Nothing runs at start; all flow is explicit."""

    name = "bookings"
    verbose_name = gettext_lazy("Bookings")
