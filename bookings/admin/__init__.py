"""The booking desk's pages for staff."""

from bookings.admin import booking, hotel, message, room, room_type, user

__all__ = ["booking", "hotel", "message", "room", "room_type", "user"]
