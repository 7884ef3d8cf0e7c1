"""Whose data a page shows: all hotels of a person, or one that they chose."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from bookings.models import Hotel


@dataclass(frozen=True)
class Scope:
    """A person, their hotels, and the one that they chose, if any."""

    person: Any
    hotel: Hotel | None = None
    # Read where the page needs them; counting needs the person only.
    hotels: list[Hotel] = field(default_factory=list)

    def own(self, rows: QuerySet[Any], path: str = "hotel") -> QuerySet[Any]:
        """Keep the rows of the hotels; `path` leads from a row to its hotel."""
        if self.hotel is not None:
            return rows.filter(**{path: self.hotel.pk})
        return rows if self.person.is_superuser else rows.filter(**{f"{path}__in": self.person.hotels.values("pk")})

    def list_of(self, model: str, query: str = "") -> str:
        """Return the address of a filtered list (`"bookings_booking"`), of the chosen hotel where there is one."""
        chosen = f"hotel={self.hotel.pk}" if self.hotel else ""
        asked = "&".join(part for part in (query, chosen) if part)
        return reverse(f"admin:{model}_changelist") + (f"?{asked}" if asked else "")

    @property
    def shown(self) -> list[Hotel]:
        """The hotels that the page is about."""
        return [self.hotel] if self.hotel else self.hotels

    def todays(self) -> dict[str, date]:
        """Return today's date in each time zone of the hotels."""
        now = timezone.now()
        return {hotel.time_zone: hotel.today(now) for hotel in self.shown}


def scope_of(request: HttpRequest) -> Scope:
    """Return what a request's address asks for; 404 for a hotel that is not the person's."""
    person: Any = request.user
    hotels = list(person.visible_hotels())
    wanted = request.GET.get("hotel", "")
    hotel = next((each for each in hotels if str(each.pk) == wanted), None)
    if wanted and hotel is None:
        raise Http404
    return Scope(person, hotel, hotels)
