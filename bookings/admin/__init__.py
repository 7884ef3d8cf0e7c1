"""The booking desk's pages for staff."""

from bookings.admin import booking, hotel, message, removed, room, room_type, user, wording

__all__ = ["booking", "hotel", "message", "removed", "room", "room_type", "user", "wording"]
