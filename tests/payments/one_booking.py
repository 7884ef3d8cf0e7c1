"""What a machine of random steps asks about the one booking that it is at."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.db.models import Sum
from hypothesis.stateful import RuleBasedStateMachine

from bookings.models import Booking
from payments.models import Payment, Refund
from tests.faults.invariants import held_of, is_its_own, kept_of
from tests.faults.state import Truth
from tests.payments.event_table.stage import Json, Stage
from tests.stays import fresh


class OneBooking(RuleBasedStateMachine):
    """A booking and its money, ours and Stripe's, as they are now."""

    stage: ClassVar[Stage]
    booking: Booking

    def payments(self) -> list[Payment]:
        """Return the attempts to pay."""
        return list(self.booking.payments.order_by("attempt_number"))

    def refunds(self) -> Any:
        """Return the refund rows."""
        return Refund.objects.filter(payment__booking=self.booking).order_by("pk")

    def owed(self) -> list[Refund]:
        """Return what the hotel owes by hand."""
        return [refund for refund in self.refunds() if refund.is_owed]

    def has_page(self) -> bool:
        """Whether the newest attempt has a page at Stripe."""
        return bool(self.payments()) and bool(self.payments()[-1].stripe_checkout_session_id)

    def at_stripe(self, name: str) -> list[Json]:
        """Return the refunds, or the disputes, of the booking at Stripe."""
        return [each for row in self.stage.rows_of(self.booking) for each in row[name]]

    def too_much(self, truth: Truth) -> Iterator[str]:
        """Say what the hotel holds or keeps although the booking's status doesn't say so."""
        booking = fresh(self.booking)
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

    def events(self) -> list[Json]:
        """Return the events at Stripe, the oldest first."""
        return self.stage.events(self.booking)
