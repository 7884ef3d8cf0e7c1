"""What the command palette finds beside pages: bookings by their reference, or by an id of Stripe's.

What it finds is cached for five minutes, so it says the reference and the hotel, and nothing about a guest.
"""

from typing import Any, Final

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from unfold.dataclasses import SearchResult

from bookings import search
from bookings.admin.booking_search import by_stripe_id
from bookings.models import Booking

# Shorter words are somebody on their way to the name of a page.
SHORTEST: Final = 3
MOST: Final = 8


def find(request: HttpRequest, term: str) -> list[SearchResult]:
    """Return the bookings whose reference begins with a term, or that an id of Stripe's is about; of own hotels."""
    user: Any = request.user
    # Unfold gives the term in small letters; those of Stripe's ids count.
    wanted = request.GET.get("s", term).strip()
    if len(wanted) < SHORTEST or not user.has_perm("bookings.view_booking"):
        return []
    own = Booking.objects.visible_to(user).order_by("booking_id")
    paid = by_stripe_id(own, wanted)
    if paid is None and len(reference := search.reference(wanted)) < SHORTEST:
        return []
    found = own.filter(booking_id__startswith=reference) if paid is None else paid
    return [
        SearchResult(
            title=reference,
            description=_("Booking, %(hotel)s") % {"hotel": hotel},
            link=reverse("admin:bookings_booking_change", args=[pk]),
            icon="luggage",
        )
        for pk, reference, hotel in found.values_list("pk", "booking_id", "hotel__name")[:MOST]
    ]
