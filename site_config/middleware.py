"""What happens to every request before a view sees it, and the line that the log has of it."""

import time
from collections.abc import Callable
from urllib.parse import unquote_to_bytes

import structlog
from django.conf import settings
from django.contrib.messages import get_messages
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    UnreadablePostError,
)
from django.middleware.locale import LocaleMiddleware
from django.shortcuts import render
from django.utils import translation
from django.views.decorators.csp import csp_override

from bookings import api_errors, audit
from bookings.api_errors import Code
from site_config.csp import ADMIN_POLICY
from site_config.desk_language import desk_language
from site_config.logs import route_of

logger = structlog.get_logger(__name__)

type GetResponse = Callable[[HttpRequest], HttpResponseBase]

ADMIN_PREFIX = "/admin/"
ADMIN_METHODS = ("GET", "HEAD", "POST")
# The API, and the addresses that older programs know it by.
API_PREFIXES = ("/api/", "/payments/", "/webhooks/stripe")
# Every open page of the desk asks here every two seconds.
ASKED_ALL_THE_TIME = "/admin/live/"
ERRORS_FROM = 400
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
JSON = "application/json"
REFUSAL = "A NUL character is not allowed."
# In English, as nobody knows yet who asks.
DJANGO_SAYS = {
    400: (Code.VALIDATION, "This request is not understood."),
    403: (Code.FORBIDDEN, api_errors.NOT_AUTHORIZED),
    404: (Code.NOT_FOUND, "There is nothing at this address."),
    405: (Code.VALIDATION, "This address does not take this method."),
    500: (Code.INTERNAL, "Something went wrong here. It has been noted."),
}


class AccessLogMiddleware:
    """Give each request its id before anything else can happen to it, and write its one line when it is over.

    The line has the pattern of the address, never the address: the latter may be a guest's link.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        # A guest, as far as is known; the middleware behind the sign-in says who it really is.
        actor = request.META[audit.IN_REQUEST] = audit.actor_of(request)
        with audit.acting(actor):
            response = self.get_response(request)
        response.headers.setdefault("X-Request-Id", actor.request_id)
        if is_worth_a_line(request, response):
            with audit.acting(request.META[audit.IN_REQUEST]):
                log_access(request, response, time.perf_counter() - started)
        return response


def is_worth_a_line(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether it is more than a style sheet or a page that asks for news: there are far too many of those."""
    path = request.path_info
    is_file = path.startswith(settings.STATIC_URL)
    return not (is_file or path == ASKED_ALL_THE_TIME) or response.status_code >= ERRORS_FROM


def log_access(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    """Write the line."""
    logger.info(
        "http.request",
        method=request.method,
        route=route_of(request),
        status=response.status_code,
        ms=round(seconds * 1000, 1),
    )


class ApiMiddleware:
    """Let nothing below /api/ answer in HTML, be stored on the way, or be passed on as a referrer.

    What an endpoint refuses has its shape already; here is what Django refuses before, or instead of, one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not request.path_info.startswith(API_PREFIXES):
            return response
        if response.status_code >= ERRORS_FROM and not is_json(response):
            into_api_shape(response)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Referrer-Policy"] = "no-referrer"
        if spoken := request.META.get(api_errors.LANGUAGE):
            response.headers["Content-Language"] = spoken
        return response


def is_json(response: HttpResponseBase) -> bool:
    """Whether an endpoint has answered by itself."""
    return response.headers.get("Content-Type", "").startswith(JSON)


def into_api_shape(response: HttpResponseBase) -> None:
    """Give an answer of Django's the body that the API would have given it; it stays the same answer for the log."""
    code, words = DJANGO_SAYS.get(response.status_code, DJANGO_SAYS[ERRORS_FROM])
    said = api_errors.answer(api_errors.ApiError(code, words))
    if isinstance(response, HttpResponse):
        response.content = said.content
        response.headers["Content-Type"], response.headers["Content-Length"] = JSON, str(len(said.content))


class AdminContentSecurityPolicyMiddleware:
    """Give the admin the policy that Unfold needs; every other page keeps the strict one."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.get_admin_response = csp_override(ADMIN_POLICY)(get_response)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(ADMIN_PREFIX):
            return self.get_admin_response(request)
        return self.get_response(request)


class PartOfPageMiddleware:
    """Keep the messages for the next whole page when a script only asks for some parts of one.

    What a person was to be told after a press would else be drawn where nobody sees it.
    """

    HEADER = "X-Innkeep-Part"

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if self.HEADER in request.headers and request.method == "GET":
            get_messages(request).used = False  # type: ignore[union-attr]
        return response


class AdminMethodsMiddleware:
    """Let the admin be read and posted to, and nothing else.

    Django's admin takes any other method for a GET or a POST, view by view. No page of ours sends one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info.startswith(ADMIN_PREFIX) and request.method not in ADMIN_METHODS:
            return HttpResponseNotAllowed(ADMIN_METHODS)
        return self.get_response(request)


class LanguageMiddleware(LocaleMiddleware):
    """Speak the language that the browser has chosen or asks for; English in the API.

    At the desk it is the person who chooses, and who that is is known only behind the sign-in. A view of the API that
    answers a guest may choose the guest's language itself.
    """

    def process_request(self, request: HttpRequest) -> None:
        """Activate the language for what follows."""
        if request.path_info.startswith((ADMIN_PREFIX, *API_PREFIXES)):
            translation.activate(settings.LANGUAGE_CODE)
            request.LANGUAGE_CODE = settings.LANGUAGE_CODE
        else:
            super().process_request(request)


class DeskLanguageMiddleware:
    """Speak the signed-in person's language at the desk, and the browser's on the page to sign in."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.path_info.startswith(ADMIN_PREFIX):
            return self.get_response(request)
        language = request.LANGUAGE_CODE = desk_language(request)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class RefuseNulMiddleware:
    """Refuse a NUL character in the path, the query or a form field with 400.

    PostgreSQL cannot store or compare it and answers with an error that would become a 500; SQLite can, so
    tests on SQLite alone would never notice. A JSON body is the business of the view that parses it.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "\0" in request.path_info or has_nul(request.META.get("QUERY_STRING", "")):
            return refused(request)
        try:
            if request.content_type == FORM and has_nul(request.body):
                return refused(request)
        except UnreadablePostError:  # the caller hung up; nobody will read the answer
            return HttpResponse(status=400)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """Check multipart fields here, where the view is known.

        Parsing them uses up the body. Views exempt from CSRF (webhooks, the API) read the raw body
        themselves; for all others Django's own CSRF check is about to parse the form anyway.
        """
        if request.content_type != MULTIPART or getattr(view, "csrf_exempt", False):
            return None
        fields = (part for name, values in request.POST.lists() for part in (name, *values))
        return refused(request) if any("\0" in part for part in fields) else None


def has_nul(encoded: str | bytes) -> bool:
    """Whether a URL-encoded string contains NUL once decoded."""
    return b"\0" in unquote_to_bytes(encoded)


def refused(request: HttpRequest) -> HttpResponse:
    """400 in the form that the caller expects."""
    if request.path_info.startswith(API_PREFIXES):
        return api_errors.answer(api_errors.ApiError(Code.VALIDATION, REFUSAL, status=400))
    return render(request, "400.html", status=400)
