"""The booking desk's pages for staff."""

from bookings.admin import access_token, booking, hotel, message, removed, room, room_type, user

__all__ = ["access_token", "booking", "hotel", "message", "removed", "room", "room_type", "user"]
