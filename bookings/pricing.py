"""What a stay costs. Pure."""

from datetime import date


def stay_price(*, nightly_rate: int, check_in: date, check_out: date) -> int:
    """Return nights × rate, in minor units."""
    return nightly_rate * (check_out - check_in).days
