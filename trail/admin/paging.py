"""Pages without numbers: each begins where another ended, so that the thousandth costs what the first one does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet

from trail.models import Entry

PER_PAGE: Final = 50
OLDER, NEWER = "older", "newer"


@dataclass(frozen=True)
class Page:
    """Some entries, the newest first, and whether there are others on either side."""

    entries: list[Entry]
    has_newer: bool = False
    has_older: bool = False


def page_of(rows: QuerySet[Entry], query: Mapping[str, str], size: int = PER_PAGE) -> Page:
    """Return the page that an address names: the newest, or what is older or newer than one entry.

    Nothing is counted and nothing is skipped, however many entries there are.
    """
    newest_first = rows.order_by("-at", "-id")
    if edge := place(query.get(OLDER, "")):
        found = list(newest_first.filter(older_than(*edge))[: size + 1])
        return Page(found[:size], has_newer=True, has_older=len(found) > size)
    if edge := place(query.get(NEWER, "")):
        found = list(rows.order_by("at", "id").filter(newer_than(*edge))[: size + 1])
        return Page(found[:size][::-1], has_newer=len(found) > size, has_older=True)
    found = list(newest_first[: size + 1])
    return Page(found[:size], has_older=len(found) > size)


def place(text: str) -> tuple[datetime, int] | None:
    """Return where an entry stands in time; None for what is no entry."""
    if not (text.isascii() and text.isdecimal() and len(text) < 18):
        return None
    return Entry.objects.filter(pk=int(text)).values_list("at", "id").first()


def older_than(at: datetime, pk: int) -> Q:
    """Return what lies before a place. The first part alone is what an index can begin with."""
    return Q(at__lte=at) & (Q(at__lt=at) | Q(id__lt=pk))


def newer_than(at: datetime, pk: int) -> Q:
    """Return what lies behind a place."""
    return Q(at__gte=at) & (Q(at__gt=at) | Q(id__gt=pk))
