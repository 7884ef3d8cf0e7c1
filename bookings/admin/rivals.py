"""Who else waits for the same kind of room and nights, for whoever approves one of them."""

from collections.abc import Iterator
from typing import Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.admin.words import dates
from bookings.models import Booking, BookingStatus
from bookings.offers import for_nights
from bookings.spoken import lowered

SHOWN: Final = 5


def rival_lines(booking: Booking) -> Iterator[tuple[str, str]]:
    """Yield one line for each other booking that waits for payment or approval, and what becomes of them."""
    waiting = list(rivals_of(booking)[: SHOWN + 1])
    yield from ((_("Also requested"), rival(other)) for other in waiting[:SHOWN])
    if len(waiting) > SHOWN:
        yield _("Also requested"), _("and more")
    if waiting:
        yield _("What happens to them"), consequence(booking)


def rivals_of(booking: Booking) -> QuerySet[Booking]:
    """Return the other bookings of the type that wait on one of the nights, the oldest first."""
    return (
        Booking.objects.active()
        .filter(
            room_type=booking.room_type_id,
            status__in=(BookingStatus.PENDING_APPROVAL, BookingStatus.PENDING_PAYMENT),
            check_in__lt=booking.check_out,
            check_out__gt=booking.check_in,
        )
        .exclude(pk=booking.pk)
        .select_related("room")
        .order_by("id")
    )


def rival(other: Booking) -> SafeString:
    """Return a booking with a link to it: "ABCDEFGHJK, Bea Guest, 3 – 5 Mar 2026 (needs approval, room 102)"."""
    where = _("room %s") % other.room if other.room else _("no room yet")
    return format_html(
        '<a class="desk-link" href="{}">{}</a>, {}, {} ({}, {})',
        reverse("admin:bookings_booking_change", args=[other.pk]),
        other.booking_id,
        other.guest_name,
        dates(other),
        lowered(other.get_status_display()),
        where,
    )


def consequence(booking: Booking) -> str:
    """Return what an approval changes for the others: nothing, since each of them has a room kept."""
    offers = for_nights(booking.hotel, booking.check_in, booking.check_out)
    left = next(each.left for each in offers if each.room_type.pk == booking.room_type_id)
    more = ngettext("%d more room of this type is free.", "%d more rooms of this type are free.", left) % left
    kept = _("Nothing: a room is kept for each of them, and for this booking.")
    return f"{kept} {more if left else _('No more room of this type is free.')}"
