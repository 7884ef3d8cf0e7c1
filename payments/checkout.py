"""The guest's way to pay: one open payment page at a time, within the hold."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import audit, lifecycle
from bookings.lifecycle import Outcome
from bookings.models import Booking, BookingStatus, PaymentMethod
from bookings.refusals import Refused, refuse_state
from bookings.retold import retold
from bookings.spoken import text_language
from payments import fallback, ledger, operations
from payments.gateway import CURRENCY_REFUSED, Declined
from payments.ledger import Due
from payments.models import OperationKind, Payment, PaymentOperation, PaymentPurpose, PaymentStatus
from payments.opening import open_next

logger = structlog.get_logger(__name__)

P = PaymentStatus
# Stripe closes a page no sooner than 30 minutes and no later than 24 hours after opening it
# (docs.stripe.com/api/checkout/sessions/create); a minute is left for the way there.
SHORTEST_PAGE = timedelta(minutes=31)
LONGEST_PAGE = timedelta(hours=23, minutes=59)
PAGE_STILL_GOOD = timedelta(minutes=1)

type Keep = Callable[[Payment], bool]


def open_payment_page(booking: Booking) -> tuple[Outcome, Payment | None]:
    """Return the payment whose `session_url` the guest can pay on; the same one while it lives.

    Raises Refused when the booking does not wait for a payment, or cannot be charged in any currency (with
    ERR_CURRENCY), and Declined when Stripe refuses.
    """
    close_old_page(booking, keep=is_live)
    return open_page(booking)


def retry_payment(booking: Booking) -> tuple[Outcome, Payment | None]:
    """Begin another attempt after a refused card. The last page is closed first, so that never two can be paid.

    Raises the same, and Refused when the attempts are used up; the last page then stays open.
    """
    close_old_page(booking, keep=is_unused)
    return open_page(booking)


def open_page(booking: Booking) -> tuple[Outcome, Payment | None]:
    """Return the page that is open, or a new one."""
    try:
        outcome = ask_for_page(booking)
    except Declined as declined:
        if declined.code in fallback.CODES:
            raise refuse_currency(booking, declined) from declined
        raise
    return outcome, ledger.current_payment(booking)


def ask_for_page(booking: Booking) -> Outcome:
    """Ask for a page; once more when somebody else has heard of the refused currency first and goes on with it."""
    try:
        return operations.request(booking, decide_page, transition="")
    except Declined as declined:
        if declined.code != CURRENCY_REFUSED:
            raise
        return operations.request(booking, decide_page, transition="")


def refuse_currency(booking: Booking, declined: Declined) -> Refused:
    """Return the refusal: staff read which rate or setting is missing, guests whom to ask."""
    if audit.current_actor().kind != audit.ActorKind.GUEST:
        return Refused(retold(declined.message), code="ERR_CURRENCY")
    message = _("%(hotel)s cannot take online payments just now. Nothing was charged; please contact the hotel.")
    return Refused(message % {"hotel": booking.hotel.name}, code="ERR_CURRENCY")


def close_old_page(booking: Booking, *, keep: Keep) -> None:
    """Close a page that is not to be kept: about to end, at a wrong price, or with a refused card on it."""
    payment = last_attempt(booking)
    if payment is None or not is_open(payment) or keep(payment):
        return
    try:
        operations.request(booking, partial(decide_close, keep=keep), transition="")
    except Declined:
        # The guest has just paid on it, or Stripe is out of order: `decide_page` says which.
        logger.info("payment.page_not_closed", payment=payment.pk)


def decide_close(booking: Booking, *, keep: Keep) -> Outcome | PaymentOperation:
    """Return the operation that closes the old page, if another may take its place."""
    refuse_unpayable(booking)
    payment = last_attempt(booking)
    if payment is None or not is_open(payment) or keep(payment):
        return Outcome(booking, Outcome.ALREADY)
    refuse_short_hold(booking)
    refuse_used_up(booking, payment)
    payment.booking = booking
    return open_next(payment, OperationKind.EXPIRE_SESSION, details={"reason": "Another page takes its place."})


def decide_page(booking: Booking) -> Outcome | PaymentOperation:
    """Return the live page, or the operation that opens one."""
    refuse_unpayable(booking)
    payment = last_attempt(booking)
    if payment is not None and is_live(payment):
        return Outcome(booking, Outcome.ALREADY)
    if payment is not None:
        refuse_unfinished(payment)
    refuse_short_hold(booking)
    payment = payment_to_begin(booking, payment)
    payment.booking = booking
    details = {"request": session_request(booking, payment)}
    return open_next(payment, OperationKind.CREATE_SESSION, amount=payment.amount, details=details)


def last_attempt(booking: Booking) -> Payment | None:
    """Return the newest attempt to pay what the guest is asked for: the price, or what a changed stay costs more."""
    payment, due = ledger.current_payment(booking), ledger.due(booking)
    is_other = payment is not None and due is not None and due.purpose != payment.purpose
    # The difference of an earlier change is paid and done with.
    is_done = payment is not None and payment.accepted_at is not None
    return None if is_other or is_done else payment


def is_live(payment: Payment) -> bool:
    """Whether the guest can still pay what they are asked for on the attempt's page."""
    until = payment.session_expires_at
    ends_later = until is not None and until > timezone.now() + PAGE_STILL_GOOD
    return is_open(payment) and ends_later and ledger.is_for_due(payment.booking, payment)


