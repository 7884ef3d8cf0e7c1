"""The HTTP API put together: its routers, its document, and one shape for everything that goes wrong."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI, Swagger
from ninja.errors import AuthenticationError, ValidationError

import bookings.api
import cancellations.api
import payments.api
from bookings.api_body import BodyParser, with_readable_body, wrong_fields
from bookings.api_errors import ApiError, Code, answer

DESCRIPTION: Final = """
Bookings, payments and cancellations of Innkeep's hotels. `booking_id` is the public reference of a booking. Amounts
are decimal strings, beside the same amount in the currency's minor units; moments have the hotel's own offset.

Whatever is not as asked for is answered with `{"success": false, "code": "ERR_…", "error": "words for a person"}`.

| Code | Status | Meaning |
|---|---|---|
| `ERR_VALIDATION` | 400, 405, 422 | The request is not understood; `fields` names what is wrong. |
| `ERR_FORBIDDEN` | 401, 403 | No key, or one that does not open this booking. |
| `ERR_NOT_FOUND` | 404 | For staff: no such booking in their hotels. No such address. |
| `ERR_STATE` | 409 | The booking's state does not allow it; `error` says why. |
| `ERR_DEADLINE` | 409 | The deadline for cancelling has passed; `contact_info` says whom to ask. |
| `ERR_RATE_LIMITED` | 429 | Too many tries; `Retry-After` says in seconds when to come back. |
| `ERR_STRIPE` | 502 | Stripe refused. Nothing was changed. |
| `ERR_STRIPE_UNKNOWN` | 502 | Stripe cannot be reached. Nothing was started. |
| `ERR_CURRENCY` | 502 | Stripe takes no currency that the hotel can charge in just now. |
| `ERR_INTERNAL` | 500 | A fault of ours. It has been noted. |
| `ERR_WEBHOOK` | 400 | For Stripe alone: not a webhook of Stripe's. |
"""

api = NinjaAPI(
    title="Innkeep",
    version="1",
    description=DESCRIPTION,
    urls_namespace="api",
    parser=BodyParser(),
    # Swagger's own page would ask a server on the internet whether the document is valid.
    docs=Swagger(settings={"validatorUrl": None}),
)
api.add_decorator(with_readable_body, mode="view")
api.add_router("/public/hotel", payments.api.router)
api.add_router("/public/hotel", cancellations.api.bookings)
api.add_router("/booking/client", cancellations.api.by_match)
api.add_router("/booking/manage", bookings.api.manage)
api.add_router("/staff/hotel", bookings.api.desk)


@api.exception_handler(ApiError)
def refused(request: HttpRequest, error: Any) -> HttpResponse:
    """What an endpoint refuses."""
    return answer(error)


@api.exception_handler(AuthenticationError)
def unknown_caller(request: HttpRequest, error: Any) -> HttpResponse:
    """401: nobody has said who they are."""
    words = _("Send the key of the booking's management link, or sign in.")
    headers = {"WWW-Authenticate": 'Bearer realm="booking"'}
    return answer(ApiError(Code.FORBIDDEN, words, status=401, headers=headers))


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: Any) -> HttpResponse:
    """422 with the names of the fields."""
    return answer(wrong_fields({field_of(each["loc"]): each["msg"] for each in error.errors}))


def field_of(place: tuple[Any, ...]) -> str:
    """Return the name of a field as the caller knows it, without the name of our own argument."""
    # What stands in the address or in a header has no argument around it.
    names = [str(part) for part in place[2 if place[0] == "body" else 1 :]] or ["body"]
    return ".".join(names)


@csrf_exempt
def unknown_address(request: HttpRequest) -> HttpResponse:
    """404 below /api/, for any method; without it Django would first look for the same address with a slash."""
    return answer(ApiError(Code.NOT_FOUND, _("There is nothing at this address.")))
