"""One place for own words: a hotel's mail of a kind in a language. There may be no row behind it yet."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone, translation

from bookings import own_words
from bookings.admin.wording_sample import Shown, preview
from bookings.admin.wording_words import MAILS
from bookings.models import Hotel, Wording

NAME: Final = "bookings_wording"


@dataclass(frozen=True)
class Slot:
    """One mail of one hotel in one language: where own words may be."""

    hotel: Hotel
    kind: str
    language: str

    @property
    def title(self) -> str:
        """The mail's name for staff."""
        return str(MAILS[self.kind][0])

    @property
    def spoken(self) -> str:
        """The language by its own name."""
        return dict(settings.LANGUAGES)[self.language]

    @cached_property
    def own(self) -> Wording | None:
        """The hotel's own words."""
        return own_words.find(self.hotel, self.kind, self.language)

    @property
    def row(self) -> Wording:
        """The own words, or what they would be; not stored."""
        return self.own or Wording(hotel=self.hotel, kind=self.kind, language=self.language)

    @cached_property
    def seen(self) -> int:
        """The number of the newest change."""
        return own_words.newest(self.hotel, self.kind, self.language)

    @property
    def default(self) -> tuple[str, str]:
        """The words without own ones: opening and closing."""
        with translation.override(self.language):
            return own_words.default(self.kind)

    @property
    def words(self) -> tuple[str, str]:
        """What guests read now: opening and closing."""
        return (self.own.opening, self.own.closing) if self.own else self.default

    def page(self, name: str = "edit") -> str:
        """The address of one of its pages."""
        return reverse(f"admin:{NAME}_{name}", args=[self.hotel.pk, self.kind, self.language])

    def shown(self, typed: tuple[str, str] | None) -> Shown:
        """A sample mail."""
        return preview(self.hotel, self.kind, self.language, now=timezone.now(), typed=typed)


def own_hotels(request: HttpRequest) -> Any:
    """Return the person's hotels."""
    user: Any = request.user
    return user.visible_hotels()


def chosen(hotels: list[Hotel], given: str | None) -> Hotel | None:
    """Return the hotel that an address names, or the first one; 404 for one that is not the person's."""
    if not given:
        return hotels[0] if hotels else None
    found = next((hotel for hotel in hotels if str(hotel.pk) == given), None)
    if found is None:
        raise Http404
    return found


def rows_of(hotel: Hotel) -> list[dict[str, Any]]:
    """Return each mail with its languages, and whether there are own words. One query."""
    own = set(Wording.objects.filter(hotel=hotel).values_list("kind", "language"))
    return [
        {
            "title": title,
            "when": when,
            "languages": [(Slot(hotel, kind, code), name, (kind, code) in own) for code, name in settings.LANGUAGES],
        }
        for kind, (title, when) in MAILS.items()
    ]
