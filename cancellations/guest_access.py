"""What every guest page has in common: who acts, what is kept, and which booking the browser may see.

The key of a mailed link is moved from the address into a cookie of its own and from then on exists nowhere
else: our database has its hash only, and a staff member's sign-in in the same browser stays untouched.
"""

from collections.abc import Callable
from functools import wraps
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone, translation

from bookings import audit
from cancellations import tokens, wording
from cancellations.models import ManagementToken

COOKIE: Final = "innkeep_guest"
COOKIE_PATH: Final = "/booking/"

type View = Callable[..., HttpResponse]
type TokenView = Callable[[HttpRequest, ManagementToken], HttpResponse]


def guest_page(*methods: str) -> Callable[[View], View]:
    """Serve a page to a guest: nothing is stored on the way, and staff count as guests."""

    def decorate(view: View) -> View:
        @wraps(view)
        def page(request: HttpRequest, **arguments: str) -> HttpResponse:
            allowed = request.method in methods
            # A browser in which staff are signed in acts for the guest here, and history must say so.
            with audit.acting_as(audit.ActorKind.GUEST):
                answer = view(request, **arguments) if allowed else wrong_method(request, methods)
            answer["Cache-Control"] = "no-store"
            answer["Referrer-Policy"] = "no-referrer"
            return answer

        return page

    return decorate


def with_token(view: TokenView) -> View:
    """Give the view the browser's link, checked afresh and in the guest's language; else 401 or 403."""

    @wraps(view)
    def page(request: HttpRequest) -> HttpResponse:
        if not request.COOKIES.get(COOKIE):
            return no_link(request)
        token = token_of(request)
        if token is None:
            return bad_link(request, request.COOKIES[COOKIE])
        with translation.override(wording.text_language(token.booking.guest_language)):
            return view(request, token)

    return page


def token_of(request: HttpRequest) -> ManagementToken | None:
    """Return the live link that the browser holds, if any."""
    key = request.COOKIES.get(COOKIE, "")
    return tokens.find(key, at=timezone.now()) if key else None


def remember(answer: HttpResponse, key: str) -> None:
    """Keep a link's key in the browser until it is closed, for the guest pages only."""
    answer.set_cookie(
        COOKIE, key, path=COOKIE_PATH, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def no_link(request: HttpRequest) -> HttpResponse:
    """401: nobody has opened a link in this browser."""
    answer = render(request, "guest/no_link.html", status=401)
    answer["WWW-Authenticate"] = 'Bearer realm="booking"'
    return answer


def bad_link(request: HttpRequest, key: str) -> HttpResponse:
    """403: one page for unknown, expired and revoked links alike, so that it tells nothing; 404 for no booking."""
    return no_booking(request) if tokens.opens_deleted(key, at=timezone.now()) else useless_link(request)


def no_booking(request: HttpRequest) -> HttpResponse:
    """404: staff have deleted the booking, and for its guest it is as if it had never been."""
    return render(request, "404.html", status=404)


def useless_link(request: HttpRequest) -> HttpResponse:
    """403, with the way to another link."""
    return render(request, "guest/bad_link.html", status=403)


def wrong_method(request: HttpRequest, allowed: tuple[str, ...]) -> HttpResponse:
    """405, with the way back."""
    answer = render(request, "guest/wrong_method.html", status=405)
    answer["Allow"] = ", ".join(allowed)
    return answer
