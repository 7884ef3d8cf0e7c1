"""Cancelling: the quote, and the one service behind the guest's page and the staff's dialog."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import audit, hotel_emails, lifecycle
from bookings.lifecycle import Outcome
from bookings.models import GUEST_CANCELLABLE, Booking, BookingStatus, PaymentMethod
from bookings.refusals import Refused, describe_state, refuse_state
from cancellations import by_hand, calculator
from cancellations.calculator import Calculation
from payments import checkout, four_eyes, ledger, operations, refunds
from payments.four_eyes import BEYOND_POLICY
from payments.ledger import Balance
from payments.models import (
    OperationKind,
    Payment,
    PaymentOperation,
    PaymentStatus,
    RequestKind,
)
from payments.money import fraction_words, smallest_step, spoken
from payments.opening import open_next, why

S, K, P = BookingStatus, OperationKind, PaymentStatus
GUEST_REASON = "Guest cancellation via management link"
QUOTE_SALT = "cancellations.quote"
QUOTE_LASTS = 15 * 60  # seconds


@dataclass(frozen=True)
class Quote:
    """What cancelling now would keep and return, in minor units, as shown to whoever cancels."""

    paid: int
    held: int
    fee: int
    refund: int
    currency: str
    description: str
    applied_rule: str
    next_change_at: datetime | None
    policy_fee: int = 0
    # Within how many days the hotel sends a guest's refund by hand; 0 where it goes out by itself.
    by_hand_days: int = 0

    def signed(self, booking: Booking) -> str:
        """Return the quote for a form field: honoured for 15 minutes, worthless when tampered with."""
        amounts = {"fee": self.fee, "refund": self.refund, "paid": self.paid}
        said = {"booking": booking.booking_id, "stay": nights_of(booking), "by_hand": self.by_hand_days, **amounts}
        return signing.dumps(said, salt=QUOTE_SALT)


def nights_of(booking: Booking) -> str:
    """Return what tells a stay from the one that the booking was moved to: nobody was promised that one's price."""
    return f"{booking.check_in}/{booking.check_out}/{booking.total_amount}"


def quote(booking: Booking, *, at: datetime) -> Quote:
    """Return what cancelling at a moment keeps and returns. Pure but for reading the payments."""
    calculation = calculator.CancellationCalculator(booking, at=at)
    offer = quoted(calculation.calculate(), calculation.balance)
    return replace(offer, by_hand_days=by_hand.days_of(booking.hotel))


def quoted(result: Calculation, balance: Balance) -> Quote:
    """Return what was calculated about a booking's money, for whoever decides."""
    return Quote(
        paid=balance.captured,
        held=balance.authorized,
        fee=result.fee_amount,
        refund=result.refund_amount,
        currency=balance.currency,
        description=result.description,
        applied_rule=result.applied_rule,
        next_change_at=result.next_change_at,
        policy_fee=result.policy_fee,
    )


def recent_quote(booking: Booking, *, at: datetime) -> Quote:
    """Return the best that could have been shown within the 15 minutes before a moment.

    For programs that send no quote along: whoever looked before midnight and cancels after it pays what they saw.
    """
    earlier = at - timedelta(seconds=QUOTE_LASTS)
    return min(quote(booking, at=at), quote(booking, at=earlier), key=lambda offer: offer.fee)


def refuse_guest(booking: Booking, *, at: datetime, has_quote: bool = False) -> None:
    """Refuse what a guest may not cancel by themselves, saying whom to ask. A given quote outlives the deadline."""
    if booking.is_deleted or booking.status not in GUEST_CANCELLABLE:
        raise refuse_state(booking)
    contact = contact_info(booking)
    if not booking.hotel.allow_client_cancellation:
        message = _("This hotel does not take cancellations online. Please contact the hotel.")
        raise Refused(message, extra={"contact_info": contact})
    if booking.status != S.CONFIRMED or not booking.terms or has_quote:
        return
    agreed = ledger.agreed_stay(booking)
    terms = agreed.terms or booking.terms
    if at > calculator.deadline(terms, agreed.check_in):
        raise Refused(
            "Cancellation deadline has passed",
            code="ERR_DEADLINE",
            extra={
                "policy": terms["description"],
                "session_time": booking.hotel.check_in_moment(agreed.check_in).isoformat(),
                "current_time": booking.hotel.local(at).isoformat(timespec="seconds"),
                "contact_info": contact,
            },
        )


def contact_info(booking: Booking) -> dict[str, str]:
    """Return how to reach the hotel."""
    hotel = booking.hotel
    return {"hotel": hotel.name, "email": hotel.contact_email, "phone": hotel.contact_phone}


