"""The booking desk's pages for staff."""

from bookings.admin import (
    access_token,
    booking,
    bulk_run,
    export_record,
    hotel,
    message,
    refused_attempt,
    removed,
    room,
    room_type,
    sign_in,
    user,
    wording,
)

__all__ = [
    "access_token",
    "booking",
    "bulk_run",
    "export_record",
    "hotel",
    "message",
    "refused_attempt",
    "removed",
    "room",
    "room_type",
    "sign_in",
    "user",
    "wording",
]
