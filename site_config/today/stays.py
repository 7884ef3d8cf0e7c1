"""Who comes and who goes today, and which requests wait for an answer."""

from datetime import datetime
from typing import Any, Final

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings.admin import booking_filters as stay
from bookings.admin import words
from bookings.models import Booking, PaymentMethod
from bookings.spoken import formatted
from payments import ledger
from payments.ending_authorizations import NOTICE, soonest_end
from site_config.today.numbers import APPROVALS, bookings
from site_config.today.scope import Scope

SHOWN: Final = 8
STAYS_SHOWN: Final = 12


def approvals(scope: Scope) -> list[dict[str, Any]]:
    """Return the requests that wait, those whose held money is lost first on top."""
    now = timezone.now()
    waiting = APPROVALS.rows(scope).annotate(ends=soonest_end())
    # The keys first: what a row shows would otherwise be carried along for each that is sorted.
    keys = waiting.order_by(F("ends").asc(nulls_last=True), "id").values("pk")[:SHOWN]
    rows = Booking.objects.filter(pk__in=keys).select_related("hotel", "room", "room_type")
    return [
        {
            "booking": booking,
            "link": page_of(booking),
            "stay": f"{words.dates(booking)}, {words.nights(booking)} · {words.place(booking)}",
            "total": words.money(booking.total_amount, booking.currency),
            "left": left(booking, now),
            "is_urgent": is_urgent(booking, now),
        }
        for booking in rows.annotate(ends=soonest_end()).order_by(F("ends").asc(nulls_last=True), "id")
    ]


def left(booking: Any, now: datetime) -> str:
    """Return how long the guest's money is still held, or why none is."""
    if booking.ends is None:
        on_arrival = booking.payment_method == PaymentMethod.ARRIVAL
        return _("no hold, pays on arrival") if on_arrival else _("Hold gone at Stripe")
    until = words.until(booking.ends, now)
    return _("Ends %(until)s") % {"until": until} if booking.ends > now and is_urgent(booking, now) else until


def is_urgent(booking: Any, now: datetime) -> bool:
    """Whether a request's held money is lost within a day, or is gone."""
    if booking.ends is None:
        return bool(booking.payment_method == PaymentMethod.ONLINE)
    return bool(booking.ends <= now + NOTICE)


def arrivals(scope: Scope) -> list[dict[str, Any]]:
    """Return the stays that begin today, by each hotel's own date."""
    return [row(booking) for booking in stays_at(scope, stay.ARRIVING_TODAY)]


def departures(scope: Scope) -> list[dict[str, Any]]:
    """Return the stays that end today."""
    return [row(booking) for booking in stays_at(scope, stay.LEAVING_TODAY)]


def stays_at(scope: Scope, moment: str) -> QuerySet[Booking]:
    """Return the first stays at a moment, by room; those without a room need one and stand on top."""
    found = stay.stays(bookings(scope), moment, scope.todays())
    ordered = found.order_by("hotel__name", F("room__number").asc(nulls_first=True), "guest_name", "id")
    return ordered.select_related("hotel", "room", "room_type").prefetch_related("payments")[:STAYS_SHOWN]


def row(booking: Booking) -> dict[str, Any]:
    """Return what the desk needs of one guest who comes or goes."""
    due = ledger.still_to_pay(booking)
    return {
        "booking": booking,
        "link": page_of(booking),
        "room": str(booking.room or ""),
        "kind": str(booking.room_type),
        "nights": words.nights(booking),
        "until": formatted(booking.check_out, "EEE d MMM", "MMMEd"),
        "due": words.money(due, booking.currency) if due else "",
    }


def page_of(booking: Booking) -> str:
    """Return the address of a booking's page."""
    return reverse("admin:bookings_booking_change", args=[booking.pk])