def cancel_booking(
    booking: Booking,
    *,
    reason: str,
    fee: int | None = None,
    signed_quote: str = "",
    promised: tuple[int, int] | None = None,
) -> Outcome:
    """Cancel for the guest or staff who act now; move the money back first.

    `fee` (minor units) overrides the policy for staff who may; `signed_quote` is what the guest was shown, `promised`
    the fee and refund (minor units) that staff were: with other amounts it is refused.
    Raises Refused, QuoteChanged, or Declined when Stripe says no; after each, nothing has changed.
    """
    shown = read_quote(booking, signed_quote)
    decide = partial(decide_cancel, reason=reason.strip(), override=fee, shown=shown, promised=promised)
    return operations.request(booking, decide, transition="cancel")


class QuoteChanged(Exception):
    """What the guest saw is no longer right: an amount, or how it goes back. `quote` is shown before asking again."""

    def __init__(self, new: Quote) -> None:
        super().__init__("quote changed")
        self.quote = new


def read_quote(booking: Booking, signed: str) -> dict[str, Any] | None:
    """Return a quote that we issued for this booking within the last 15 minutes; None for anything else."""
    try:
        said = signing.loads(signed, salt=QUOTE_SALT, max_age=QUOTE_LASTS)
    except signing.BadSignature:
        return None
    return said if said["booking"] == booking.booking_id else None


def decide_cancel(
    booking: Booking,
    *,
    reason: str,
    override: int | None,
    shown: dict[str, Any] | None,
    promised: tuple[int, int] | None = None,
) -> Outcome | PaymentOperation:
    """Under the lock: the money to move first, or the result."""
    if booking.status == S.CANCELLED and not booking.is_deleted:
        return Outcome(
            booking, Outcome.ALREADY, _("Already done. This booking %(state)s.") % {"state": describe_state(booking)}
        )
    lifecycle.require(booking, booking.cancel)
    if shown and shown.get("stay") != nights_of(booking):
        shown = None
    now = timezone.now()
    by_guest = audit.current_actor().kind == audit.ActorKind.GUEST
    if by_guest:
        # Joined with the lock it may be read as it was before the wait.
        booking.hotel.refresh_from_db()
        refuse_guest(booking, at=now, has_quote=shown is not None)
    elif not reason:
        raise Refused(_("Please give a reason; it is kept in the history."), code="ERR_VALIDATION")
    ledger.read_once(booking)  # payments change under the booking's lock alone, which is ours
    by_policy = quote(booking, at=now)
    current = agreed_quote(booking, by_policy, override=override, shown=shown, asks=by_guest)
    refuse_other_amounts(current, promised)
    details = {"reason": reason or GUEST_REASON, "fee": current.fee, "refund": current.refund}
    if by_guest:
        if by_hand.is_news(shown, refund=by_policy.refund, days=by_policy.by_hand_days):
            raise QuoteChanged(by_policy)
        details |= by_hand.frozen(booking, shown, at=now)
    if override is not None and current.refund > by_policy.refund:
        return cancel_beyond_policy(booking, current, details)
    return move_money(booking, current, details)


def refuse_other_amounts(current: Quote, promised: tuple[int, int] | None) -> None:
    """Refuse to keep or return anything else than staff were shown: fee and refund, in minor units."""
    if promised is None or promised == (current.fee, current.refund):
        return
    words = _(
        "The amounts have changed: %(fee)s kept and %(refund)s returned when it was decided, now it would be "
        "%(new_fee)s kept and %(new_refund)s returned."
    )
    sums = {"fee": promised[0], "refund": promised[1], "new_fee": current.fee, "new_refund": current.refund}
    raise Refused(words % {name: spoken(amount, current.currency) for name, amount in sums.items()})


def cancel_beyond_policy(booking: Booking, current: Quote, details: dict[str, Any]) -> Outcome | PaymentOperation:
    """Return more than the policy names, or ask for a second person's agreement where the hotel wants one."""
    four_eyes.withdraw_outdated(booking)
    four_eyes.refuse_second_wish(booking)
    payment = paid_by(booking)
    if not four_eyes.needs_second_person(payment, current.refund):
        return move_money(booking, current, {**details, BEYOND_POLICY: True})
    refuse_disputed(payment)
    kind, note = RequestKind.CANCEL, details["reason"]
    wish = four_eyes.ask(payment, kind=kind, amount=current.refund, fee=current.fee, note=note)
    hotel_emails.refund_to_approve(wish)
    return Outcome(booking, Outcome.ASKED, four_eyes.next_words(wish))


