"""How long a program may repeat a request without repeating its effect."""

from datetime import datetime, timedelta
from typing import Final

from bookings.models import NewBookingKey

# Longer than any program tries again.
KEPT: Final = timedelta(days=30)


def prune(now: datetime) -> int:
    """Forget the keys of older requests; return how many. `now` is UTC."""
    return NewBookingKey.objects.filter(created_at__lt=now - KEPT).delete()[0]
