"""What the API says about a booking and its cancellation."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bookings.models import Booking, BookingStatus, PaymentMethod
from cancellations import calculator, cancel, guest_words, pages, recorded, wording
from cancellations.api_schemas import (
    BookingAnswer,
    BookingFacts,
    CancelAnswer,
    Cancellation,
    Contact,
    InProgress,
    MatchAnswer,
    MatchFacts,
    Offer,
    Policy,
    PolicyTier,
)
from cancellations.cancel import Quote
from payments import ledger
from payments.money import plain


def facts(booking: Booking) -> BookingFacts:
    """Return the booking as its guest may see it."""
    hotel = booking.hotel
    return BookingFacts(
        booking_id=booking.booking_id,
        status=BookingStatus(booking.status),
        hotel=hotel.name,
        hotel_slug=hotel.slug,
        time_zone=hotel.time_zone,
        room_type=booking.room_type.name,
        check_in=booking.check_in,
        check_out=booking.check_out,
        check_in_from=booking.check_in_moment,
        check_out_until=hotel.check_out_moment(booking.check_out),
        nights=booking.nights,
        payment_method=PaymentMethod(booking.payment_method),
        total_amount=plain(booking.total_amount, booking.currency),
        total_amount_minor=booking.total_amount,
        currency=booking.currency,
        hold_expires_at=hold_end(booking),
        contact_info=Contact(**cancel.contact_info(booking)),
    )


def hold_end(booking: Booking) -> datetime | None:
    """Return until when the room is kept for a booking that still waits for its payment."""
    waits = booking.status == BookingStatus.PENDING_PAYMENT
    return booking.hotel.local(booking.hold_expires_at) if waits and booking.hold_expires_at else None


def policy(booking: Booking, *, now: datetime) -> Policy | None:
    """Return the terms as agreed; None for a draft."""
    agreed = ledger.agreed_stay(booking)
    terms = agreed.terms
    if not terms:
        return None
    return Policy(
        name=terms["policy"],
        description=terms["description"],
        fee_text=terms["fee_text"],
        deadline=calculator.deadline(terms, agreed.check_in),
        tiers=[
            PolicyTier(
                until=row.until,
                description=row.words,
                fee=plain(row.fee, terms["currency"]),
                fee_minor=row.fee,
                currency=terms["currency"],
                is_current=row.is_current,
            )
            for row in pages.policy_rows(booking, now=now)
        ],
    )


def offer(booking: Booking, quote: Quote, *, may_cancel: bool) -> Offer:
    """Return a quote. It is signed only for those who may cancel now: a signed one outlives the deadline."""
    names = ("paid", "held", "fee", "refund")
    money: dict[str, Any] = {name: plain(getattr(quote, name), quote.currency) for name in names}
    money |= {f"{name}_minor": getattr(quote, name) for name in names}
    return Offer(
        **money,
        currency=quote.currency,
        description=f"{quote.description} {guest_words.by_hand(booking.hotel, quote)}".strip(),
        applied_rule=quote.applied_rule,
        next_change_at=quote.next_change_at,
        quote=quote.signed(booking) if may_cancel else None,
    )


def booking_answer(booking: Booking, *, now: datetime) -> BookingAnswer:
    """Return all that the guest may know and do."""
    why_not = why_not_cancel(booking, now=now)
    return BookingAnswer(
        success=True,
        booking=facts(booking),
        policy=policy(booking, now=now),
        quote=offer(booking, cancel.quote(booking, at=now), may_cancel=not why_not),
        can_cancel=not why_not,
        cannot_cancel_because=why_not or None,
        cancellation=cancellation(booking) if booking.status == BookingStatus.CANCELLED else None,
    )


def why_not_cancel(booking: Booking, *, now: datetime) -> str:
    """Return why the guest cannot cancel now; nothing where they can."""
    if pages.is_cancelling(booking):
        return in_progress().message
    refusal = pages.guest_refusal(booking, now=now)
    return guest_words.why_not_cancel(booking, refusal) if refusal else ""


def cancellation(booking: Booking) -> Cancellation:
    """Return the recorded result of a cancelled booking."""
    fee, refund, currency = booking.cancellation_fee or 0, booking.refund_amount or 0, booking.money_currency
    rule, description = recorded.rule_of(booking)
    done = pages.done(booking)
    return Cancellation(
        cancelled_at=booking.hotel.local(booking.cancelled_at or booking.updated_at),
        cancellation_fee=plain(fee, currency),
        cancellation_fee_minor=fee,
        refund_amount=plain(refund, currency),
        refund_amount_minor=refund,
        currency=currency,
        description=description,
        applied_rule=rule,
        refund_reference=done["reference"] or None,
        refund_status=done["refund_state"].upper() or None,
    )


def match_facts(booking: Booking, *, now: datetime) -> MatchFacts:
    """Return what is no guest's business alone."""
    return MatchFacts(
        success=True,
        booking_reference=booking.booking_id,
        hotel=booking.hotel.name,
        check_in=booking.check_in,
        check_out=booking.check_out,
        policy=untold(policy(booking, now=now)),
        contact_info=Contact(**cancel.contact_info(booking)),
    )


def untold(terms: Policy | None) -> Policy | None:
    """Return the terms without which tier holds now: that would tell whether the booking is confirmed."""
    if terms is None:
        return None
    return terms.model_copy(update={"tiers": [tier.model_copy(update={"is_current": False}) for tier in terms.tiers]})


def match_answer(booking: Booking) -> MatchAnswer:
    """Return the recorded result to somebody who proved to be the guest by a match."""
    result = cancellation(booking)
    return MatchAnswer(
        success=True,
        message=cancelled_words(booking),
        booking_reference=booking.booking_id,
        status=BookingStatus(booking.status),
        cancelled_at=result.cancelled_at,
        cancellation_reason=reason_of(booking),
        cancellation=result,
    )


def reason_of(booking: Booking) -> str:
    """Return why a booking was cancelled: the guest's own words, or what the hotel says to guests."""
    stored = booking.cancellation_reason
    return stored if booking.cancelled_by_client else wording.reason(stored)


def cancel_answer(booking: Booking) -> CancelAnswer:
    """Return the recorded result."""
    return CancelAnswer(success=True, message=cancelled_words(booking), cancellation=cancellation(booking))


def cancelled_words(booking: Booking) -> str:
    """Return that it is done, and until when a hotel sends what it does not send at once."""
    return f"{_('Your booking is cancelled.')} {pages.done(booking)['promise']}".strip()


def in_progress() -> InProgress:
    """Return that there is nothing more to do."""
    words = _("Your request is in progress. There is nothing more for you to do; it settles by itself.")
    return InProgress(success=True, status="IN_PROGRESS", message=words)


def quote_changed(booking: Booking, new: Quote) -> dict[str, Any]:
    """Return the new amounts as they stand in a refusal."""
    return {"quote": offer(booking, new, may_cancel=True).model_dump(mode="json")}
