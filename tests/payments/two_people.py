"""A hotel where more than 200.00 takes two people, and what they do."""

from django.utils import timezone

from cancellations import cancel
from payments import decisions, four_eyes, refund_requests
from payments.models import RefundRequest
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, UserFactory, days_ahead
from tests.stays import AtStripe, by_staff, fresh

PAID = AtStripe(captured=34000, captures=1)


def draft(threshold=20000, **fields):
    """A draft of 340.00 in a hotel where more than 200.00 takes two people; ten days ahead the policy keeps half."""
    hotel = HotelFactory(four_eyes_threshold=threshold)
    room = RoomFactory(room_type=RoomTypeFactory(hotel=hotel))
    return BookingFactory(room=room, **{"check_in": days_ahead(10), **fields})


def manager(booking, **fields):
    """A manager of the booking's hotel."""
    return UserFactory(role="Manager", hotels=[booking.hotel], **fields)


def refund(person, booking, amount, **said):
    """Refund, or ask for it."""
    with by_staff(person):
        return decisions.refund(booking, amount=amount, note="Broken shower", **said)


def cancels(person, booking, *, fee):
    """Cancel with a fee of one's own, or None for the policy's; or ask for it."""
    with by_staff(person):
        return cancel.cancel_booking(booking, reason="Hotel closed", fee=fee)


def asked(person, booking, amount=30000):
    """A refund that waits for a second person."""
    assert refund(person, booking, amount).state == "asked"
    return RefundRequest.objects.get(status="pending")


def approve(person, wish):
    """Agree as a second person."""
    with by_staff(person):
        return refund_requests.approve(wish)


def alone(booking):
    """What one person may still return."""
    payment = booking.payments.get()
    payment.booking = fresh(booking)
    return four_eyes.alone(payment)


def today(booking):
    """Today's date in the words of a refusal."""
    local = booking.hotel.local(timezone.now())
    return f"{local.day} {local:%B %Y}"
