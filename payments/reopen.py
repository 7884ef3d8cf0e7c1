"""Ask a guest for the money once more: a new hold, a new round of attempts, a fresh pay link."""

from functools import partial

from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import lifecycle
from bookings.lifecycle import Outcome
from bookings.models import REOPENABLE, Booking, BookingStatus, PaymentMethod
from bookings.refusals import Refused, refuse_state
from payments import checkout, ledger, operations
from payments.models import OperationKind, Payment, PaymentOperation, PaymentStatus
from payments.opening import open_next
from payments.settle import is_on_its_way

S, P = BookingStatus, PaymentStatus


def reopen(booking: Booking, *, reason: str = "") -> Outcome:
    """Offer the room to the guest again; Refused while they can still pay, or when the room is gone."""
    return operations.request(booking, partial(decide_reopen, reason=reason.strip()), transition="reopen")


def decide_reopen(booking: Booking, *, reason: str) -> Outcome | PaymentOperation:
    """Under the lock: the old payment page to close first, or the result."""
    refuse_reopen(booking)
    payment = ledger.current_payment(booking)
    if payment is not None and checkout.is_open(payment):
        payment.booking = booking
        return open_next(payment, OperationKind.EXPIRE_SESSION, transition="reopen", details={"reason": reason})
    lifecycle.record_reopened(booking, reason=reason)
    return Outcome(booking)


def refuse_reopen(booking: Booking) -> None:
    """Refuse, in a receptionist's words, what cannot or need not be reopened."""
    if booking.is_deleted or booking.status not in REOPENABLE:
        raise refuse_state(booking)
    if booking.payment_method != PaymentMethod.ONLINE:
        raise Refused(_("This booking is paid on arrival, so the guest is not asked for money again."))
    payment = ledger.current_payment(booking)
    if payment is not None and is_on_its_way(payment):
        raise Refused(_("The guest's payment is on its way. Some ways of paying take a few days."))
    refuse_unneeded(booking, payment)
    if why := lifecycle.why_unfit(booking):
        raise Refused(why)


def refuse_unneeded(booking: Booking, payment: Payment | None) -> None:
    """Refuse where the guest can pay anyway, or the money is here."""
    resting = ledger.paying_payment(booking)
    if booking.status == S.PENDING_PAYMENT and can_still_pay(booking, payment):
        raise Refused(_("The guest can still pay. Send the pay link again instead."))
    if booking.status == S.PENDING_APPROVAL and resting is not None and resting.status == P.AUTHORIZED:
        raise Refused(_("The guest's money is held. Approve or decline the booking."))
    if booking.status == S.CONFIRMED and not is_fully_refunded(booking):
        raise Refused(_("This booking is paid. It can be asked for again only after everything was refunded."))


def can_still_pay(booking: Booking, payment: Payment | None) -> bool:
    """Whether the open page, or another one, can still bring the money in time."""
    if payment is not None and checkout.is_live(payment):
        return True
    hold = booking.hold_expires_at
    has_time = hold is not None and hold >= timezone.now() + checkout.SHORTEST_PAGE
    return has_time and checkout.attempts_left(booking, payment) > 0


def is_fully_refunded(booking: Booking) -> bool:
    """Whether everything that was taken has gone back, or is on its way, without anything owed by hand."""
    is_back = bool(ledger.resting(booking)) and ledger.left(booking) == 0
    return is_back and not any(sums.owed for sums in ledger.balances(booking))
