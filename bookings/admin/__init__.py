"""The booking desk's pages for staff."""

from bookings.admin import booking, export_record, hotel, message, removed, room, room_type, user

__all__ = ["booking", "export_record", "hotel", "message", "removed", "room", "room_type", "user"]
