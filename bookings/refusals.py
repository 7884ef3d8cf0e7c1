"""Why something cannot be done, in a receptionist's words."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from bookings.models import Booking, BookingStatus, Hotel

S = BookingStatus


class Refused(Exception):
    """An action that is not possible. Nothing was changed. `code` is one of the API's stable codes."""

    def __init__(self, message: str, *, code: str = "ERR_STATE", extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.extra = dict(extra or {})


def describe_state(booking: Booking) -> str:
    """Return where a booking stands and who brought it there: "was declined on 3 March 2026 at 14:05 by Nora"."""
    happened = {
        S.DECLINED: ("was declined", booking.decision_made_at, booking.decision_made_by),
        S.CANCELLED: ("was cancelled", booking.cancelled_at, booking.cancelled_by),
        S.CONFIRMED: ("was confirmed", booking.decision_made_at or booking.paid_at, booking.decision_made_by),
    }
    if booking.is_deleted:
        return "was deleted" + when(booking.hotel, booking.deleted_at) + by(booking.deleted_by)
    if booking.status in happened:
        words, moment, person = happened[booking.status]
        guest = " by the guest" if booking.status == S.CANCELLED and booking.cancelled_by_client else ""
        return words + when(booking.hotel, moment) + (guest or by(person))
    return {
        S.DRAFT: "is still a draft",
        S.PENDING_PAYMENT: "is waiting for the guest's payment",
        S.PENDING_APPROVAL: "is waiting for approval",
        S.COMPLETED: "is completed: the guest has left",
        S.EXPIRED: "has expired: it was not paid or approved in time",
        S.NO_SHOW: "is a no-show",
    }[BookingStatus(booking.status)]


def refuse_state(booking: Booking) -> Refused:
    """Return the refusal that names the booking's state."""
    return Refused(f"This booking {describe_state(booking)}.")


def when(hotel: Hotel, moment: datetime | None) -> str:
    """Return " on 3 March 2026 at 14:05 (Dublin)" in hotel-local time, or nothing."""
    if moment is None:
        return ""
    local = hotel.local(moment)
    return f" on {local.day} {local:%B %Y} at {local:%H:%M} ({hotel.city})"


def by(person: Any) -> str:
    """Return " by Nora Byrne", or nothing."""
    return f" by {person.get_full_name() or person.get_username()}" if person else ""


def stay_words(check_in: date, check_out: date) -> str:
    """Return "3 March to 5 March 2026"."""
    return f"{check_in.day} {check_in:%B} to {check_out.day} {check_out:%B %Y}"
