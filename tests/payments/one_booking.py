"""What a machine of random steps asks about the one booking that it is at."""

from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from bookings.models import Booking
from payments.models import Payment, Refund
from tests.payments.event_table.stage import Json, Stage


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

    def events(self) -> list[Json]:
        """Return the events at Stripe, the oldest first."""
        return self.stage.events(self.booking)
