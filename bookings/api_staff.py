"""Staff at the API: signed in to the admin, within their hotels and rights, and with a CSRF token."""

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.utils import check_csrf

from bookings.api_errors import ApiError, Code, forbidden, not_found
from bookings.models import Booking, User


def staff_of(request: HttpRequest) -> User | None:
    """Return who is signed in; None for everybody else. Raises ApiError where a POST comes without its CSRF token."""
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
