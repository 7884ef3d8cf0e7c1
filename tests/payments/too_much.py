"""What a hotel holds or keeps of a booking although its status doesn't say so."""

from collections.abc import Iterator

from django.db.models import Sum

from bookings.models import Booking
from payments.models import Payment
from tests.faults.invariants import held_of, is_its_own, kept_of
from tests.faults.state import Truth
from tests.stays import fresh


def too_much(booking: Booking, truth: Truth) -> Iterator[str]:
    """Say what is held or kept of each payment beyond what was agreed."""
    booking = fresh(booking)
    fee = booking.cancellation_fee or 0  # one for all payments
    for row in truth.rows:
        payment = Payment.objects.get(stripe_payment_intent_id=row["payment_intent"])
        rests = is_its_own(booking, row, payment)
        held = 0 if rests and booking.status == "PENDING_APPROVAL" else held_of(row)
        agreed = {"CONFIRMED": row["captured"], "NO_SHOW": row["captured"], "CANCELLED": fee}
        written_off = payment.refunds.filter(provider="manual", status="canceled").aggregate(sum=Sum("amount"))
        kept = kept_of(row, payment) - (written_off["sum"] or 0)
        if held or kept > (agreed.get(booking.status, 0) if rests else 0):
            yield f"{booking.status}: {held} held and {kept} kept of {payment}"
        fee -= kept if rests else 0
