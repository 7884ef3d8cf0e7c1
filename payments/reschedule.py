"""Move a booking to other nights or another room, and its money with it.

Nothing is moved before Stripe's yes. Until then the booking keeps both stays, so that neither can be sold.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings import availability, lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking, BookingStatus, PaymentMethod
from bookings.refusals import Refused
from bookings.stay import Move, Stay
from payments import checkout, ledger, operations, rates, refunds
from payments.favours import beyond, refuse_alone, refuse_without_right
from payments.four_eyes import BEYOND_POLICY
from payments.models import OperationKind, Payment, PaymentOperation, PaymentStatus
from payments.money import spoken
from payments.opening import open_next
from payments.plans import Plan, Wish, stay_of
from payments.settle import is_on_its_way

S, K, P = BookingStatus, OperationKind, PaymentStatus
UNPAID = gettext_noop(
    "The guest has not paid the difference of the last change yet. Once that is paid or undone, move it again."
)
NO_TIME = gettext_noop("There is too little time left for the guest to pay the difference online.")
CHANGED = gettext_noop(
    "The booking or its price has changed since you checked this. Nothing was moved; please check again."
)
DEARER = gettext_noop("The new stay costs %(more)s more than what was paid.")
BY_HAND = gettext_noop("It is not paid online, so the guest cannot be asked for the difference by a link.")
IN_ANOTHER = gettext_noop("The guest pays in %(currency)s, in which the difference cannot be asked for by a link.")
INSTEAD = gettext_noop(
    "A manager can keep the price (own price) while the desk takes the difference; or cancel and book again."
)


def reschedule(booking: Booking, *, wish: Wish, seen: str, reason: str) -> Outcome:
    """Move a booking as a person has seen it planned; another plan by now is refused, a second press does nothing.

    Raises Refused, also where the room was sold meanwhile, or Declined when Stripe says no; nothing has changed then.
    """
    if not reason.strip():
        raise Refused(_("Please give a reason; it is kept in the history."), code="ERR_VALIDATION")
    decide = partial(decide_reschedule, wish=wish, seen=seen, reason=reason.strip())
    return operations.request(booking, decide, transition="reschedule")


def decide_reschedule(booking: Booking, *, wish: Wish, seen: str, reason: str) -> Outcome | PaymentOperation:
    """Under the lock: the operation that moves the money first, or the result."""
    lifecycle.require(booking, booking.reschedule)
    if Stay.of(booking) == stay_of(booking, wish):
        return Outcome(booking, Outcome.ALREADY, _("Nothing to do: this is the booking's stay and price already."))
    refuse_without_right(wish)
    plan = plan_of(booking, wish)
    if plan.seen() != seen:
        raise Refused(_(CHANGED))
    availability.claim(plan.new.on(booking))
    refuse_alone(booking, plan)
    details = {"reason": reason, "stay": plan.new.as_json(), "moved": plan.moved.__dict__}
    operation = ask_stripe(booking, plan, details)
    if operation is not None:
        availability.keep(plan.new.kept_by(booking))
        return operation
    due_at = pay_until(booking) if plan.move == Move.DIFFERENCE else None
    lifecycle.record_rescheduled(booking, plan.new, moved=plan.moved, reason=reason, due_at=due_at)
    return Outcome(booking)


def ask_stripe(booking: Booking, plan: Plan, details: dict[str, Any]) -> PaymentOperation | None:
    """Return what has to happen at Stripe first: close a page, release a hold, send a part back; None for nothing."""
    if plan.move in (Move.REFUND, Move.OWE):
        said = {**details, BEYOND_POLICY: True} if plan.is_favour or beyond(booking, plan) else details
        return refunds.send_back(booking, plan.amount, transition="reschedule", details=said)
    payment = ledger.paying_payment(booking) or ledger.current_payment(booking)
    if payment is None:
        return None
    payment.booking = booking
    match plan.move:
        case Move.ASK if checkout.is_open(payment):
            return open_next(payment, K.EXPIRE_SESSION, transition="reschedule", details=details)
        case Move.AGAIN:
            held = payment.amount_authorized
            return open_next(payment, K.VOID, amount=held, transition="reschedule", details=details)
    return None


def plan_of(booking: Booking, wish: Wish) -> Plan:
    """Return what a wish would do now; Refused where it is not possible. Reads only."""
    lifecycle.require(booking, booking.reschedule)
    if ledger.unpaid_change(booking) is not None:
        raise Refused(_(UNPAID))
    new = stay_of(booking, wish)
    refuse_unfit(booking, wish)
    availability.check(new.on(booking))
    move, amount, currency = money_of(booking, new)
    is_favour = new.total < wish.standard_price
    return Plan(booking, Stay.of(booking), new, move, amount, currency, is_favour)


def refuse_unfit(booking: Booking, wish: Wish) -> None:
    """Refuse a stay that nobody could have: no night, in the past, or in a room that does not fit."""
    if wish.check_out <= wish.check_in:
        raise Refused(_("Check-out must be after check-in."), code="ERR_VALIDATION")
    today = booking.hotel.today(timezone.now())
    # A guest who is here already may stay longer; one who arrives at one in the morning came yesterday.
    begins_late = wish.check_in == booking.check_in or wish.check_in >= today - timedelta(days=1)
    if wish.check_out <= today or not begins_late:
        raise Refused(_("This stay lies in the past. Choose other dates."), code="ERR_VALIDATION")
    if wish.room_type.hotel_id != booking.hotel_id:
        raise Refused(
            _("%(room_type)s is not a room type of %(hotel)s.")
            % {"room_type": wish.room_type, "hotel": booking.hotel},
            code="ERR_VALIDATION",
        )
    if wish.room and wish.room.room_type_id != wish.room_type.pk:
        raise Refused(
            _("Room %(room)s is not of the type %(room_type)s.") % {"room": wish.room, "room_type": wish.room_type},
            code="ERR_VALIDATION",
        )
    if wish.room and not wish.room.is_active and wish.room.pk != booking.room_id:
        raise Refused(
            _("Room %(room)s is out of service. Choose another room.") % {"room": wish.room}, code="ERR_VALIDATION"
        )


def money_of(booking: Booking, new: Stay) -> tuple[Move, int, str]:
    """Return what becomes of the money, and how much of it in which currency; minor units."""
    payment = ledger.paying_payment(booking)
    if payment is not None:
        payment.booking = booking
    if booking.status == S.CONFIRMED and payment is not None and payment.is_captured:
        return money_taken(booking, payment, new)
    if booking.payment_method == PaymentMethod.ARRIVAL:
        return Move.NOTHING, 0, booking.currency
    if new.total == 0:
        raise Refused(_("There is nothing to pay online for a stay that costs nothing."), code="ERR_VALIDATION")
    if booking.status == S.PENDING_APPROVAL:
        return money_held(payment, new)
    return money_awaited(booking, new)


def money_awaited(booking: Booking, new: Stay) -> tuple[Move, int, str]:
    """Return what becomes of a payment that the booking waits for."""
    payment = ledger.current_payment(booking)
    if new.total == booking.total_amount:
        return Move.NOTHING, 0, booking.currency
    if payment is not None and is_on_its_way(payment):
        raise Refused(_("The guest's payment is on its way. Some ways of paying take a few days."))
    return Move.ASK, new.total, booking.currency


def money_held(payment: Payment | None, new: Stay) -> tuple[Move, int, str]:
    """Return what becomes of a hold: it is enough, or more than enough, or the guest pays again."""
    if payment is None or payment.status != P.AUTHORIZED:
        raise Refused(_("No money is held for this booking any more. Reopen it for payment first."))
    held, due = payment.amount_authorized, rates.charged(payment, new.total)
    if due > held:
        return Move.AGAIN, new.total, payment.booking.currency
    return (Move.LESS, due, payment.currency) if due < held else (Move.NOTHING, 0, payment.currency)


def money_taken(booking: Booking, payment: Payment, new: Stay) -> tuple[Move, int, str]:
    """Return what becomes of money that the hotel has: what the new stay costs less goes back."""
    if new.total > booking.total_amount:
        return money_missing(booking, new)
    less = rates.charged(payment, booking.total_amount) - rates.charged(payment, new.total)
    amount = min(less, ledger.left(booking))
    if amount == 0:
        return Move.NOTHING, 0, payment.currency
    by_hand = all(refunds.is_owed_by_hand(each) for each, _ in ledger.split(ledger.resting(booking), amount))
    return (Move.OWE if by_hand else Move.REFUND), amount, payment.currency


def money_missing(booking: Booking, new: Stay) -> tuple[Move, int, str]:
    """Return what the guest is asked for beside what they have paid; Refused where they cannot be asked online."""
    more = new.total - booking.total_amount
    if why := why_no_link(booking):
        dearer = _(DEARER) % {"more": spoken(more, booking.currency)}
        raise Refused(f"{dearer} {why} {_(INSTEAD)}", code="ERR_VALIDATION")
    return Move.DIFFERENCE, more, booking.currency


def why_no_link(booking: Booking) -> str:
    """Return why a guest cannot pay a difference by a link; nothing when they can."""
    if booking.payment_method != PaymentMethod.ONLINE:
        return _(BY_HAND)
    if booking.charged_currency:
        return _(IN_ANOTHER) % {"currency": booking.charged_currency}
    return "" if pay_until(booking) >= timezone.now() + checkout.SHORTEST_PAGE else _(NO_TIME)


def pay_until(booking: Booking) -> datetime:
    """Return until when a guest may pay a difference (UTC): as long as a hold lasts, and the old stay can be had."""
    hotel, now = booking.hotel, timezone.now()
    begins, ends = booking.check_in_moment, hotel.check_out_moment(booking.check_out)
    return min(lifecycle.hold_from_now(booking), begins if begins > now else ends)


def undo_unpaid(booking: Booking) -> Outcome:
    """Bring a booking back to its stay before a change that was not paid in time. Called by the worker."""
    return operations.request(booking, decide_undo, transition="undo_reschedule")


def decide_undo(booking: Booking) -> Outcome | PaymentOperation:
    """Under the lock: the payment page to close first, so that nobody pays for a stay that is given away."""
    kept = ledger.unpaid_change(booking)
    if kept is None or kept.due_at is None:
        return Outcome(booking, Outcome.ALREADY)
    if kept.due_at > timezone.now():
        raise Refused(_("The guest still has time to pay the difference."))
    reason = gettext_noop("The guest did not pay the difference in time.")
    payment = checkout.last_attempt(booking)
    if payment is not None and payment.is_captured and payment.accepted_at is None and payment.unwanted_since is None:
        # It came while another operation was open. The next look at strays takes it as a part of the price.
        raise Refused(_("The guest has paid in the meantime."))
    if payment is not None and checkout.is_open(payment):
        payment.booking = booking
        return open_next(payment, K.EXPIRE_SESSION, transition="undo_reschedule", details={"reason": reason})
    lifecycle.record_move_undone(booking, kept, reason=reason)
    return Outcome(booking)
