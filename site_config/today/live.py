"""What open pages of the desk ask every two seconds: which bookings changed, and what waits now.

It is read from the rows of `bookings/realtime.py` and in two queries, of the person's own hotels only. The same
answer twice is an empty one (304).
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bookings import realtime
from bookings.admin import words
from bookings.audit import ActorKind
from bookings.models import BookingEvent, BookingStatus
from site_config.today import badges
from site_config.today.scope import Scope

# A row is visible only after its commit, so a little of what a page has heard before is told again; it knows the ids.
OVERLAP: Final = timedelta(seconds=10)
# Whoever was away for longer reads the whole page again.
LONGEST: Final = timedelta(minutes=15)
SHOWN: Final = 50


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """Return what has changed since a moment (seconds since 1970, UTC), and the numbers of the sidebar."""
    if not admin.site.has_permission(request):
        return quiet(JsonResponse({"signed_out": True}, status=403))
    said = {"events": list(news(request)), "badges": badges.badges(request)}
    etag = f'"{hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]}"'
    answer = get_conditional_response(request, etag=etag, response=JsonResponse(said))
    assert answer is not None  # it is the response, or a 304 without a body
    answer.headers["ETag"] = etag
    return quiet(answer)


def quiet(answer: HttpResponse) -> HttpResponse:
    """Keep an answer out of every cache; the page keeps the ETag by itself."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


def news(request: HttpRequest) -> Iterator[dict[str, Any]]:
    """Yield the newest changes, the latest first; none for people who see no bookings."""
    user: Any = request.user
    if not user.has_perm("bookings.view_booking"):
        return
    own = Scope(user).own(BookingEvent.objects.filter(updated_at__gt=since(request)))
    for event in own.select_related("changed_by").order_by("-updated_at", "-id")[:SHOWN]:
        yield {
            "id": event.pk,
            "booking": event.booking_id,
            "status": event.status,
            "says": str(BookingStatus(event.status).label),
            "by": who(event),
            "mine": event.changed_by_id == user.pk,
            "at": event.updated_at.timestamp(),
        }


def since(request: HttpRequest) -> datetime:
    """Return from when on the page wants to know; at most a quarter of an hour ago, whatever it asks for."""
    earliest = timezone.now() - LONGEST
    try:
        asked = datetime.fromtimestamp(float(request.GET.get("since", "")), UTC) - OVERLAP
    except (ValueError, OverflowError, OSError):
        return earliest
    return max(earliest, asked)


def who(event: BookingEvent) -> str:
    """Return who has changed a booking, in words that fit after "by"."""
    if event.changed_by is not None:
        return words.name_of(event.changed_by)
    return {ActorKind.GUEST: _("the guest"), ActorKind.STRIPE: "Stripe"}.get(ActorKind(event.actor_kind), "Innkeep")


@require_POST
def channel(request: HttpRequest) -> HttpResponse:
    """Sign that a browser may listen to a hotel's private channel, as Pusher's libraries ask for it.

    Only the hotel's staff may; a channel of another hotel is as unknown as one that does not exist.
    """
    user: Any = request.user
    if not admin.site.has_permission(request) or not user.has_perm("bookings.view_booking"):
        return quiet(JsonResponse({}, status=403))
    name = request.POST.get("channel_name", "")
    prefix, _separator, slug = name.partition("private-hotel-")
    if not realtime.is_on() or prefix or not user.visible_hotels().filter(slug=slug).exists():
        raise Http404
    try:
        return quiet(JsonResponse(realtime.authorise(name, request.POST.get("socket_id", ""))))
    except ValueError:
        return quiet(JsonResponse({}, status=400))
