"""Nights that a booking keeps beside its own while it is moved from one stay to another."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy

from bookings.models.booking import Booking
from bookings.models.hotel import Room, RoomType


class KeptStay(models.Model):
    """A booking's other stay, which nobody else can be sold; gone as soon as it is clear which of the two it is.

    Without `due_at` it is the stay that the booking moves to once Stripe has said yes. With it, the booking has
    moved, and this is the stay that it goes back to unless the guest pays the difference by then (UTC).
    """

    booking = models.OneToOneField(Booking, on_delete=models.CASCADE, related_name="kept_stay")
    room_type = models.ForeignKey(RoomType, on_delete=models.PROTECT, related_name="+")
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="+", null=True)
    check_in = models.DateField()
    check_out = models.DateField()
    total_amount = models.PositiveBigIntegerField(help_text=gettext_lazy("In the currency's minor units."))
    terms = models.JSONField(null=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.CheckConstraint(condition=Q(check_out__gt=F("check_in")), name="kept_stay_has_a_night"),
        )
        indexes = (
            models.Index(fields=("room_type", "check_in", "check_out"), name="kept_stay_availability"),
            models.Index(fields=("due_at",), condition=Q(due_at__isnull=False), name="kept_stay_due"),
        )

    def __str__(self) -> str:
        return f"other stay of {self.booking}"
