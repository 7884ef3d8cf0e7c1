"""What staff and their programs do to a booking: by the same services, rights and refusals as the admin's actions."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from ninja.responses import Status

from bookings.admin.actions import BY_NAME
from bookings.admin.booking_fields import sets_prices
from bookings.api_body import wrong_fields
from bookings.api_errors import STRIPE_ERROR, ApiError, Code, forbidden, of_refusal
from bookings.api_schemas import (
    CancelAsked,
    Confirmed,
    Gone,
    PaidAtDesk,
    RefundAnswer,
    RefundAsked,
    StaffAnswer,
    Waiting,
)
from bookings.api_shapes import staff_booking
from bookings.lifecycle import Outcome
from bookings.models import Booking, User
from bookings.refusals import Refused
from payments import decisions
from payments.gateway import Declined
from payments.models import Refund
from payments.money import plain, to_minor

# What older programs call the actions.
MANAGED: Final[Mapping[str, str]] = {
    "cancel": "cancel",
    "approve": "approve",
    "reject": "decline",
    "soft_delete": "soft_delete",
    "restore": "restore",
}


def act(person: User, booking: Booking, name: str, said: Any) -> Any:
    """Do one of the admin's actions, for which whoever let the person in has asked for the right.

    Raises ApiError, and then nothing has changed.
    """
    decision = decided(person, booking, said)
    outcome = done(lambda: BY_NAME[name].run(booking, **decision))
    return waiting(outcome) or answered(outcome)


def done(run: Callable[[], Any]) -> Outcome:
    """Return what came of an action; raises ApiError in the words of its refusal, never in Stripe's."""
    try:
        outcome: Outcome = run()
    except Refused as refusal:
        raise of_refusal(refusal) from None
    except Declined as declined:
        raise ApiError(Code.STRIPE, STRIPE_ERROR, extra={"message": declined.message}) from None
    return outcome


def waiting(outcome: Outcome) -> Any:
    """Return 202 where nothing is decided yet; None where it is."""
    if outcome.state == Outcome.IN_PROGRESS:
        words = outcome.message or _("Stripe has not answered yet. It settles by itself.")
        return Status(202, Waiting(success=True, status="IN_PROGRESS", message=words))
    if outcome.state == Outcome.ASKED:
        return Status(202, Waiting(success=True, status="NEEDS_SECOND_PERSON", message=outcome.message))
    return None


def answered(outcome: Outcome) -> StaffAnswer:
    """Return the booking as it is now, with what was already so."""
    booking = Booking.objects.select_related("hotel", "room_type", "room").get(pk=outcome.booking.pk)
    return StaffAnswer(success=True, message=outcome.message, booking=staff_booking(booking))


def decided(person: User, booking: Booking, said: Any) -> Mapping[str, Any]:
    """Return the parts of a request as arguments of the service behind an action."""
    if isinstance(said, PaidAtDesk):
        return {"method": said.method, "note": said.note}
    return cancellation(person, booking, said) if isinstance(said, CancelAsked) else {"reason": said.reason}


def cancellation(person: User, booking: Booking, said: CancelAsked) -> Mapping[str, Any]:
    """Return the reason, and another fee than the terms' for those who may set one."""
    if said.fee is None:
        return {"reason": said.reason}
    if not sets_prices(person):
        raise forbidden()
    return {"reason": said.reason, "fee": minor("fee", said.fee, booking.money_currency)}


def refund(booking: Booking, said: RefundAsked) -> Any:
    """Return part or all of what is left; raises ApiError, and then nothing has moved."""
    if not said.reason:
        raise wrong_fields({"reason": _("Say why; it is kept in the history.")})
    payment, left = decisions.to_refund(booking)
    currency = payment.currency if payment else booking.money_currency
    amount = left if said.amount is None else minor("amount", said.amount, currency)
    outcome = done(lambda: decisions.refund(booking, amount=amount, note=said.reason, seen_left=left))
    return waiting(outcome) or refunded(outcome.booking, amount, currency)


def refunded(booking: Booking, amount: int, currency: str) -> RefundAnswer:
    """Return the refund that was just made; of one that several payments share, the last part's name and state."""
    row = Refund.objects.filter(payment__booking=booking).order_by("-pk").first()
    return RefundAnswer(
        success=True,
        refund_id=row.stripe_refund_id if row else None,
        status=row.status.upper() if row else "PENDING",
        amount=plain(amount, currency),
        amount_minor=amount,
        currency=currency,
    )


def hard_delete(booking: Booking, said: Confirmed) -> Gone:
    """Delete a booking for good, as the typed reference confirms."""
    outcome = done(lambda: BY_NAME["hard_delete"].run(booking, typed=said.confirm, reason=said.reason))
    return Gone(success=True, message=outcome.message)


def minor(name: str, text: str, currency: str) -> int:
    """Return a typed amount in minor units. Raises ApiError where it cannot be paid exactly, or is below zero."""
    try:
        amount = to_minor(text, currency)
    except ValueError as error:
        raise wrong_fields({name: str(error)}) from None
    if amount < 0:
        raise wrong_fields({name: _("This is below zero.")})
    return amount
