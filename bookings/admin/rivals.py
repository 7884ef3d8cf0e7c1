"""Other requests for the same kind of room and nights, for whoever approves one of them."""

from django.utils.translation import gettext as _

from bookings.admin.words import dates
from bookings.models import Booking, BookingStatus

SHOWN = 5


def rivals_of(booking: Booking) -> list[str]:
    """Return one line per other booking that waits for payment or approval on one of the nights."""
    waiting = (
        Booking.objects.active()
        .filter(
            room_type=booking.room_type_id,
            status__in=(BookingStatus.PENDING_APPROVAL, BookingStatus.PENDING_PAYMENT),
            check_in__lt=booking.check_out,
            check_out__gt=booking.check_in,
        )
        .exclude(pk=booking.pk)
        .order_by("id")
    )
    lines = [
        f"{other.booking_id}, {other.guest_name}, {dates(other)} ({str(other.get_status_display()).lower()})"
        for other in waiting[: SHOWN + 1]
    ]
    return lines if len(lines) <= SHOWN else [*lines[:SHOWN], _("and more")]
