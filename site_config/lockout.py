"""When guessing passwords is slowed down: axes locks a name at an address, and this an address that tries many.

A browser in which somebody has signed in before carries a signed cookie and is not kept out by what others try from
the same address: a hotel and the guests of its Wi-Fi often share one.
"""

from datetime import timedelta
from typing import Any, Final

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone

from bookings import audit
from cancellations import throttle

# Names that fail at one address, and are not followed by the right password, within the time of a lock. Colleagues
# who mistype are two or three; whoever tries a list of names is here within seconds.
MOST_NAMES: Final = 10
DEVICE: Final = "innkeep_device"
REMEMBERED: Final = timedelta(days=90)


class Handler(AxesDatabaseHandler):
    """Locks a name at an address, as axes does, and beyond that an address that has tried many names."""

    def get_failures(self, request: HttpRequest, credentials: Any = None) -> int:
        """Return how often it was wrong; as often as leads to a lock where the address is locked."""
        own: int = super().get_failures(request, credentials)
        is_kept_out = not is_known(request) and is_flooding(client_address(request))
        return max(own, settings.AXES_FAILURE_LIMIT) if is_kept_out else own


def is_flooding(address: str | None) -> bool:
    """Whether as many names have failed at an address as lead to a lock."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    tried = AccessAttempt.objects.filter(ip_address=address, attempt_time__gte=since)
    return tried.values("username").distinct().count() >= MOST_NAMES


def is_known(request: HttpRequest) -> bool:
    """Whether somebody has signed in from this very browser in the last three months."""
    return bool(request.get_signed_cookie(DEVICE, default="", salt=DEVICE, max_age=REMEMBERED))


def remember(answer: HttpResponse) -> None:
    """Let the browser show later that somebody has signed in with it. It says nothing about who."""
    answer.set_signed_cookie(
        DEVICE,
        "known",
        salt=DEVICE,
        max_age=REMEMBERED,
        path=reverse("admin:login"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def client_address(request: HttpRequest) -> str | None:
    """Return the address from which somebody signs in; of an IPv6 address its /64, which one household has whole."""
    return throttle.network_of(audit.address_of(request)).partition("/")[0] or None


def locked_out(request: HttpRequest, *_more: Any) -> HttpResponse:
    """Say that it was wrong too often: the same for a name that exists and for one that does not."""
    wait = settings.AXES_COOLOFF_TIME
    context = {**admin.site.each_context(request), "minutes": int(wait.total_seconds()) // 60}
    headers = {"Retry-After": str(int(wait.total_seconds())), "Cache-Control": "no-store"}
    answer = TemplateResponse(request, "admin/sign_in/locked.html", context, status=429, headers=headers)
    return answer.render()
