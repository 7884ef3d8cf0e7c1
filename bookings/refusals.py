"""Why something cannot be done, in a receptionist's words."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bookings.models import Booking, BookingStatus, Hotel
from bookings.spoken import formatted

S = BookingStatus


class Refused(Exception):
    """An action that is not possible. Nothing was changed. `code` is one of the API's stable codes."""

    def __init__(self, message: str, *, code: str = "ERR_STATE", extra: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.extra = dict(extra or {})


# What happened to a booking: without a moment, at one, and by whom.
DECLINED = (
    gettext_noop("was declined"),
    gettext_noop("was declined on %(when)s"),
    gettext_noop("was declined on %(when)s by %(who)s"),
)
CANCELLED = (
    gettext_noop("was cancelled"),
    gettext_noop("was cancelled on %(when)s"),
    gettext_noop("was cancelled on %(when)s by %(who)s"),
)
CONFIRMED = (
    gettext_noop("was confirmed"),
    gettext_noop("was confirmed on %(when)s"),
    gettext_noop("was confirmed on %(when)s by %(who)s"),
)
DELETED = (
    gettext_noop("was deleted"),
    gettext_noop("was deleted on %(when)s"),
    gettext_noop("was deleted on %(when)s by %(who)s"),
)
STANDS = {
    S.DRAFT: gettext_noop("is still a draft"),
    S.PENDING_PAYMENT: gettext_noop("is waiting for the guest's payment"),
    S.PENDING_APPROVAL: gettext_noop("is waiting for approval"),
    S.COMPLETED: gettext_noop("is completed: the guest has left"),
    S.EXPIRED: gettext_noop("has expired: it was not paid or approved in time"),
    S.NO_SHOW: gettext_noop("is a no-show"),
}


def describe_state(booking: Booking) -> str:
    """Return where a booking stands and who brought it there: "was declined on 3 March 2026 at 14:05 by Nora"."""
    hotel = booking.hotel
    if booking.is_deleted:
        return happened(DELETED, hotel, booking.deleted_at, booking.deleted_by)
    match booking.status:
        case S.DECLINED:
            return happened(DECLINED, hotel, booking.decision_made_at, booking.decision_made_by)
        case S.CANCELLED if booking.cancelled_by_client and booking.cancelled_at:
            return _("was cancelled on %(when)s by the guest") % {"when": when(hotel, booking.cancelled_at)}
        case S.CANCELLED:
            return happened(CANCELLED, hotel, booking.cancelled_at, booking.cancelled_by)
        case S.CONFIRMED:
            at = booking.decision_made_at or booking.paid_at
            return happened(CONFIRMED, hotel, at, booking.decision_made_by)
    return _(STANDS[BookingStatus(booking.status)])


def happened(words: tuple[str, str, str], hotel: Hotel, moment: datetime | None, person: Any) -> str:
    """Return one of three wordings, by what is known of when and by whom it was."""
    if moment is None:
        return _(words[0])
    return _(words[2 if person else 1]) % {"when": when(hotel, moment), "who": name(person)}


def refuse_state(booking: Booking) -> Refused:
    """Return the refusal that names the booking's state."""
    return Refused(_("This booking %(state)s.") % {"state": describe_state(booking)})


def when(hotel: Hotel, moment: datetime | None) -> str:
    """Return "3 March 2026 at 14:05 (Dublin)" in hotel-local time; nothing for no moment."""
    if moment is None:
        return ""
    local = hotel.local(moment)
    said = {"day": formatted(local.date(), "d MMMM y", "yMMMMd"), "time": f"{local:%H:%M}", "city": hotel.city}
    return _("%(day)s at %(time)s (%(city)s)") % said


def name(person: Any) -> str:
    """Return a person's name as sentences say it; nothing for nobody."""
    return str(person.get_full_name() or person.get_username()) if person else ""


def stay_words(check_in: date, check_out: date) -> str:
    """Return "3 March to 5 March 2026"."""
    first, last = formatted(check_in, "d MMMM", "MMMMd"), formatted(check_out, "d MMMM y", "yMMMMd")
    return _("%(first)s to %(last)s") % {"first": first, "last": last}
