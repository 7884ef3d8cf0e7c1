"""By which rule a booking was cancelled: worked out again from what was frozen and recorded."""

from datetime import datetime, timedelta
from typing import Final

from django.utils.translation import gettext as _

from bookings.models import Booking, BookingStatus
from cancellations import calculator
from cancellations.cancel import QUOTE_LASTS
from payments import ledger, rates

NOT_CONFIRMED: Final = "not confirmed"
BY_AGREEMENT: Final = "by agreement"


def rule_of(booking: Booking) -> tuple[str, str]:
    """Return the rule for records and a sentence for the guest, in the active language."""
    if not booking.terms or not was_confirmed(booking):
        return NOT_CONFIRMED, _("Not confirmed yet: cancelling is free.")
    decided = decided_at(booking)
    # A promise of the last 15 minutes outlives its tier.
    for moment in (decided, decided - timedelta(seconds=QUOTE_LASTS)):
        result = as_calculated(booking, moment)
        if result.fee_amount == booking.cancellation_fee:
            return result.applied_rule, result.description
    return BY_AGREEMENT, _("The hotel decided on the fee.")


def was_confirmed(booking: Booking) -> bool:
    """Whether the stay was agreed when it was cancelled."""
    before = booking.history.exclude(status=BookingStatus.CANCELLED).order_by("-history_id")
    return bool(before.values_list("status", flat=True).first() == BookingStatus.CONFIRMED)


def decided_at(booking: Booking) -> datetime:
    """Return when the amounts were frozen; Stripe may have answered much later."""
    asked = booking.operations.filter(transition="cancel").order_by("-id").values_list("created_at", flat=True)
    return asked.first() or booking.cancelled_at or booking.updated_at


def as_calculated(booking: Booking, at: datetime) -> calculator.Calculation:
    """Return what the terms say for a moment, on the money that was left: all of it was kept or returned."""
    return calculator.calculate(
        booking.terms or {},
        check_in=booking.check_in,
        at=at,
        captured=(booking.cancellation_fee or 0) + (booking.refund_amount or 0),
        refunded=0,
        rate=rates.rate_of(ledger.payment_behind(booking)),
    )
