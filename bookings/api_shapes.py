"""What the API says about a booking to staff and their programs."""

from typing import Any

from bookings.api_schemas import Guest, Money, StaffBooking
from bookings.models import Booking, BookingStatus, PaymentMethod
from payments import ledger
from payments.api_shapes import payment_status
from payments.money import plain


def staff_booking(booking: Booking) -> StaffBooking:
    """Return a booking as the desk sees it."""
    hotel = booking.hotel
    return StaffBooking(
        booking_id=booking.booking_id,
        status=BookingStatus(booking.status),
        is_deleted=booking.is_deleted,
        hotel=hotel.name,
        hotel_slug=hotel.slug,
        time_zone=hotel.time_zone,
        room_type=booking.room_type.name,
        room=booking.room.number if booking.room else None,
        check_in=booking.check_in,
        check_out=booking.check_out,
        nights=booking.nights,
        guest=guest(booking),
        notes=booking.notes,
        payment_method=PaymentMethod(booking.payment_method),
        total_amount=plain(booking.total_amount, booking.currency),
        total_amount_minor=booking.total_amount,
        currency=booking.currency,
        money=money(booking),
        hold_expires_at=local(booking, "hold_expires_at"),
        decision_made_at=local(booking, "decision_made_at"),
        **cancelled(booking),
        is_test_data=booking.is_test_data,
        created_at=hotel.local(booking.created_at),
        updated_at=hotel.local(booking.updated_at),
    )


def guest(booking: Booking) -> Guest:
    """Return who stays."""
    return Guest(
        name=booking.guest_name,
        email=booking.guest_email,
        phone=booking.guest_phone,
        language=booking.guest_language,
    )


def money(booking: Booking) -> Money:
    """Return the sums over all payments."""
    sums = ledger.balance(booking)
    values: dict[str, Any] = {}
    for name in ("authorized", "captured", "refunded"):
        amount = getattr(sums, name)
        values |= {name: plain(amount, sums.currency), f"{name}_minor": amount}
    # No query of its own where the payments were read with the booking, as for a whole list.
    newest = max(ledger.attempts(booking), key=lambda each: each.attempt_number, default=None)
    payment = ledger.paying_payment(booking) or newest
    return Money(**values, currency=sums.currency, status=payment_status(booking, payment))


def cancelled(booking: Booking) -> dict[str, Any]:
    """Return the decision that ended a booking, null where none did."""
    values: dict[str, Any] = {
        "cancelled_at": local(booking, "cancelled_at"),
        "cancellation_reason": booking.cancellation_reason or None,
    }
    for name in ("cancellation_fee", "refund_amount"):
        amount = getattr(booking, name)
        shown = None if amount is None else plain(amount, booking.money_currency)
        values |= {name: shown, f"{name}_minor": amount}
    return values


def local(booking: Booking, name: str) -> Any:
    """Return one of a booking's moments on its hotel's clock."""
    moment = getattr(booking, name)
    return booking.hotel.local(moment) if moment else None
