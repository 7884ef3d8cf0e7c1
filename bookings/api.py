"""The desk over HTTP: what staff do in the admin, for their own programs and for the hotel's website."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Header, Query, Router
from ninja.responses import Status
from ninja.security.base import AuthBase

from bookings import api_acts, api_lists, audit
from bookings.admin.actions import BY_NAME
from bookings.api_errors import ApiError, Code, Problem, StripeProblem, WrongInput, forbidden
from bookings.api_lists import VIEW
from bookings.api_new import LONGEST_KEY, taken
from bookings.api_schemas import (
    Asked,
    BookingList,
    CancelAsked,
    Confirmed,
    Gone,
    Managed,
    NewBooking,
    PaidAtDesk,
    Reasoned,
    RefundAnswer,
    RefundAsked,
    StaffAnswer,
    Waiting,
)
from bookings.api_shapes import staff_booking
from bookings.api_staff import desk_booking, hotel_of, staff_of
from bookings.models import Booking, Hotel, User

COMMON: Final[Mapping[int, Any]] = {400: WrongInput, 401: Problem, 403: Problem, 404: Problem, 429: Problem}
READING: Final[Mapping[int, Any]] = {**COMMON, 422: WrongInput}
# What asks nothing of Stripe, and what may have to wait for it.
DECIDING: Final[Mapping[int, Any]] = {**COMMON, 200: StaffAnswer, 409: Problem, 422: WrongInput}
ACTING: Final[Mapping[int, Any]] = {**DECIDING, 202: Waiting, 502: Problem | StripeProblem}

type View = Callable[..., Any]


@dataclass(frozen=True)
class AtDesk:
    """Who calls, and what the address names of their hotels."""

    person: User
    hotel: Hotel | None = None
    booking: Booking | None = None


class Staff(AuthBase):
    """Somebody signed in to the admin, or a program with their token, who has a right.

    Whoever may not is told so before anybody looks at what was sent.
    """

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = (
        "A personal access token made in the admin, `iks_…`: it may do what its owner may, in its owner's hotels. A "
        "browser that is signed in to the admin needs none; what it changes also needs the header `X-CSRFToken`."
    )

    def __init__(self, permission: str = VIEW) -> None:
        super().__init__()
        self.permission = permission

    def __call__(self, request: HttpRequest) -> AtDesk | None:
        """Return who calls, and about what; None for nobody.

        Raises ApiError: 404 for what is not of their hotels, 403 without the right or for a token that is wrong.
        """
        person = staff_of(request)
        if person is None:
            return None
        match = request.resolver_match
        found = named(person, **(match.kwargs if match else {}))
        if not person.has_perm(self.permission):
            raise forbidden()
        return found


def named(person: User, slug: str | None = None, booking_id: str | None = None) -> AtDesk:
    """Return what an address names of a person's hotels; raises ApiError for what it names of others."""
    if booking_id is not None:
        return AtDesk(person, booking=desk_booking(person, booking_id=booking_id, slug=slug))
    return AtDesk(person, hotel=None if slug is None else hotel_of(person, slug))


def as_person(view: View) -> View:
    """Run a view in the name of whoever was let in."""

    @wraps(view)
    def within(request: HttpRequest, **arguments: Any) -> Any:
        with audit.acting_as_person(caller(request).pk):
            return view(request, **arguments)

    return within


def caller(request: HttpRequest) -> User:
    """Return who was let in."""
    person: User = request.__dict__["auth"].person
    return person


def own_hotel(request: HttpRequest) -> Hotel:
    """Return the hotel that the address names."""
    hotel: Hotel = request.__dict__["auth"].hotel
    return hotel


def own(request: HttpRequest) -> Booking:
    """Return the booking that the address names."""
    booking: Booking = request.__dict__["auth"].booking
    return booking


desk = Router(tags=["Desk"])
desk.add_decorator(as_person)
manage = Router(tags=["Desk, over all hotels"])
manage.add_decorator(as_person)

HOTEL: Final = "/{slug}/room-bookings/"
BOOKING: Final = f"{HOTEL}{{booking_id}}/"


def of(action: str) -> Staff:
    """Return who may do one of the admin's actions."""
    return Staff(BY_NAME[action].permission)


@desk.get(HOTEL, auth=Staff(), response={200: BookingList, **READING})
def bookings_of_hotel(request: HttpRequest, slug: str, asked: Query[Asked]) -> BookingList:
    """List a hotel's bookings, the newest first."""
    return api_lists.listed(request, asked, Booking.objects.filter(hotel=own_hotel(request)))


