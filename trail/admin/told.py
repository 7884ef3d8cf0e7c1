"""An entry as people read it: when, who, what, the difference in words, why, and from where."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from bookings.actor import ActorKind
from bookings.admin.history_rows import Change
from bookings.admin.words import moment
from trail.admin.reading import Reading
from trail.admin.scope import Scope
from trail.admin.steps import step_words
from trail.admin.tracked import TRACKED, model_words, page_of, subject_of
from trail.models import Entry

# Told apart at a glance; the word beside it says the same.
ICONS: Final[dict[str, str]] = {
    ActorKind.STAFF: "person",
    ActorKind.GUEST: "luggage",
    ActorKind.STRIPE: "credit_card",
    ActorKind.WORKER: "settings",
    ActorKind.COMMAND: "terminal",
}


@dataclass(frozen=True)
class Told:
    """One line of the explorer."""

    entry: Entry
    record: Any
    at: str
    in_utc: str
    who: str
    kind: str
    icon: str
    model: str
    subject: str
    link: str
    page: str
    step: str
    changes: list[Change]
    reason: str
    ip: str
    browser: str
    is_missing: bool


def told(entries: Iterable[Entry], scope: Scope) -> list[Told]:
    """Return annotated entries as people read them, in their order."""
    reading = Reading(entries, scope)
    return [line(entry, reading) for entry in reading.entries]


def line(entry: Any, reading: Reading) -> Told:
    """Return one entry. Addresses are told to whoever may read them."""
    scope, record = reading.scope, reading.record(entry)
    shows_addresses = scope.shows_addresses
    return Told(
        entry=entry,
        record=record,
        at=moment(scope.hotels.get(entry.chain), entry.at, seconds=True),
        in_utc=f"{moment(None, entry.at, seconds=True)}",
        who=who(entry, reading),
        kind=str(ActorKind(entry.actor_kind).label),
        icon=ICONS[entry.actor_kind],
        model=model_words(entry.model),
        subject=subject_of(entry, record),
        link="" if entry.is_deleted else page_of(entry, scope.user),
        page=reverse("admin:trail_entry_change", args=[entry.pk]),
        step=step_words(entry, record),
        changes=reading.reader(entry).changes(reading.older(entry), record) if record else [],
        reason=(record.history_change_reason or "") if record else "",
        ip=(record.ip or "") if record and shows_addresses else "",
        browser=record.user_agent if record and shows_addresses else "",
        is_missing=record is None and entry.model in TRACKED,
    )


def who(entry: Entry, reading: Reading) -> str:
    """Return the person's name, or the kind of actor that is no person."""
    if entry.user_id is None:
        return _("Command line") if entry.actor_kind == ActorKind.COMMAND else str(ActorKind(entry.actor_kind).label)
    record = reading.record(entry)
    known = reading.scope.people.get(entry.user_id)
    person = getattr(record, "history_user", None)
    return known or (str(person.get_full_name() or person) if person else f"{_('Staff')} #{entry.user_id}")
