"""Every night: erase the guests whose hotel keeps their data no longer."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, datetime
from typing import Final

import structlog
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet

from bookings.lifecycle import Outcome
from bookings.models import Booking, Hotel
from bookings.refusals import Refused
from cancellations import erasure

logger = structlog.get_logger(__name__)

MONTHS: Final = 12
# A request for a link says who asked; after a day it has done its work, and after a month nobody asks about it.


def erase_expired(now: datetime) -> int:
    """Erase every guest whose time is over, each in a transaction of its own; return how many.

    What is not at rest stays for another night, and one that breaks stops no other.
    """
    return sum(erased(booking) for booking in expired(now))


def expired(now: datetime) -> Iterator[Booking]:
    """Yield the bookings whose hotel keeps their guests' data no longer, whether they can be erased yet or not."""
    for hotel in Hotel.objects.exclude(retention_months=None).order_by("pk"):
        yield from of_hotel(hotel, now).iterator(chunk_size=100)


def of_hotel(hotel: Hotel, now: datetime) -> "QuerySet[Booking]":
    """Return the bookings of one hotel whose check-out lies longer ago than it keeps their guests' data."""
    limit = months_before(hotel.today(now), hotel.retention_months or 0)
    rows = Booking.objects.filter(hotel=hotel, guest_erased_at=None, check_out__lt=limit)
    return rows.select_related("hotel", "deleted_by", "cancelled_by", "decision_made_by").order_by("pk")


def months_before(day: date, months: int) -> date:
    """Return the same day so many months earlier, or that month's last day."""
    year, month = divmod(day.year * MONTHS + day.month - 1 - months, MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def erased(booking: Booking) -> bool:
    """Erase one guest; whether it could be done."""
    try:
        return erasure.erase(booking, reason=reason(booking.hotel)).state == Outcome.DONE
    except Refused:
        return False
    except (OperationalError, InterfaceError):
        raise  # the database is gone for everybody
    except Exception:  # it stays as it was, and is tried again in the next night
        logger.exception("erasure.failed", booking=booking.booking_id)
        return False


def reason(hotel: Hotel) -> str:
    """Return why, as the history keeps it."""
    return f"{hotel} keeps guests' data for {hotel.retention_months} months after check-out."
