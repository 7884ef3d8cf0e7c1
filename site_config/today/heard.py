"""What a page knows already when it is opened, so that it is not told of it as news.

The last changes are told to every page again, since a row is visible only after its commit, which may be late. A page
therefore carries the changes that it could see. They are read before anything else of it: what is committed later,
however old its moment, is not among them and is news to this page.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from bookings.models import BookingEvent
from site_config.today.live import OVERLAP
from site_config.today.scope import Scope

# Scripts ask for parts of a page, and dialogs, which carry nothing along.
PARTS: Final = ("X-Innkeep-Part", "HX-Request")
WHOLE: Final = "document"


@dataclass(frozen=True)
class Heard:
    """Since when a page has to be told, in seconds since 1970, and which changes of just before it knows."""

    at: int
    ids: str


class HeardMiddleware:
    """Read what a page of the desk will know, in one query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Read it before the page itself is read."""
        if is_whole_page(request):
            request.__dict__["desk_heard"] = heard(request)


def is_whole_page(request: HttpRequest) -> bool:
    """Whether somebody who sees bookings opens a page of the desk."""
    match = request.resolver_match
    if match is None or match.app_name != "admin" or request.method != "GET":
        return False
    # Browsers say what they want an answer for; a script of the admin is at an address of the admin, too.
    is_part = request.headers.get("Sec-Fetch-Dest", WHOLE) != WHOLE or any(name in request.headers for name in PARTS)
    return not is_part and request.user.has_perm("bookings.view_booking")


def heard(request: HttpRequest) -> Heard:
    """Return what can be seen now of the person's own hotels."""
    now = timezone.now()
    own = Scope(request.user).own(BookingEvent.objects.filter(updated_at__gt=now - OVERLAP))
    ids = own.order_by("id").values_list("id", flat=True)
    return Heard(int(now.timestamp()), ",".join(str(pk) for pk in ids))
