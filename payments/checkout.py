"""The guest's way to pay: one open payment page at a time, within the hold."""

import logging
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from bookings import audit, lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking, BookingStatus, PaymentMethod
from bookings.refusals import Refused, refuse_state
from payments import ledger, operations
from payments.gateway import Declined
from payments.models import OperationKind, Payment, PaymentOperation, PaymentStatus
from payments.settle import open_next

logger = logging.getLogger(__name__)

P = PaymentStatus
# Stripe closes a page no sooner than 30 minutes and no later than 24 hours after opening it
# (docs.stripe.com/api/checkout/sessions/create); a minute is left for the way there.
SHORTEST_PAGE = timedelta(minutes=31)
LONGEST_PAGE = timedelta(hours=23, minutes=59)
PAGE_STILL_GOOD = timedelta(minutes=1)


def open_payment_page(booking: Booking) -> tuple[Outcome, Payment | None]:
    """Return the payment whose `session_url` the guest can pay on; the same one while it lives.

    Raises Refused when the booking does not wait for a payment, Declined when Stripe refuses.
    """
    close_old_page(booking)
    outcome = operations.request(booking, decide_page, transition="")
    return outcome, ledger.current_payment(booking)


def close_old_page(booking: Booking) -> None:
    """Close a page that is about to end, or whose price is no longer right, so that never two can be paid."""
    payment = ledger.current_payment(booking)
    if payment is None or not is_open(payment) or is_live(payment):
        return
    try:
        operations.request(booking, decide_close, transition="")
    except Declined:
        # The guest has just paid on it, or Stripe is out of order: `decide_page` says which.
        logger.info("page of payment %s was not closed", payment.pk)


def decide_close(booking: Booking) -> Outcome | PaymentOperation:
    """Return the operation that closes the old page, if another may take its place."""
    refuse_unpayable(booking)
    payment = ledger.current_payment(booking)
    if payment is None or not is_open(payment) or is_live(payment):
        return Outcome(booking, Outcome.ALREADY)
    refuse_short_hold(booking)
    refuse_used_up(booking, payment)
    payment.booking = booking
    return open_next(payment, OperationKind.EXPIRE_SESSION, details={"reason": "Another page takes its place."})


def decide_page(booking: Booking) -> Outcome | PaymentOperation:
    """Return the live page, or the operation that opens one."""
    refuse_unpayable(booking)
    payment = ledger.current_payment(booking)
    if payment is not None and is_live(payment):
        return Outcome(booking, Outcome.ALREADY)
    if payment is not None:
        refuse_unfinished(payment)
    refuse_short_hold(booking)
    payment = payment_to_begin(booking, payment)
    payment.booking = booking
    details = {"request": session_request(booking, payment)}
    return open_next(payment, OperationKind.CREATE_SESSION, amount=payment.amount, details=details)


def is_live(payment: Payment) -> bool:
    """Whether the guest can still pay what the booking costs on the attempt's page."""
    until = payment.session_expires_at
    ends_later = until is not None and until > timezone.now() + PAGE_STILL_GOOD
    return is_open(payment) and ends_later and payment.amount == payment.booking.total_amount


def is_open(payment: Payment) -> bool:
    """Whether Stripe, as far as we have heard, still shows the attempt's page."""
    return payment.status in (P.PROCESSING, P.FAILED) and bool(payment.session_url)


def refuse_unfinished(payment: Payment) -> None:
    """Refuse another page while the last attempt may still bring money."""
    if is_open(payment):
        raise Refused("The earlier payment page could not be closed yet. Please try again in a minute.")
    if payment.status == P.PROCESSING:
        raise Refused("Your payment is on its way. Some ways of paying take a few days.")


def refuse_unpayable(booking: Booking) -> None:
    """Refuse a booking that has nothing to pay online now."""
    if booking.payment_method != PaymentMethod.ONLINE:
        raise Refused("Payment method must be ONLINE")
    if booking.paid_at or booking.status == BookingStatus.PENDING_APPROVAL:
        raise Refused("Payment already processed")
    if booking.status != BookingStatus.PENDING_PAYMENT or booking.is_deleted:
        raise refuse_state(booking)


def refuse_short_hold(booking: Booking) -> None:
    """Refuse a page that would have to live longer than the room is held."""
    if booking.hold_expires_at is None or booking.hold_expires_at < timezone.now() + SHORTEST_PAGE:
        raise Refused("The room is held for too short a time to start a payment now. Please contact the hotel.")


def payment_to_begin(booking: Booking, last: Payment | None) -> Payment:
    """Return the row for this attempt: one that never began, at today's price, or a new one."""
    if last is None or last.status != P.NOT_INITIATED:
        return new_attempt(booking, last)
    if last.amount != booking.total_amount:
        last.amount = booking.total_amount
        with audit.change("new_price"):
            last.save()
    return last


def new_attempt(booking: Booking, last: Payment | None) -> Payment:
    """Make the row for another attempt, up to the hotel's limit."""
    refuse_used_up(booking, last)
    number = last.attempt_number + 1 if last else 1
    return Payment.objects.create(
        booking=booking, attempt_number=number, amount=booking.total_amount, currency=booking.currency
    )


def refuse_used_up(booking: Booking, last: Payment | None) -> None:
    """Refuse another attempt after the hotel's limit."""
    if last is not None and last.attempt_number >= booking.hotel.payment_attempts:
        raise Refused("All attempts to pay are used up. Please contact the hotel.")


def session_request(booking: Booking, payment: Payment) -> dict[str, Any]:
    """Return the request for a hosted page, to be frozen: a repeated call must say the very same thing."""
    description = f"Hotel booking {booking.booking_id} - {booking.hotel.name}"
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "client_reference_id": booking.booking_id,
        "customer_email": booking.guest_email,
        "expires_at": int(page_end(booking).timestamp()),
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": payment.currency.lower(),
                    "unit_amount": payment.amount,
                    "product_data": {"name": description},
                },
            }
        ],
        "payment_intent_data": {
            "capture_method": "automatic" if lifecycle.is_instant(booking) else "manual",
            "description": description,
        },
        "success_url": settings.FRONTEND_PAYMENT_SUCCESS_URL
        or f"{settings.SITE_URL}/booking/pay/return/?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": settings.FRONTEND_PAYMENT_CANCEL_URL or f"{settings.SITE_URL}/booking/manage/",
    }


def page_end(booking: Booking) -> datetime:
    """Return when the page closes: with the hold, or after a day."""
    latest = timezone.now() + LONGEST_PAGE
    return min(booking.hold_expires_at or latest, latest)
