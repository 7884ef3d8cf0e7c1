"""Whose history a person may read: of their hotels, and of the installation where they see all of it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bookings import reading
from bookings.admin.words import name_of
from bookings.models import Hotel, User
from trail.admin.tracked import TRACKED
from trail.models import INSTALLATION, Entry

# Who may see members of staff may see what is written about them.
STAFF_RIGHT: Final = "bookings.view_user"


@dataclass(frozen=True)
class Scope:
    """A person's hotels, and whether these are all that there are."""

    user: Any
    hotels: dict[int, Hotel]
    is_everywhere: bool

    @property
    def sees_installation(self) -> bool:
        """Whether they read what belongs to no hotel: it tells of the staff of every one."""
        return self.is_everywhere and self.user.has_perm(STAFF_RIGHT)

    @property
    def shows_addresses(self) -> bool:
        """Whether they read from where somebody acted, which is about a person."""
        return bool(self.user.has_perm("bookings.export_guest"))

    @cached_property
    def chains(self) -> dict[int, str]:
        """The chains that they may read, by name; the installation's comes last."""
        own = {pk: hotel.name for pk, hotel in self.hotels.items()}
        return own | {INSTALLATION: _("Installation")} if self.sees_installation else own

    @cached_property
    def hidden(self) -> list[str]:
        """The models that they may not see in the admin, so that their history stays closed as well."""
        return [name for name, model in TRACKED.items() if not may_view(self.user, model)]

    @cached_property
    def people(self) -> dict[int, str]:
        """The names of everybody who may act in these hotels, owners among them; one query."""
        rows = User.objects.all()
        if not self.is_everywhere:
            rows = rows.filter(
                Q(is_superuser=True) | Q(pk__in=User.objects.filter(hotels__in=self.hotels).values("pk"))
            )
        found = sorted((name_of(person), person.pk) for person in rows)
        return {pk: name for name, pk in found}

    def entries(self) -> QuerySet[Entry]:
        """Return what they may read. An owner's list needs no filter, so that it is read from one index."""
        rows = Entry.objects.using(reading.database()).all()
        if not (self.is_everywhere and self.sees_installation):
            rows = rows.filter(chain__in=list(self.chains))
        return rows.exclude(model__in=self.hidden) if self.hidden else rows


def scope_of(user: Any) -> Scope:
    """Return a person's scope: one query, and another one for who is no owner."""
    own = {hotel.pk: hotel for hotel in user.visible_hotels()}
    return Scope(user, own, is_everywhere(user, own))


def is_everywhere(user: Any, own: dict[int, Hotel]) -> bool:
    """Whether a person sees every hotel: as an owner, or since all of them are theirs."""
    if user.only_hotel_id is not None:
        return False
    return user.is_superuser or not Hotel.objects.exclude(pk__in=own).exists()


def may_view(user: Any, model: Any) -> bool:
    """Whether a person may see a model's rows. What has no page of its own is part of what has one."""
    if not admin.site.is_registered(model):
        return True
    return bool(user.has_perm(f"{model._meta.app_label}.view_{model._meta.model_name}"))
