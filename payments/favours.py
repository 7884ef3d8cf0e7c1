"""Giving money away by a move: it takes the right to decide about fees, and beyond a limit a second person."""

from dataclasses import replace

from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import audit
from bookings.models import Booking, User
from bookings.refusals import Refused
from bookings.stay import Move
from cancellations.calculator import CancellationCalculator
from payments import four_eyes, ledger, rates
from payments.money import spoken
from payments.plans import Plan, Wish, terms_for


def refuse_without_right(wish: Wish) -> None:
    """Refuse a price of their own, and today's terms, to staff who may not decide about fees."""
    if (wish.price is None and wish.keeps_terms) or audit.current_actor().kind != audit.ActorKind.STAFF:
        return
    person = User.objects.filter(pk=audit.current_user_id() or 0).first()
    if person is None or not person.has_perm("cancellations.override_fee"):
        raise Refused(
            _(
                "Your role does not include a price of your own or today's cancellation terms. Move the booking at "
                "the standard price and on the terms as agreed then, or ask a manager."
            )
        )


def refuse_alone(booking: Booking, plan: Plan) -> None:
    """Refuse one person to give more away, by a price, fewer nights or laxer terms, than they may return alone."""
    payment = ledger.paying_payment(booking)
    if payment is None or not payment.is_captured:
        return
    payment.booking = booking
    alone = four_eyes.alone(payment) or 0
    back = plan.amount if plan.is_favour and plan.move in (Move.REFUND, Move.OWE) else 0
    if back and four_eyes.needs_second_person(payment, back):
        words = _(
            "With a price of your own you can return %(alone)s alone. Move the booking at the standard price and "
            "ask for a refund of the rest."
        )
        raise Refused(words % {"alone": spoken(alone, payment.currency)})
    over = beyond(booking, plan)
    if over and four_eyes.needs_second_person(payment, over):
        words = _(
            "This returns %(over)s more than a cancellation would now, and you can return %(alone)s alone. Keep the "
            "price, and ask for a refund."
        )
        raise Refused(words % {"over": spoken(over, payment.currency), "alone": spoken(alone, payment.currency)})
    back += over
    more = waived(booking, plan)
    if more and four_eyes.needs_second_person(payment, back + more):
        words = _(
            "Cancelled now, today's terms would return %(more)s more than those agreed then, and you can return "
            "%(alone)s alone. Keep the terms as agreed; for a lower fee, cancel with an own fee, about which a "
            "second person decides."
        )
        said = {"more": spoken(more, payment.currency), "alone": spoken(max(0, alone - back), payment.currency)}
        raise Refused(words % said)


def beyond(booking: Booking, plan: Plan) -> int:
    """Return how much more a cheaper stay at the standard price sends back than cancelling now would; minor units."""
    payment = ledger.paying_payment(booking)
    if plan.is_favour or plan.move not in (Move.REFUND, Move.OWE) or payment is None or not booking.terms:
        return 0
    payment.booking = booking
    fee = CancellationCalculator(booking, at=timezone.now()).calculate().fee_amount
    return max(0, plan.amount - max(0, ledger.left(booking) - rates.charged(payment, fee)))


def waived(booking: Booking, plan: Plan) -> int:
    """Return how much more cancelling now would return by a plan's terms than by the agreed ones; minor units."""
    agreed = replace(plan.new, terms=terms_for(booking, plan.new, keeps=True))
    now = timezone.now()
    returns, returned = (
        CancellationCalculator(stay.on(booking), at=now).calculate().refund_amount for stay in (plan.new, agreed)
    )
    return max(0, returns - returned)
