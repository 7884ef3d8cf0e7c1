"""What the API says about a booking's payments."""

from typing import Final

from django.conf import settings

from bookings.models import Booking, BookingStatus, Hotel, PaymentMethod
from cancellations import wording
from payments import checkout, ledger
from payments.api_schemas import Attempt, PageAnswer, RefundFacts, StatusAnswer
from payments.models import Payment, PaymentProvider, PaymentStatus, Refund
from payments.money import plain

PAY_ON_ARRIVAL: Final = "PAY_ON_ARRIVAL"


def page(payment: Payment) -> PageAnswer:
    """Return where the guest can pay."""
    return PageAnswer(
        success=True,
        status="created",
        session_id=payment.stripe_checkout_session_id or "",
        payment_url=payment.session_url,
        session_url=payment.session_url,
        payment_id=payment.pk,
        amount=plain(payment.amount, payment.currency),
        amount_minor=payment.amount,
        currency=payment.currency,
        conversion=wording.conversion(payment) or None,
        publishable_key=settings.STRIPE_PUBLISHABLE_KEY,
        attempt=ledger.number_in_round(payment.booking, payment),
    )


def status(booking: Booking) -> StatusAnswer:
    """Return how far the payment is, from our own records alone."""
    payment = ledger.paying_payment(booking) or ledger.current_payment(booking)
    came_to = (ledger.amount_of(payment), payment.currency) if payment else None
    amount, currency = came_to or (booking.total_amount, booking.currency)
    is_due = booking.status == BookingStatus.PENDING_PAYMENT and booking.payment_method == PaymentMethod.ONLINE
    newest = ledger.current_payment(booking)
    return StatusAnswer(
        booking_id=booking.booking_id,
        booking_status=booking.status,
        payment_status=payment_status(booking, payment),
        payment_required=is_due,
        stripe_session_id=payment.stripe_checkout_session_id if payment else None,
        amount=plain(amount, currency),
        amount_minor=amount,
        currency=currency,
        attempts=ledger.number_in_round(booking, newest),
        attempts_left=max(0, checkout.attempts_left(booking, newest)) if is_due else 0,
        history=[attempt(each, booking.hotel) for each in booking.payments.order_by("attempt_number")],
        refunds=[refund(each, booking.hotel) for each in refunds_of(booking)],
    )


def payment_status(booking: Booking, payment: Payment | None) -> str:
    """Return the status that counts, in upper case."""
    if payment is not None:
        return str(payment.status)
    is_online = booking.payment_method == PaymentMethod.ONLINE
    return str(PaymentStatus.NOT_INITIATED) if is_online else PAY_ON_ARRIVAL


def refunds_of(booking: Booking) -> list[Refund]:
    """Return the refunds of all attempts, the oldest first."""
    return list(Refund.objects.filter(payment__booking=booking).order_by("pk"))


def attempt(payment: Payment, hotel: Hotel) -> Attempt:
    """Return one attempt."""
    amount = ledger.amount_of(payment)
    return Attempt(
        attempt=payment.attempt_number,
        status=payment.status,
        provider=PaymentProvider(payment.provider),
        amount=plain(amount, payment.currency),
        amount_minor=amount,
        currency=payment.currency,
        created_at=hotel.local(payment.created_at),
    )


def refund(row: Refund, hotel: Hotel) -> RefundFacts:
    """Return one refund."""
    return RefundFacts(
        status=row.status.upper(),
        amount=plain(row.amount, row.currency),
        amount_minor=row.amount,
        currency=row.currency,
        reference=row.reference or row.stripe_refund_id,
        created_at=hotel.local(row.created_at),
        succeeded_at=hotel.local(row.succeeded_at) if row.succeeded_at else None,
    )
