"""Which language a person reads at the desk. Records stay English: see the decision about them."""

from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from bookings import audit

NEXT: Final = "next"


def desk_language(request: HttpRequest) -> str:
    """Return the language of a page of the desk: the person's own; before the sign-in, the browser's."""
    user: Any = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return translation.get_language_from_request(request)
    return str(user.language) if user.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the person's choice, and go back to where it was made. A language that there is not changes nothing."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    user: Any = request.user
    wanted = request.POST.get("language", "")
    if wanted in dict(settings.LANGUAGES) and wanted != user.language:
        user.language = wanted
        with transaction.atomic(), audit.change("choose_language"):
            user.save(update_fields=["language"])
    return HttpResponseRedirect(way_back(request), status=303)


def way_back(request: HttpRequest) -> str:
    """Return the page of the desk that the choice was made on, or the first one."""
    start = reverse("admin:index")
    asked = request.POST.get(NEXT) or request.headers.get("Referer", "")
    is_ours = url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    path = asked.removeprefix(f"{request.scheme}://{request.get_host()}")
    return path if is_ours and path.startswith(start) else start
