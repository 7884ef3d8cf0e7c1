"""What a person has chosen above the explorer, from the address: every filter narrows the list further.

A word that no filter knows shows nothing, so that a wrong address never shows more than was asked for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, Final

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bookings.actor import ActorKind
from trail.admin import steps
from trail.admin.says import says
from trail.admin.scope import Scope
from trail.admin.searched import found_by
from trail.admin.tracked import TRACKED, fields_of, model_words
from trail.models import Entry

LABELS: Final[dict[str, Any]] = {
    "q": gettext_lazy("Search"),
    "by": gettext_lazy("By"),
    "hotel": gettext_lazy("Hotel"),
    "model": gettext_lazy("What"),
    "object": gettext_lazy("Number"),
    "field": gettext_lazy("Changed"),
    "step": gettext_lazy("Transition"),
    "since": pgettext_lazy("first day", "From"),
    "until": pgettext_lazy("last day", "To"),
    "reference": gettext_lazy("Reference"),
    "request": gettext_lazy("Request"),
}
LONGEST: Final = 80


@dataclass(frozen=True)
class Chip:
    """One filter that is set, and the address without it."""

    label: str
    words: str
    link: str


@dataclass(frozen=True)
class Chosen:
    """The filters of one address."""

    scope: Scope
    form: forms.Form
    given: dict[str, str]

    @property
    def is_known(self) -> bool:
        """Whether every filter is one that can be chosen."""
        return self.form.is_valid()

    @property
    def values(self) -> dict[str, Any]:
        """The filters that are set and understood."""
        self.form.is_valid()
        return {name: value for name, value in self.form.cleaned_data.items() if value not in ("", None)}

    @property
    def zone(self) -> tuple[tzinfo, str]:
        """In which zone days begin, and its name: the hotel's own, or UTC where several share the list."""
        hotels = [self.scope.hotels[int(pk)]] if (pk := self.chain) and int(pk) else list(self.scope.hotels.values())
        zones = {hotel.time_zone: hotel for hotel in hotels}
        if len(zones) != 1:
            return UTC, "UTC"
        (hotel,) = zones.values()
        return hotel.zone, hotel.city

    @property
    def chain(self) -> str:
        """The hotel that is chosen, if any."""
        return str(self.values.get("hotel", ""))

    def entries(self) -> QuerySet[Entry]:
        """Return what is asked for."""
        rows = self.scope.entries()
        if not self.is_known:
            return rows.none()
        for name, value in self.values.items():
            rows = APPLY[name](rows, value, self)
        return rows

    def address(self, **changed: str) -> str:
        """Return the query of an address with other filters, from nothing but what is known here."""
        query = QueryDict(mutable=True)
        for name in LABELS:
            if value := changed.get(name, self.given.get(name, "")):
                query[name] = value
        for name in ("older", "newer"):
            if name in changed:
                query[name] = changed[name]
        return f"?{query.urlencode()}"

    def chips(self) -> list[Chip]:
        """Return what is set, in words; a field goes with the model that it is of."""
        return [
            Chip(str(LABELS[name]), self.words(name, value), self.address(**dict.fromkeys(with_it(name), "")))
            for name, value in self.given.items()
        ]

    def words(self, name: str, value: str) -> str:
        """Return what a filter is set to, as its list says it."""
        field = self.form.fields[name]
        if isinstance(field, forms.ChoiceField):
            return flat(field.choices).get(value, value)
        return value


def with_it(name: str) -> tuple[str, ...]:
    """Return what is removed together: fields and numbers mean nothing without their model."""
    return ("model", "field", "object") if name == "model" else (name,)


def chosen(query: QueryDict, scope: Scope) -> Chosen:
    """Return the filters of an address."""
    given = {name: value.strip()[:LONGEST] for name in LABELS if (value := query.get(name, "")).strip()}
    if given.get("model") not in TRACKED:
        given.pop("field", None)
    if "step" in given:
        given["step"] = steps.alike(given["step"])[0]
    return Chosen(scope, form(given, scope), given)


