"""What every guest page has in common: who acts, what is kept, and which booking the browser may see.

The key of a mailed link is moved from the address into a cookie of its own and from then on exists nowhere
else: our database has its hash only, and a staff member's sign-in in the same browser stays untouched.
"""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation

from bookings import audit, spoken
from cancellations import throttle, tokens
from cancellations.models import ManagementToken
from cancellations.throttle import TooManyRequests

READ: Final = ("GET", "HEAD")
COOKIE: Final = "innkeep_guest"
COOKIE_PATH: Final = "/booking/"
# Where a request's META keeps that its key came from a match, so that pages leave the guest's own data out.
ONLY_CANCELS: Final = "innkeep.only_cancels"

type View = Callable[..., HttpResponse]
type TokenView = Callable[[HttpRequest, ManagementToken], HttpResponse]


class SeeOther(HttpResponseRedirect):
    """The answer to a POST: go on with a GET, so that reloading repeats nothing."""

    status_code = 303


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
            return bad_link(request, tokens.known(request.COOKIES[COOKIE]))
        return in_its_language(token, partial(view, request, token))

    return page


def in_its_language(token: ManagementToken, view: Callable[[], HttpResponse]) -> HttpResponse:
    """Answer in the language of the link's booking; whoever only matched a contact reads the browser's."""
    language = spoken.text_language(None if token.only_cancels else token.booking.guest_language)
    with translation.override(language):
        answer = view()
    answer["Content-Language"] = language
    return answer


def token_of(request: HttpRequest) -> ManagementToken | None:
    """Return the live link that the browser holds, if any."""
    key = request.COOKIES.get(COOKIE, "")
    token = tokens.find(key, at=timezone.now()) if key else None
    request.META[ONLY_CANCELS] = token is not None and token.only_cancels
    return token


def show(request: HttpRequest, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Draw a booking's page. Whoever only matched a contact sees no name, card or address on it."""
    if request.META.get(ONLY_CANCELS):
        context = {**context, "only_cancels": True, "card": "", "mail": None}
    return render(request, template, context, status=status)


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


def bad_link(request: HttpRequest, token: ManagementToken | None) -> HttpResponse:
    """403: one page for unknown, expired and revoked links alike; 404 for a deleted booking, 429 for too many."""
    if token is not None and tokens.opens_deleted(token, at=timezone.now()):
        return no_booking(request)
    try:
        throttle.count_guess(ip=audit.current_actor().ip)
    except TooManyRequests as refusal:
        return too_many(request, refusal)
    return render(request, "guest/bad_link.html", status=403)


def no_booking(request: HttpRequest) -> HttpResponse:
    """404: staff have deleted the booking, and for its guest it is as if it had never been."""
    return render(request, "404.html", status=404)


def too_many(request: HttpRequest, refusal: TooManyRequests) -> HttpResponse:
    """429, saying when to come back."""
    minutes = -(-refusal.retry_after // 60)
    answer = render(request, "guest/too_many.html", {"minutes": minutes}, status=429)
    answer["Retry-After"] = str(refusal.retry_after)
    return answer


def wrong_method(request: HttpRequest, allowed: tuple[str, ...]) -> HttpResponse:
    """405, with the way back."""
    answer = render(request, "guest/wrong_method.html", status=405)
    answer["Allow"] = ", ".join(allowed)
    return answer
