"""The booking desk's own records."""

from bookings.models.booking import (
    BLOCKING,
    ENDED,
    GUEST_CANCELLABLE,
    Booking,
    BookingStatus,
    PaymentMethod,
    RecordState,
)
from bookings.models.hotel import BookingMode, Hotel, Room, RoomType, User
from bookings.models.message import Message, MessageStatus

__all__ = [
    "BLOCKING",
    "ENDED",
    "GUEST_CANCELLABLE",
    "Booking",
    "BookingMode",
    "BookingStatus",
    "Hotel",
    "Message",
    "MessageStatus",
    "PaymentMethod",
    "RecordState",
    "Room",
    "RoomType",
    "User",
]
