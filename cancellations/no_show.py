"""A guest who never came: what the terms keep after arrival, and what goes back before the stay is closed."""

from functools import partial

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings import lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking, BookingStatus, PaymentMethod
from bookings.refusals import Refused, describe_state, when
from cancellations import calculator, cancel
from cancellations.cancel import Quote
from payments import ledger, operations, rates
from payments.models import PaymentOperation
from payments.opening import why

S = BookingStatus
REASON = gettext_noop("The guest did not arrive.")


def quote(booking: Booking) -> Quote:
    """Return what is kept and returned when nobody comes. Pure but for reading the payments."""
    balance = ledger.resting_balance(booking)
    if not booking.terms:
        return cancel.quoted(calculator.nothing_kept(balance.left), balance)
    agreed = ledger.agreed_stay(booking)
    result = calculator.calculate_no_show(
        agreed.terms or booking.terms,
        check_in=agreed.check_in,
        captured=balance.captured,
        refunded=balance.committed,
        rate=rates.rate_of(ledger.paying_payment(booking)),
    )
    return cancel.quoted(result, balance)


def uncollected_fee(booking: Booking) -> int:
    """Return the fee that the terms name for a guest who would have paid on arrival: shown, never collected."""
    if booking.payment_method != PaymentMethod.ARRIVAL or not booking.terms:
        return 0
    terms, check_in = booking.terms, booking.check_in
    return calculator.calculate_no_show(terms, check_in=check_in, captured=0, refunded=0).policy_fee


def mark_no_show(booking: Booking, *, reason: str = "") -> Outcome:
    """Note that nobody came; the terms' fee is kept and the rest goes back first.

    Raises Refused before check-in begins, or Declined when Stripe says no; after both, nothing has changed.
    """
    decide = partial(decide_no_show, reason=reason.strip())
    return operations.request(booking, decide, transition="mark_no_show")


def decide_no_show(booking: Booking, *, reason: str) -> Outcome | PaymentOperation:
    """Under the lock: the money to return first, or the result."""
    if booking.status == S.NO_SHOW and not booking.is_deleted:
        return Outcome(
            booking, Outcome.ALREADY, _("Already done. This booking %(state)s.") % {"state": describe_state(booking)}
        )
    lifecycle.require(booking, booking.mark_no_show)
    refuse_early(booking)
    current = quote(booking)
    details = {"reason": reason or REASON, "fee": current.fee, "refund": current.refund}
    asked = cancel.ask_or_owe(booking, current, details, transition="mark_no_show")
    if asked is not None:
        return asked
    lifecycle.record_no_show(booking, fee=current.fee, refund=current.refund, record=why(details))
    return Outcome(booking)


def refuse_early(booking: Booking) -> None:
    """Refuse while the guest could not even have come."""
    begins = booking.check_in_moment
    if timezone.now() < begins:
        words = _("Check-in begins on %(when)s. A guest can be a no-show only after that.")
        raise Refused(words % {"when": when(booking.hotel, begins)})
