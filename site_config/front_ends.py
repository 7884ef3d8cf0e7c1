"""Pages of the hotels' own websites, on other origins, that call the guest's part of the API from a browser.

Without a list of origins a browser lets no foreign page read an answer. Those on the list may, with the key that the
guest has given them and nothing else: cookies are never among it, so a page cannot act for somebody who happens to be
signed in to the desk. The desk's addresses are for programs and stay closed to every page.
"""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

# The guest's part; what is below /api/staff/ and /api/booking/manage/ is not.
OPEN_TO_PAGES: Final = ("/api/public/hotel/", "/api/booking/client/")
ASKS_FIRST: Final = "Access-Control-Request-Method"
READABLE: Final = "Content-Language, Retry-After, X-Request-Id"
ALLOWED: Final = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Accept-Language, Authorization, Content-Type",
    # Seconds that a browser may remember it: long enough for a guest, short enough for a change of settings.
    "Access-Control-Max-Age": "600",
}


class FrontEndsMiddleware:
    """Tell browsers which pages may read what the API answers to guests."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        origin = request.headers.get("Origin", "")
        if not settings.FRONTEND_ORIGINS or not request.path_info.startswith(OPEN_TO_PAGES):
            return self.get_response(request)
        is_known = origin in settings.FRONTEND_ORIGINS
        asks_first = request.method == "OPTIONS" and ASKS_FIRST in request.headers
        answer = may_come() if is_known and asks_first else self.get_response(request)
        if is_known:
            answer.headers["Access-Control-Allow-Origin"] = origin
            answer.headers["Access-Control-Expose-Headers"] = READABLE
        # What was answered to one page must not be kept for another.
        patch_vary_headers(answer, ["Origin"])
        return answer


def may_come() -> HttpResponse:
    """Return what a browser wants to know before it sends the request itself."""
    return HttpResponse(status=204, headers=ALLOWED)
