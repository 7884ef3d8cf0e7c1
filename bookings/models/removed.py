"""What is left of bookings that were deleted for good."""

from django.utils.translation import gettext_lazy as _

from bookings.models.booking import Booking


class RemovedBooking(Booking.history.model):  # type: ignore[name-defined]
    """The last row of a booking's history, where nothing but its history is left."""

    class Meta:
        proxy = True
        verbose_name = _("booking deleted for good")
        verbose_name_plural = _("deleted for good")

    def __str__(self) -> str:
        return str(self.booking_id)