def decide_as_agreed(
    booking: Booking, *, fee: int, refund: int, details: dict[str, Any]
) -> Outcome | PaymentOperation:
    """Under the lock: cancel with exactly the amounts (minor units) that two people agreed on, or not at all."""
    lifecycle.require(booking, booking.cancel)
    refuse_disputed(paid_by(booking))
    agreed = overridden(quote(booking, at=timezone.now()), fee)
    if agreed.refund != refund:
        raise Refused(_("What is left to refund has changed since this was asked for."))
    return move_money(booking, agreed, {**details, "fee": fee, "refund": refund, BEYOND_POLICY: True})


def paid_by(booking: Booking) -> Payment:
    """Return the captured payment of a booking that has something to return."""
    payment = ledger.paying_payment(booking)
    if payment is None:
        raise Refused(_("No money was taken for this booking, so there is nothing to refund."))
    payment.booking = booking
    return payment


def refuse_disputed(payment: Payment) -> None:
    """Refuse to agree on money that the guest's bank has taken back for now."""
    if any(ledger.is_locked(each) for each in ledger.resting(payment.booking)):
        raise Refused(
            _(
                "The guest's bank disputes this payment, so no other fee can be agreed on while the dispute is open. "
                "Cancelling by policy is possible."
            )
        )


def agreed_quote(
    booking: Booking, current: Quote, *, override: int | None, shown: dict[str, Any] | None, asks: bool
) -> Quote:
    """Return the amounts that count: what staff chose, what the guest was promised, or the policy's."""
    if override is not None:
        return overridden(current, override)
    if not asks or (shown and (shown["fee"], shown["refund"]) == (current.fee, current.refund)):
        return current
    # What was refunded since then is the guest's already: the promise covers the tier, not the same money twice.
    same_money = shown is not None and (shown["paid"], shown["fee"] + shown["refund"]) == (
        current.paid,
        current.fee + current.refund,
    )
    if shown and same_money and shown["refund"] > current.refund:
        balance = ledger.resting_balance(booking)
        return overridden(current, max(0, balance.left - shown["refund"]))
    if shown and shown["refund"] < current.refund and current.fee <= shown["fee"]:
        return current
    raise QuoteChanged(current)


def overridden(current: Quote, fee: int) -> Quote:
    """Return the quote with another fee, in minor units; Refused when it exceeds what is left."""
    available = current.fee + current.refund
    if not 0 <= fee <= available:
        raise Refused(_("The fee cannot be more than what the guest has paid."), code="ERR_VALIDATION")
    if fee % smallest_step(current.currency):
        raise Refused(fraction_words(current.currency), code="ERR_VALIDATION")
    return Quote(**{**current.__dict__, "fee": fee, "refund": available - fee})


def move_money(booking: Booking, current: Quote, details: dict[str, Any]) -> Outcome | PaymentOperation:
    """Open the operation that returns the money, or cancel at once where none has to move at Stripe."""
    asked = ask_or_owe(booking, current, details, transition="cancel")
    if asked is not None:
        return asked
    lifecycle.record_cancelled(
        booking, reason=details["reason"], fee=details["fee"], refund=details["refund"], record=why(details)
    )
    return Outcome(booking)


def ask_or_owe(
    booking: Booking, current: Quote, details: dict[str, Any], *, transition: str
) -> PaymentOperation | None:
    """Return the operation that returns the money at Stripe; None where none has to move there any more.

    What was taken by hand, or is held by the guest's bank until it has decided a dispute, is owed from now on.
    """
    if ledger.resting(booking):
        return refunds.send_back(booking, current.refund, transition=transition, details=details)
    payment = ledger.paying_payment(booking) or ledger.current_payment(booking)
    if payment is None:
        return None
    payment.booking = booking
    kind, amount = needed(payment)
    return open_next(payment, kind, amount=amount, transition=transition, details=details) if kind else None


def needed(payment: Payment) -> tuple[str, int]:
    """Return what Stripe has to do about money that was not taken before the booking may be called cancelled."""
    if checkout.is_open(payment):
        return K.EXPIRE_SESSION, 0
    if payment.status == P.AUTHORIZED:
        return K.VOID, payment.amount_authorized
    return "", 0


def unpaid_arrival_fee(booking: Booking, *, at: datetime) -> int:
    """Return the fee that the policy names for a booking paid on arrival: shown, never collected; minor units."""
    if booking.payment_method != PaymentMethod.ARRIVAL or not booking.terms:
        return 0
    result = calculator.calculate(booking.terms, check_in=booking.check_in, at=at, captured=0, refunded=0)
    return result.policy_fee
