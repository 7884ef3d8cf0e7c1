"""The sidebar: what a person may open, what is open, and how much waits beside it.

Unfold 0.110 copies the navigation for every page, compares each entry with each tab and draws it all anew: half of
what an empty page costs. One drawing serves every page that shows the same, until a number changes.
"""

from typing import Any, Final, NamedTuple

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.safestring import SafeString

from bookings.drawn_once import drawn_once
from site_config.navigation import UNFOLD

NAVIGATION: Final = UNFOLD["SIDEBAR"]["navigation"]


class Entry(NamedTuple):
    """One line: its place in the group, whether its page is open, and the number beside it, if it has one."""

    place: int
    is_open: bool
    waiting: str | None


type Shown = tuple[tuple[Entry, ...], ...]


def sidebar(request: HttpRequest) -> SafeString:
    """Return the sidebar's entries as HTML."""
    return drawn(tuple(tuple(entries(request, group["items"])) for group in NAVIGATION))


def entries(request: HttpRequest, items: list[dict[str, Any]]) -> list[Entry]:
    """Return the lines of a group that the person may open."""
    return [
        Entry(place, is_open(request, item), waiting(request, item))
        for place, item in enumerate(items)
        if "permission" not in item or item["permission"](request)
    ]


def is_open(request: HttpRequest, item: dict[str, Any]) -> bool:
    """Whether an entry's page is shown, or one below it; everything is below the start page."""
    if "active" in item:
        return bool(item["active"](request))
    link = str(item["link"])
    return request.path == link or (request.path.startswith(link) and link != reverse("admin:index"))


def waiting(request: HttpRequest, item: dict[str, Any]) -> str | None:
    """Return the number beside an entry, empty for none; None where an entry has no number."""
    return str(import_string(item["badge"])(request)) if "badge" in item else None


@drawn_once(128)
def drawn(shown: Shown) -> SafeString:
    """Draw it with Unfold's template."""
    groups = [
        {**group, "items": [described(group["items"][entry.place], entry) for entry in lines]}
        for group, lines in zip(NAVIGATION, shown, strict=True)
    ]
    return render_to_string("unfold/helpers/app_list.html", {"sidebar_navigation": groups})


def described(item: dict[str, Any], entry: Entry) -> dict[str, Any]:
    """Return an entry as Unfold's template reads it."""
    number = {} if entry.waiting is None else {"badge_callback": entry.waiting}
    return {**item, **number, "active": entry.is_open, "has_permission": True}