@desk.post(HOTEL, auth=Staff("bookings.add_booking"), response={201: StaffAnswer, **DECIDING})
def new_booking(
    request: HttpRequest,
    slug: str,
    said: NewBooking,
    idempotency_key: str = Header("", alias="Idempotency-Key", max_length=LONGEST_KEY),
) -> Any:
    """Take a booking and mail its guest; the same `Idempotency-Key` takes it once, however often it is sent."""
    booking, is_new = taken(caller(request), own_hotel(request), said, key=idempotency_key)
    words = _("The booking is taken.") if is_new else _("This booking was taken already, by an earlier request.")
    return Status(201 if is_new else 200, StaffAnswer(success=True, message=words, booking=staff_booking(booking)))


@desk.get(BOOKING, auth=Staff(), response={200: StaffAnswer, **COMMON})
def booking_at_desk(request: HttpRequest, slug: str, booking_id: str) -> StaffAnswer:
    """Show a booking."""
    return StaffAnswer(success=True, message="", booking=staff_booking(own(request)))


@desk.post(f"{BOOKING}approve/", auth=of("approve"), response=ACTING)
def approve(request: HttpRequest, slug: str, booking_id: str, said: Reasoned | None = None) -> Any:
    """Agree to the stay and take the held money. Repeating it answers with the result."""
    return act(request, "approve", said or Reasoned())


@desk.post(f"{BOOKING}decline/", auth=of("decline"), response=ACTING)
def decline(request: HttpRequest, slug: str, booking_id: str, said: Reasoned | None = None) -> Any:
    """Refuse the stay and release the held money; takes a reason."""
    return act(request, "decline", said or Reasoned())


@desk.post(f"{BOOKING}cancel/", auth=of("cancel"), response=ACTING)
def cancel(request: HttpRequest, slug: str, booking_id: str, said: CancelAsked | None = None) -> Any:
    """Cancel by the agreed terms, or with another fee."""
    return act(request, "cancel", said or CancelAsked())


@desk.post(f"{BOOKING}refund/", auth=of("refund"), response={**ACTING, 200: RefundAnswer})
def refund(request: HttpRequest, slug: str, booking_id: str, said: RefundAsked | None = None) -> Any:
    """Return part or all of what was paid; the booking stays as it is."""
    return api_acts.refund(own(request), said or RefundAsked())


@desk.post(f"{BOOKING}mark-paid/", auth=of("mark_paid"), response=DECIDING)
def mark_paid(request: HttpRequest, slug: str, booking_id: str, said: PaidAtDesk) -> Any:
    """Record that the hotel took the money itself."""
    return act(request, "mark_paid", said)


@desk.post(f"{BOOKING}soft-delete/", auth=of("soft_delete"), response=DECIDING)
def soft_delete(request: HttpRequest, slug: str, booking_id: str, said: Reasoned | None = None) -> Any:
    """Hide a booking that is over."""
    return act(request, "soft_delete", said or Reasoned())


@desk.post(f"{BOOKING}restore/", auth=of("restore"), response=DECIDING)
def restore(request: HttpRequest, slug: str, booking_id: str, said: Reasoned | None = None) -> Any:
    """Show a deleted booking again."""
    return act(request, "restore", said or Reasoned())


def act(request: HttpRequest, name: str, said: Any) -> Any:
    """Do to a booking what one address is for."""
    return api_acts.act(caller(request), own(request), name, said)


# There is no hotel in the address that could be unknown.
@manage.get(
    "/", auth=Staff(), response={200: BookingList, **{each: READING[each] for each in READING if each != 404}}
)
def bookings_of_person(request: HttpRequest, asked: Query[Asked]) -> BookingList:
    """List the bookings of all of the person's hotels, the newest first."""
    return api_lists.listed(request, asked, Booking.objects.visible_to(caller(request)))


@manage.get("/{booking_id}/", auth=Staff(), response={200: StaffAnswer, **COMMON})
def managed_booking(request: HttpRequest, booking_id: str) -> StaffAnswer:
    """Show a booking."""
    return StaffAnswer(success=True, message="", booking=staff_booking(own(request)))


@manage.patch("/{booking_id}/", auth=Staff(), response=ACTING)
def manage_booking(request: HttpRequest, booking_id: str, said: Managed) -> Any:
    """Do what `action` says."""
    name = api_acts.MANAGED[said.action]
    # Which right it takes is not in the address, so that nobody has asked for it yet.
    if not caller(request).has_perm(BY_NAME[name].permission):
        raise forbidden()
    as_asked = CancelAsked(reason=said.reason) if said.action == "cancel" else Reasoned(reason=said.reason)
    return act(request, name, as_asked)


@manage.delete("/{booking_id}/", auth=of("hard_delete"), response={**DECIDING, 200: Gone})
def delete_booking(request: HttpRequest, booking_id: str, said: Confirmed) -> Any:
    """Delete a booking for good, where the hotel allows it and no money was ever moved."""
    if not said.confirm:
        raise ApiError(Code.VALIDATION, _("Send the reference as `confirm`."))
    return api_acts.hard_delete(own(request), said)
