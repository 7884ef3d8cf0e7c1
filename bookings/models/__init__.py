"""The booking desk's own records."""

from bookings.models.booking import (
    BLOCKING,
    CANCELLABLE,
    ENDED,
    GUEST_CANCELLABLE,
    REOPENABLE,
    RESCHEDULABLE,
    Booking,
    BookingStatus,
    PaymentMethod,
    RecordState,
)
from bookings.models.hotel import BookingMode, ExternalRefunds, GuestVerification, Hotel, Room, RoomType, User
from bookings.models.kept_stay import KeptStay
from bookings.models.message import STAGE, UNREAD, Message, MessageStatus
from bookings.models.removed import RemovedBooking

__all__ = [
    "BLOCKING",
    "CANCELLABLE",
    "ENDED",
    "GUEST_CANCELLABLE",
    "REOPENABLE",
    "RESCHEDULABLE",
    "STAGE",
    "UNREAD",
    "Booking",
    "BookingMode",
    "BookingStatus",
    "ExternalRefunds",
    "GuestVerification",
    "Hotel",
    "KeptStay",
    "Message",
    "MessageStatus",
    "PaymentMethod",
    "RecordState",
    "RemovedBooking",
    "Room",
    "RoomType",
    "User",
]
