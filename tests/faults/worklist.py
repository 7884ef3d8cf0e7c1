"""What staff see: the worklists that the Today page leads an owner to, and which of them show a booking."""

from typing import Any, Final
from urllib.parse import urlsplit

from django.test import RequestFactory
from django.urls import resolve

from bookings.models import Booking, User
from site_config.today import numbers
from site_config.today.scope import Scope

# The names on the Today page, as people read them. Numbers and dates behind a comma are left out.
APPROVALS: Final = "Needs approval"
WAITING: Final = "Waiting for Stripe"
OWED: Final = "Refunds to pay out by hand"
EXTERNAL: Final = "Refunds made at Stripe"
ENDING: Final = "Authorizations ending within a day"
GONE: Final = "Holds gone at Stripe"
DRIFT: Final = "Differs from Stripe"
DISPUTES: Final = "Open disputes"
LATE: Final = "Money that nobody waited for"
REQUESTS: Final = "Refunds to approve"
BROKEN: Final = "Failed webhooks"
# Stripe's words for a dispute that waits for nobody.
CLOSED: Final = ("won", "lost", "warning_closed", "prevented")


def lists_with(booking: Booking, person: User) -> tuple[str, ...]:
    """Return the names of the worklists that a person is led to and on which a booking is, in the page's order."""
    scope = Scope(person)
    looked_at = (numbers.APPROVALS, *numbers.WORRIES)
    counts = numbers.counted(scope, looked_at)
    lines = [numbers.line(scope, each, counts) for each in looked_at if counts[each.key]]
    return tuple(each["name"].split(",")[0] for each in lines if is_listed(booking, each["link"], person))


def is_listed(booking: Booking, link: str, person: User) -> bool:
    """Whether the list behind a link shows a row of the booking."""
    view: Any = resolve(urlsplit(link).path).func
    rows = view.model_admin.get_changelist_instance(asked_by(person, link)).queryset
    return any(booking_of(row) == booking for row in rows)


def booking_of(row: Any) -> Booking | None:
    """Return the booking that a row of a list is about."""
    if isinstance(row, Booking):
        return row
    payment = getattr(row, "payment", None)
    found: Booking | None = getattr(row, "booking", None) or (payment and payment.booking)
    return found


def asked_by(person: User, path: str) -> Any:
    """Return the request of a person for a page."""
    request = RequestFactory().get(path)
    request.user = person
    return request
