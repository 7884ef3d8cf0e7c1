"""Who calls the API about one booking: its guest, by the key of a link, or staff.

The key comes as a Bearer token, in the body, or in the address. It is looked for before the body is validated, and
whatever is wrong with it has one answer: the key, its age, the hotel and the reference are never told apart.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.utils import timezone, translation
from ninja.security.base import AuthBase

from bookings import audit, spoken
from bookings.api_body import read_json
from bookings.api_errors import LANGUAGE
from bookings.api_staff import bearer_of, booking_for, is_access_token, staff_of, wrong_key
from bookings.models import Booking, BookingStatus, User
from cancellations import tokens
from cancellations.models import CANCELLED, ManagementToken


@dataclass(frozen=True)
class Caller:
    """Somebody who may act on one booking: its guest by a `token`, or `staff`."""

    booking: Booking
    token: ManagementToken | None = None
    staff: User | None = None

    @property
    def is_guest(self) -> bool:
        """Whether the words of the answer are for a guest."""
        return self.token is not None


class GuestKey(AuthBase):
    """The key of the guest's management link."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = (
        "The key of the booking's management link, `ikg_…`. It may also be sent as `token` in the JSON body, or as "
        "`?token=` where nothing else is possible. Unknown, expired and revoked keys, and keys of another booking, "
        "get one and the same 403."
    )

    def __call__(self, request: HttpRequest) -> Caller | None:
        """Return the guest; None where no key was sent. Raises ApiError for a wrong one."""
        key = key_of(request)
        return self.guest(request, key) if key and not is_access_token(key) else None

    def guest(self, request: HttpRequest, key: str) -> Caller:
        """Return the guest of exactly the booking that the address names."""
        token = tokens.known(key)
        if token is None or not is_for(token, **where(request)) or not self.opens(token):
            raise wrong_key()
        return Caller(token.booking, token)

    def opens(self, token: ManagementToken) -> bool:
        """Whether the key may still be used."""
        return tokens.is_live(token, at=timezone.now())


class CancellingKey(GuestKey):
    """The key of the guest's management link. One that has cancelled is told the result again, however old it is."""

    openapi_description = f"{GuestKey.openapi_description} The key that cancelled gets the recorded result for ever."

    def opens(self, token: ManagementToken) -> bool:
        """Whether the key may still be used, or was used for this."""
        return super().opens(token) or has_cancelled(token)


class PayingKey(GuestKey):
    """The key of a link that was mailed. One given for a mere match is not enough: Stripe's page shows the guest."""

    def opens(self, token: ManagementToken) -> bool:
        """Whether the key may still be used, and for more than cancelling."""
        return super().opens(token) and not token.only_cancels


class StaffSession(AuthBase):
    """Somebody signed in to the admin, whose POST needs the CSRF token as well; or a program with their token."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = "innkeep_session"
    openapi_description = (
        "Signed in to the admin. A POST also needs the header `X-CSRFToken`. Or, instead of both, a personal access "
        "token made in the admin, as `Authorization: Bearer iks_…`: it may do what its owner may."
    )

    def __init__(self, permission: str) -> None:
        super().__init__()
        self.permission = permission

    def __call__(self, request: HttpRequest) -> Caller | None:
        """Return the member of staff; None where nobody is signed in. Raises ApiError for missing rights."""
        user = staff_of(request)
        if user is None:
            return None
        return Caller(booking_for(user, **where(request), permission=self.permission), staff=user)


def key_of(request: HttpRequest) -> str:
    """Return the key that was sent, wherever it stands; nothing when there is none."""
    if key := bearer_of(request):
        return key
    said = (read_json(request) or {}).get("token")
    return said if said and isinstance(said, str) else request.GET.get("token", "")


def where(request: HttpRequest) -> dict[str, str]:
    """Return which hotel and booking the address names."""
    match = request.resolver_match
    arguments = match.kwargs if match else {}
    return {"slug": arguments["slug"], "booking_id": arguments["booking_id"]}


def is_for(token: ManagementToken, *, slug: str, booking_id: str) -> bool:
    """Whether a key belongs to the booking."""
    booking = token.booking
    return (booking.hotel.slug, booking.booking_id) == (slug, booking_id) and not booking.is_deleted


def has_cancelled(token: ManagementToken) -> bool:
    """Whether the booking was cancelled with this key."""
    return token.last_action == CANCELLED and token.booking.status == BookingStatus.CANCELLED


def caller_of(request: HttpRequest) -> Caller:
    """Return who was let in."""
    caller: Caller = request.__dict__["auth"]
    return caller


type View = Callable[..., Any]


def as_caller(view: View) -> View:
    """Run a view in the name of whoever was let in, and in the guest's language."""

    @wraps(view)
    def within(request: HttpRequest, **arguments: Any) -> Any:
        caller = caller_of(request)
        if caller.staff is not None:
            with audit.acting_as_person(caller.staff.pk):
                return view(request, **arguments)
        # A browser in which staff are signed in acts for the guest here, and history must say so.
        with audit.acting_as(audit.ActorKind.GUEST), in_language(request, caller.booking):
            request.META[LANGUAGE] = translation.get_language()
            return view(request, **arguments)

    return within


def in_language(request: HttpRequest, booking: Booking) -> AbstractContextManager[None]:
    """Return a block in the language that the program asks for, or else the booking's."""
    asked = translation.get_language_from_request(request) if "Accept-Language" in request.headers else ""
    return translation.override(spoken.text_language(asked or booking.guest_language))
