"""Reading what a program sent: bounded, JSON only, and never a 5xx."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any, Final

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.request import RawPostDataException
from django.utils.translation import gettext as _
from ninja.parser import Parser
from pydantic_core import from_json

from bookings.api_errors import ApiError, Code, answer

BODY_LIMIT: Final = 64 * 1024
JSON: Final = "application/json"
PARSED: Final = "api_body"


type Run = Callable[..., HttpResponse]


class BodyParser(Parser):
    """Gives the endpoints what was parsed already."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return the parsed body."""
        return read_json(request)


def with_readable_body(run: Run) -> Run:
    """Refuse what is no JSON before anything else, even where nobody needs the body."""

    @wraps(run)
    def checked(request: HttpRequest, **arguments: Any) -> HttpResponse:
        try:
            read_json(request)
        except ApiError as error:
            return answer(error)
        return run(request, **arguments)

    return checked


def read_json(request: HttpRequest) -> dict[str, Any] | None:
    """Return the request's JSON object, parsed once; None for an empty body. Raises ApiError with 400 or 422.

    The body of a GET means nothing and is left alone.

    The parser refuses what Python's own lets through and a database would not store: NaN, Infinity, half of a
    surrogate pair; and it bounds the depth.
    """
    known = request.__dict__
    if PARSED not in known:
        known[PARSED] = None if request.method in ("GET", "HEAD") else parsed(request)
    said: dict[str, Any] | None = known[PARSED]
    return said


def parsed(request: HttpRequest) -> Any:
    """Parse the body, which has to be an object."""
    body = raw_body(request)
    if not body.strip():
        return None
    if request.content_type != JSON:
        raise unreadable(_("Send the body as application/json."))
    try:
        said = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise unreadable(_("The body is not valid JSON.")) from None
    if isinstance(said, dict | None):
        return said
    raise wrong_fields({"body": _("Send a JSON object.")})


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


def wrong_fields(fields: Mapping[str, str]) -> ApiError:
    """422, naming what is wrong with which field."""
    words = _("Please check: %(fields)s.") % {"fields": ", ".join(fields)}
    return ApiError(Code.VALIDATION, words, extra={"fields": dict(fields)})