def is_unused(payment: Payment) -> bool:
    """Whether the guest can still pay on the attempt's page and no card was refused on it."""
    return is_live(payment) and payment.status != P.FAILED


def is_open(payment: Payment) -> bool:
    """Whether Stripe, as far as we have heard, still shows the attempt's page."""
    return payment.status in (P.PROCESSING, P.FAILED) and bool(payment.session_url)


def refuse_unfinished(payment: Payment) -> None:
    """Refuse another page while the last attempt may still bring money."""
    if is_open(payment):
        raise Refused(_("The earlier payment page could not be closed yet. Please try again in a minute."))
    if payment.status == P.PROCESSING:
        raise Refused(_("Your payment is on its way. Some ways of paying take a few days."))


def refuse_unpayable(booking: Booking) -> None:
    """Refuse a booking that has nothing to pay online now."""
    if booking.payment_method != PaymentMethod.ONLINE:
        raise Refused("Payment method must be ONLINE")
    if ledger.due(booking) is not None:
        return
    if booking.paid_at or booking.status == BookingStatus.PENDING_APPROVAL:
        raise Refused("Payment already processed")
    if booking.status != BookingStatus.PENDING_PAYMENT or booking.is_deleted:
        raise refuse_state(booking)


def refuse_short_hold(booking: Booking) -> None:
    """Refuse a page that would have to live longer than the room is held."""
    until = asked(booking).until
    if until is None or until < timezone.now() + SHORTEST_PAGE:
        raise Refused(_("The room is held for too short a time to start a payment now. Please contact the hotel."))


def payment_to_begin(booking: Booking, last: Payment | None) -> Payment:
    """Return the row for this attempt: one that never began, at today's price, or a new one."""
    if last is None or last.status != P.NOT_INITIATED:
        return new_attempt(booking, last)
    price = asked(booking).price
    if (last.price, last.amount, last.currency) != (price, price, booking.currency):
        fallback.back_to_own(last, price=price, currency=booking.currency)
        with audit.change("new_price"):
            last.save()
    return last


def new_attempt(booking: Booking, last: Payment | None) -> Payment:
    """Make the row for another attempt, up to the hotel's limit."""
    refuse_used_up(booking, last)
    due = asked(booking)
    return Payment.objects.create(
        booking=booking,
        attempt_number=lifecycle.next_attempt(booking),
        purpose=due.purpose,
        price=due.price,
        amount=due.price,
        currency=booking.currency,
    )


def asked(booking: Booking) -> Due:
    """Return what the guest is asked for; Refused when that is nothing."""
    due = ledger.due(booking)
    if due is None:
        raise refuse_state(booking)
    return due


def refuse_used_up(booking: Booking, last: Payment | None) -> None:
    """Refuse another attempt after the hotel's limit. A difference may be tried as long as it is due."""
    if asked(booking).purpose == PaymentPurpose.STAY and attempts_left(booking, last) <= 0:
        raise Refused(_("All attempts to pay are used up. Please contact the hotel."))


def attempts_left(booking: Booking, last: Payment | None) -> int:
    """Return how often the guest may still try; reopening a booking counts afresh."""
    return int(booking.hotel.payment_attempts - ledger.number_in_round(booking, last))


def session_request(booking: Booking, payment: Payment) -> dict[str, Any]:
    """Return the request for a hosted page, to be frozen: a repeated call must say the very same thing."""
    description = f"Hotel booking {booking.booking_id} - {booking.hotel.name}"
    is_at_once = lifecycle.is_instant(booking) or payment.purpose == PaymentPurpose.DIFFERENCE
    return {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "client_reference_id": booking.booking_id,
        "customer_email": booking.guest_email,
        "locale": text_language(booking.guest_language),
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
            "capture_method": "automatic" if is_at_once else "manual",
            "description": description,
        },
        "success_url": return_page(),
        "cancel_url": settings.FRONTEND_PAYMENT_CANCEL_URL or f"{settings.SITE_URL}/booking/manage/",
    }


def return_page() -> str:
    """Return where a guest comes back to from paying. Stripe puts the session's name in the place of the braces."""
    page = settings.FRONTEND_PAYMENT_SUCCESS_URL or f"{settings.SITE_URL}/booking/pay/return/"
    if "{CHECKOUT_SESSION_ID}" in page:
        return page
    address, hash_sign, place = page.partition("#")
    joined = "&" if "?" in address else "?"
    return f"{address}{joined}session_id={{CHECKOUT_SESSION_ID}}{hash_sign}{place}"


def page_end(booking: Booking) -> datetime:
    """Return when the page closes: with the hold, when a difference is due, or after a day."""
    latest = timezone.now() + LONGEST_PAGE
    return min(asked(booking).until or latest, latest)
