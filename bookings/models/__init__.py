"""The booking desk's own records."""

from bookings.models.booking import (
    BLOCKING,
    CANCELLABLE,
    ENDED,
    GUEST_CANCELLABLE,
    REOPENABLE,
    Booking,
    BookingStatus,
    PaymentMethod,
    RecordState,
)
from bookings.models.hotel import BookingMode, ExternalRefunds, GuestVerification, Hotel, Room, RoomType, User
from bookings.models.message import Message, MessageStatus
from bookings.models.removed import RemovedBooking

__all__ = [
    "BLOCKING",
    "CANCELLABLE",
    "ENDED",
    "GUEST_CANCELLABLE",
    "REOPENABLE",
    "Booking",
    "BookingMode",
    "BookingStatus",
    "ExternalRefunds",
    "GuestVerification",
    "Hotel",
    "Message",
    "MessageStatus",
    "PaymentMethod",
    "RecordState",
    "RemovedBooking",
    "Room",
    "RoomType",
    "User",
]
