"""Staff at the API: signed in to the admin and with a CSRF token, or a program with a personal access token.

Either way they act within their hotels and rights.
"""

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja.utils import check_csrf

from bookings import access_tokens, audit
from bookings.api_errors import ApiError, Code, forbidden, not_found, too_many
from bookings.models import Booking, Hotel, User
from cancellations import throttle


def bearer_of(request: HttpRequest) -> str:
    """Return the key that stands in the `Authorization` header; nothing when there is none."""
    scheme, _space, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def is_access_token(key: str) -> bool:
    """Whether a key looks like one of staff; those count in the header only, never in an address or a body."""
    return key.startswith(access_tokens.PREFIX)


def staff_of(request: HttpRequest) -> User | None:
    """Return who calls, by token or signed in; None for everybody else.

    Raises ApiError for a token that does not work, and where a POST of a browser comes without its CSRF token.
    """
    key = bearer_of(request)
    return holder_of(request, key) if is_access_token(key) else signed_in(request)


def holder_of(request: HttpRequest, key: str) -> User:
    """Return whose token it is, confined to its hotel. Raises one ApiError for all that do not work."""
    user = access_tokens.user_of(key, at=timezone.now())
    if user is None:
        raise wrong_key()
    with audit.acting_as_person(user.pk) as actor:
        request.META[audit.IN_REQUEST] = actor  # nobody is signed in: the log learns it here
    return user


def signed_in(request: HttpRequest) -> User | None:
    """Return who is signed in in this browser. Raises ApiError where a POST comes without its CSRF token."""
    user = request.user
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        return None
    if check_csrf(request) is not None:
        raise ApiError(Code.FORBIDDEN, _("The CSRF token is missing or wrong. Send it as the header X-CSRFToken."))
    return user


def booking_for(user: User, *, slug: str, booking_id: str, permission: str) -> Booking:
    """Return a booking of one of the person's hotels; 404 for all others, 403 without the right."""
    rows = Booking.objects.active().visible_to(user).select_related("hotel", "room_type", "room")
    booking = rows.filter(hotel__slug=slug, booking_id=booking_id).first()
    if booking is None:
        raise not_found()
    if not user.has_perm(permission):
        raise forbidden()
    return booking


def desk_booking(user: User, *, booking_id: str, slug: str | None) -> Booking:
    """Return a booking of one of the person's hotels, deleted or not; 404 for all others.

    `slug` is the hotel that the address names, None where it names none.
    """
    rows = Booking.objects.visible_to(user).select_related("hotel", "room_type", "room")
    named = (
        rows.filter(booking_id=booking_id) if slug is None else rows.filter(booking_id=booking_id, hotel__slug=slug)
    )
    booking = named.first()
    if booking is None:
        raise not_found()
    return booking


def hotel_of(user: User, slug: str) -> Hotel:
    """Return one of the person's hotels; 404 for all others."""
    hotel = user.visible_hotels().filter(slug=slug).first()
    if hotel is None:
        raise ApiError(Code.NOT_FOUND, _("Hotel not found"))
    return hotel


def wrong_key() -> ApiError:
    """403, whatever is wrong; 429 for an address that tries too many. A right key is never counted."""
    try:
        throttle.count_guess(ip=audit.current_actor().ip)
    except throttle.TooManyRequests as refusal:
        return flooded(refusal)
    return forbidden()


def flooded(refusal: throttle.TooManyRequests) -> ApiError:
    """429, saying when to come back."""
    return too_many(refusal.retry_after, _("Too many tries. Please try again later."))