def form(given: Mapping[str, str], scope: Scope) -> forms.Form:
    """Return the fields above the list."""
    fields: dict[str, forms.Field] = {
        "q": forms.CharField(required=False, widget=forms.TextInput(attrs={"type": "search"})),
        "by": choice(_("Anybody"), [*by_kind(), (_("Staff"), people(scope))]),
        "hotel": choice(_("All hotels"), [(str(pk), name) for pk, name in scope.chains.items()]),
        "model": choice(_("Everything"), models(scope)),
        "field": choice(_("Any field"), list(fields_of(given.get("model", "")).items())),
        "step": choice(_("Any transition"), steps.choices()),
        "since": forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")),
        "until": forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")),
        "reference": forms.CharField(required=False),
        "request": forms.CharField(required=False),
        "object": forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1),
    }
    for name, field in fields.items():
        field.label = str(LABELS[name])
    kind = type("ExplorerForm", (forms.Form,), fields)
    made: forms.Form = kind(dict(given))
    return made


def choice(nothing: str, choices: list[Any]) -> forms.ChoiceField:
    """Return a list to choose from, or nothing of it."""
    return forms.ChoiceField(required=False, choices=[("", nothing), *choices])


def by_kind() -> list[tuple[str, str]]:
    """Return the kinds of actor."""
    names = {ActorKind.STAFF: _("Any member of staff"), ActorKind.COMMAND: _("Command line")}
    return [(str(kind.value), str(names.get(kind, kind.label))) for kind in ActorKind]


def people(scope: Scope) -> list[tuple[str, str]]:
    """Return the people who may have acted."""
    return [(str(pk), name) for pk, name in scope.people.items()]


def models(scope: Scope) -> list[tuple[str, str]]:
    """Return what a person may see, in the order of its words."""
    shown = ((name, model_words(name)) for name in TRACKED if name not in scope.hidden)
    return sorted(shown, key=lambda pair: pair[1])


def flat(choices: Any) -> dict[str, str]:
    """Return the choices of a list without its groups."""
    found: dict[str, str] = {}
    for value, words in choices:
        found |= dict(words) if isinstance(words, list | tuple) else {str(value): str(words)}
    return found


def by(rows: QuerySet[Entry], value: str, asked: Chosen) -> QuerySet[Entry]:
    """Keep what a person did, or a kind of actor."""
    return rows.filter(user_id=int(value)) if value.isdecimal() else rows.filter(actor_kind=value)


def moment(day: date, zone: tzinfo) -> datetime:
    """Return when a day begins in a zone."""
    return datetime.combine(day, time.min, tzinfo=zone)


def until(rows: QuerySet[Entry], value: date, asked: Chosen) -> QuerySet[Entry]:
    """Keep what happened before a day's end; nothing lies behind the end of the calendar."""
    following = value + timedelta(days=1) if value < date.max else value
    return rows.filter(at__lt=moment(following, asked.zone[0]))


APPLY: Final[dict[str, Callable[[QuerySet[Entry], Any, Chosen], QuerySet[Entry]]]] = {
    "q": lambda rows, value, asked: rows.filter(found_by(value)),
    "by": by,
    "hotel": lambda rows, value, asked: rows.filter(chain=int(value)),
    "model": lambda rows, value, asked: rows.filter(model=value),
    "object": lambda rows, value, asked: rows.filter(Q(object_id=value)),
    "field": lambda rows, value, asked: rows.filter(says("changed", value)),
    "step": lambda rows, value, asked: rows.filter(transition__in=steps.alike(value)),
    "since": lambda rows, value, asked: rows.filter(at__gte=moment(value, asked.zone[0])),
    "until": until,
    "reference": lambda rows, value, asked: rows.filter(reference=value.upper()),
    "request": lambda rows, value, asked: rows.filter(request_id=value),
}
