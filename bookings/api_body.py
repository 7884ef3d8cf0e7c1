"""Reading what a program sent: bounded, JSON only, and never a 5xx."""

from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, UnreadablePostError
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _
from ninja.parser import Parser
from pydantic_core import from_json

from bookings.api_errors import ApiError, Code

BODY_LIMIT: Final = 64 * 1024
JSON: Final = "application/json"
PARSED: Final = "api_body"


class BodyParser(Parser):
    """The parser of all endpoints. It refuses what is no JSON, even where nobody needs the body."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the parsed body."""
        return read_json(request)


def read_json(request: HttpRequest) -> Any:
    """Return the request's JSON, parsed once; None for an empty body. Raises ApiError with 400.

    The parser refuses what Python's own lets through and a database would not store: NaN, Infinity, half of a
    surrogate pair; and it bounds the depth.
    """
    known = request.__dict__
    if PARSED not in known:
        known[PARSED] = parsed(request)
    return known[PARSED]


def parsed(request: HttpRequest) -> Any:
    """Parse the body."""
    body = raw_body(request)
    if not body.strip():
        return None
    if request.content_type != JSON:
        raise unreadable(_("Send the body as application/json."))
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError:
        raise unreadable(_("The body is not valid JSON.")) from None


def raw_body(request: HttpRequest) -> bytes:
    """Return the body if it is not larger than anything that has a meaning here."""
    try:
        body = request.body
    except RequestDataTooBig:
        raise too_large() from None
    except (UnreadablePostError, RawPostDataException):
        raise unreadable(_("The body could not be read.")) from None
    if len(body) > BODY_LIMIT:
        raise too_large()
    return body


def unreadable(words: str) -> ApiError:
    """400: nobody knows what was meant."""
    return ApiError(Code.VALIDATION, words, status=400)


def too_large() -> ApiError:
    """400, too."""
    return unreadable(_("The body is larger than 64 KiB."))
