"""The booking desk's own records."""

from bookings.models.access import AccessToken, TokenUse
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
from bookings.models.event import BookingEvent
from bookings.models.hotel import BookingMode, ExternalRefunds, GuestVerification, Hotel, Room, RoomType, User
from bookings.models.kept_stay import KeptStay
from bookings.models.message import Message, MessageStatus
from bookings.models.removed import RemovedBooking

__all__ = [
    "BLOCKING",
    "CANCELLABLE",
    "ENDED",
    "GUEST_CANCELLABLE",
    "REOPENABLE",
    "RESCHEDULABLE",
    "AccessToken",
    "Booking",
    "BookingEvent",
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
    "TokenUse",
    "User",
]
