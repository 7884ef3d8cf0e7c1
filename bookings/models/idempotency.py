"""Keys by which programs repeat a request without repeating its effect."""

from django.db import models

from bookings.models.booking import Booking
from bookings.models.hotel import User


class NewBookingKey(models.Model):
    """The `Idempotency-Key` of a request that took a booking. It says nothing that the booking does not say."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=255)
    # A hash of what was asked for: the same key with another request is a mistake.
    body = models.CharField(max_length=64)
    booking = models.ForeignKey(Booking, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("user", "key"), name="new_booking_key_once"),)

    def __str__(self) -> str:
        return f"key of {self.booking}"
