"""The guest chooses a language: kept on the booking when a link is open, and in the browser for all other pages."""

from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from bookings import lifecycle
from cancellations.guest_access import COOKIE, guest_page, token_of

# Addresses with a link's key are written into no page; the others show nothing to look at.
NO_WAY_BACK: Final = ("open", "language", "pay-status", "calendar")


# Django's check is asked for below, where there is something to protect. For strangers the page without its
# secret is the same in every byte, whatever they asked for.
@csrf_exempt
@guest_page("POST")
def choose(request: HttpRequest) -> HttpResponse:
    """Speak the chosen language from now on, and go back to the page where it was chosen."""
    return for_the_booking(request) if COOKIE in request.COOKIES else for_the_browser(request)


@csrf_protect
def for_the_booking(request: HttpRequest) -> HttpResponse:
    """Keep the choice on the booking, so that later mails follow it; a key that only cancels may not."""
    token, language = token_of(request), chosen(request)
    if token is not None and language and not token.only_cancels:
        lifecycle.choose_language(token.booking, language=language)
    return for_the_browser(request)


def for_the_browser(request: HttpRequest) -> HttpResponse:
    """Keep the choice in a cookie. A language that there is not changes nothing."""
    answer = HttpResponseRedirect(way_back(request.POST.get("next", "")), status=303)
    if language := chosen(request):
        answer.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    return answer


def chosen(request: HttpRequest) -> str:
    """Return the chosen language, or nothing for one that there is not."""
    wanted = request.POST.get("language", "")
    return wanted if wanted in dict(settings.LANGUAGES) else ""


def way_back(path: str) -> str:
    """Return a guest page's path if it is one that may be looked at again, else the first page's."""
    try:
        page = resolve(path)
    except Resolver404:
        return reverse("guest:ask")
    # Built anew from what was recognised: what a browser reads as another site's address never comes out.
    if page.app_name != "guest" or page.url_name in NO_WAY_BACK:
        return reverse("guest:ask")
    return reverse(f"guest:{page.url_name}", kwargs=page.kwargs)
