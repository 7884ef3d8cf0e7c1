"""The terms of cancelling, frozen onto a booking when it is submitted. Versioned JSON; never edited later."""

from typing import Any, Final

from bookings.models import Booking
from cancellations.models import CancellationPolicy

VERSION: Final = 1


def freeze(booking: Booking, policy: CancellationPolicy) -> dict[str, Any]:
    """Return the terms as agreed now: tiers, price in minor units, zone, check-in time and deadline."""
    hotel = booking.hotel
    return {
        "version": VERSION,
        "policy": policy.name,
        "description": policy.description,
        "tiers": [
            {"at_least": tier.at_least, "unit": tier.unit, "fee": tier.fee_kind, "value": tier.fee_value}
            for tier in policy.tiers.all()
        ],
        "price": booking.total_amount,
        "nights": booking.nights,
        "currency": booking.currency,
        "zone": hotel.time_zone,
        "check_in_time": f"{hotel.check_in_time:%H:%M}",
        "deadline_hours": hotel.cancellation_deadline_hours,
        "fee_text": hotel.cancellation_fee_policy,
    }


def default_policy(booking: Booking) -> CancellationPolicy | None:
    """Return the policy that new bookings of the hotel are made with."""
    return CancellationPolicy.objects.filter(hotel=booking.hotel, is_default=True).first()
