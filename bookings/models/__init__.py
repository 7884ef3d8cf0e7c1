"""The booking desk's own records."""

from bookings.models import names
from bookings.models.access import AccessToken, TokenUse
from bookings.models.attempt import RefusedAttempt, Repeat, SignIn, SignInKind, Surface
from bookings.models.booking import (
    BLOCKING,
    CANCELLABLE,
    ENDED,
    GUEST_CANCELLABLE,
    REOPENABLE,
    RESCHEDULABLE,
    TAKING,
    Booking,
    BookingStatus,
    PaymentMethod,
    RecordState,
)
from bookings.models.booking_import import BookingImport, ImportAs, ImportStatus
from bookings.models.bulk import (
    OPEN_ROWS,
    RETRYABLE,
    UNFINISHED_RUNS,
    BulkRow,
    BulkRun,
    FeeChoice,
    MoneyMove,
    RowState,
    RunState,
)
from bookings.models.event import BookingEvent
from bookings.models.export_record import ExportFormat, ExportRecord
from bookings.models.hotel import BookingMode, ExternalRefunds, GuestVerification, Hotel, Room, RoomType, User
from bookings.models.idempotency import NewBookingKey
from bookings.models.kept_stay import KeptStay
from bookings.models.message import STAGE, UNREAD, Message, MessageStatus
from bookings.models.removed import RemovedBooking
from bookings.models.sample_mail import SampleMail
from bookings.models.sign_in import SignInRelease
from bookings.models.wording import Wording

__all__ = [
    "BLOCKING",
    "CANCELLABLE",
    "ENDED",
    "GUEST_CANCELLABLE",
    "OPEN_ROWS",
    "REOPENABLE",
    "RESCHEDULABLE",
    "RETRYABLE",
    "STAGE",
    "TAKING",
    "UNFINISHED_RUNS",
    "UNREAD",
    "AccessToken",
    "Booking",
    "BookingEvent",
    "BookingImport",
    "BookingMode",
    "BookingStatus",
    "BulkRow",
    "BulkRun",
    "ExportFormat",
    "ExportRecord",
    "ExternalRefunds",
    "FeeChoice",
    "GuestVerification",
    "Hotel",
    "ImportAs",
    "ImportStatus",
    "KeptStay",
    "Message",
    "MessageStatus",
    "MoneyMove",
    "NewBookingKey",
    "PaymentMethod",
    "RecordState",
    "RefusedAttempt",
    "RemovedBooking",
    "Repeat",
    "Room",
    "RoomType",
    "RowState",
    "RunState",
    "SampleMail",
    "SignIn",
    "SignInKind",
    "SignInRelease",
    "Surface",
    "TokenUse",
    "User",
    "Wording",
]

names.translate("bookings")
