"""What has just changed, for pages that are open: told to browsers and front ends, forgotten within days."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy

from bookings.actor import ActorKind
from bookings.models.hotel import Hotel


class BookingEvent(models.Model):
    """One change of a booking, written in the transaction of the change. Moments are UTC.

    The booking is named by its reference only: the row outlives nothing and holds nothing about the guest. Losing one
    is harmless, since every page reads the booking itself.
    """

    hotel = models.ForeignKey(Hotel, on_delete=models.CASCADE, related_name="+")
    booking_id = models.CharField(gettext_lazy("reference"), max_length=16)
    status = models.CharField(max_length=20)
    updated_at = models.DateTimeField()
    # Who did it, for the words beside "This booking changed".
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("id",)
        # Nobody is given a right to these rows: who may read the booking may learn that it has changed.
        default_permissions = ()
        indexes = (
            models.Index(fields=("hotel", "updated_at"), name="event_news"),
            models.Index(fields=("next_at",), condition=Q(published_at=None), name="event_due"),
            models.Index(fields=("updated_at",), name="event_age"),
        )

    def __str__(self) -> str:
        return f"{self.booking_id} {self.status}"
