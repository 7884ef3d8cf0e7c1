"""The terms of cancelling, frozen onto a booking when it is submitted. Versioned JSON; never edited later."""

from collections.abc import Iterable
from typing import Any, Final

from bookings import audit
from bookings.models import Booking, Hotel
from cancellations.models import CancellationPolicy, CancellationTier

VERSION: Final = 1


def freeze(booking: Booking, policy: CancellationPolicy) -> dict[str, Any]:
    """Return the terms as agreed now: tiers, price in minor units, zone, check-in time and deadline."""
    return with_tiers(booking, policy, policy.tiers.all())


def with_tiers(booking: Booking, policy: CancellationPolicy, tiers: Iterable[CancellationTier]) -> dict[str, Any]:
    """Return the terms that a booking would be made on, were these the policy's tiers."""
    hotel = booking.hotel
    return {
        "version": VERSION,
        "policy": policy.name,
        "description": policy.description,
        "tiers": [
            {"at_least": tier.at_least, "unit": tier.unit, "fee": tier.fee_kind, "value": tier.fee_value}
            for tier in tiers
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


def take_over(policy: CancellationPolicy) -> None:
    """Take the hotel's default from any other policy, inside the caller's transaction: this one is about to be it."""
    # Two managers who choose at once do so one after the other; the last one's choice stays.
    Hotel.objects.select_for_update(of=("self",)).get(pk=policy.hotel_id)
    for other in CancellationPolicy.objects.filter(hotel=policy.hotel_id, is_default=True).exclude(pk=policy.pk):
        other.is_default = False
        with audit.change("hand_over", f"New bookings are made with {policy} from now on."):
            other.save()
