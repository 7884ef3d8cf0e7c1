"""Refunds of guests' own cancellations where a hotel sends them by hand: in how many days, as promised to whom."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bookings.models import Booking, Hotel
from payments.owed import PROMISED_BY


def days_of(hotel: Hotel) -> int:
    """Return within how many days a hotel sends its guests' refunds itself; 0 where they go out by themselves."""
    return 0 if hotel.automatic_guest_refunds else hotel.guest_refund_days


def is_news(shown: Mapping[str, Any] | None, *, refund: int, days: int) -> bool:
    """Whether a guest was shown that a refund (minor units) goes out by itself, and now it would not."""
    if not shown or shown.get("by_hand"):
        return False
    return bool(days and max(refund, shown["refund"]))


def frozen(booking: Booking, shown: Mapping[str, Any] | None, *, at: datetime) -> dict[str, str]:
    """Return what a decision keeps of how its refund goes back: nothing where it goes out by itself.

    The shorter time counts, should the hotel have changed it since the guest was shown one.
    """
    now = days_of(booking.hotel)
    if not now:
        return {}
    days = min(now, (shown or {}).get("by_hand") or now)
    return {PROMISED_BY: (booking.hotel.today(at) + timedelta(days=days)).isoformat()}
