"""A model's history as people read it: who, when, what, why, from where, and each value old → new.

Related objects are looked up once per page, not once per row.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import BooleanField, DateField, DateTimeField, Field, ForeignKey, Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin import decided, sides
from bookings.admin.agreed import terms_words
from bookings.admin.transition_names import step_name
from bookings.admin.words import EMPTY, STRIPE_REASONS, chosen_words, day, moment, money, name_of
from bookings.audit import ActorKind
from bookings.models import Hotel

KINDS = {"+": gettext_lazy("Created"), "~": gettext_lazy("Changed"), "-": gettext_lazy("Removed")}
LONGEST = 300
# What the row says anyway (when, by whom), or what is a number of our own for a repeated request.
UNTOLD = ("updated_at", "actor", "actor_kind", "key")
# What says nothing in words: checksums, and when a machine looks next. All values of a row and a proof have them.
TECHNICAL = ("payload_hash", "token_hash", "next_at")
# What says nothing about a row that was just created.
NOTHING: Any = (None, "", [], {}, False)
# Minor units beside those that are called an amount.
MONEY = ("cancellation_fee", "nightly_rate", "four_eyes_threshold", "fee", "seen_left", "price")
# What a booking keeps of the money that moved, which Stripe may have charged in another currency than the price.
CHARGED = ("cancellation_fee", "refund_amount")
WORDS: dict[str, Mapping[str, Any]] = {"guest_language": dict(settings.LANGUAGES), "stripe_reason": STRIPE_REASONS}
IN_WORDS: dict[str, Callable[[Any], str]] = {"terms": terms_words, "ours": sides.words, "theirs": sides.words}
# A hotel's own words are shown whole: this is the only place where removed ones can be read.
IN_WORDS |= {"opening": str, "closing": str, "tried": step_name, "transition": step_name, "action": step_name}
IN_WORDS |= {"filters": chosen_words}
# What an operation was decided with; its words name people and rooms, which are looked up with all others.
DECIDED = "details"


@dataclass(frozen=True)
class Change:
    """One field of one history row."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Row:
    """One line of a history page."""

    record: Any
    at: str
    who: str
    what: str
    subject: str = ""
    changes: list[Change] = field(default_factory=list)


def told_fields(history_model: Any) -> list[Field]:
    """Return the fields that a history follows, without what its rows say anyway."""
    return [each for each in history_model.tracked_fields if not each.primary_key and each.name not in UNTOLD]


def worded_fields(history_model: Any) -> list[Field]:
    """Return the fields whose changes are told in words."""
    return [each for each in told_fields(history_model) if each.name not in TECHNICAL]


def no_subject(record: Any) -> str:
    """Return nothing: the page is about one object."""
    return ""


class Reader:
    """Turns history records of one model into words. Amounts are shown in the record's currency."""

    def __init__(self, history_model: Any, *, hotel: Hotel | None, currency: str) -> None:
        self.model = history_model
        self.hotel, self.currency = hotel, currency
        self.related: dict[type[Model], dict[Any, str]] = {}
        self.many: dict[tuple[str, int], set[Any]] = defaultdict(set)

    @property
    def fields(self) -> list[Field]:
        """The fields that people read of the model."""
        return told_fields(self.model)

    @property
    def worded(self) -> list[Field]:
        """Those whose changes are told."""
        return [each for each in self.fields if each.name not in TECHNICAL]

    def rows(self, records: Sequence[Any], *, subject: Callable[[Any], str] = no_subject) -> list[Row]:
        """Return one row per record, newest first; each is compared with the next older one of its object."""
        self.read_related(records)
        older = follow(records)
        return [self.row(record, older.get(record.history_id), subject(record)) for record in records]

    def row(self, record: Any, older: Any, subject: str) -> Row:
        """Return one record as people read it."""
        at = moment(self.hotel, record.history_date, seconds=True)
        return Row(record, at, who(record), what(record), subject, self.changes(older, record))

    def changes(self, old: Any, new: Any) -> list[Change]:
        """Return the fields that differ; all that are set for an object's first record."""
        return [
            Change(label(each), self.shown(each, old) if old else EMPTY, self.shown(each, new))
            for each in self.worded
            if (value(each, new) != value(each, old) if old else value(each, new) not in NOTHING)
        ] + self.many_changes(old, new)

    def many_changes(self, old: Any, new: Any) -> list[Change]:
        """Return the many-to-many fields that differ."""
        found = []
        for each in self.model._history_m2m_fields:
            before, after = (self.many_shown(each, record) if record else "" for record in (old, new))
            if before != after:
                found.append(Change(label(each), before or EMPTY, after or EMPTY))
        return found

    def many_shown(self, each: Any, record: Any) -> str:
        """Return the names on the other side."""
        names = self.related.get(each.related_model, {})
        keys = self.many[each.name, record.history_id]
        return ", ".join(sorted(names.get(key, f"#{key}") for key in keys))

    def values(self, record: Any) -> list[tuple[str, str]]:
        """Return every value of one version."""
        self.read_related([record])
        shown = [(label(each), self.shown(each, record)) for each in self.fields]
        many = self.model._history_m2m_fields
        return shown + [(label(each), self.many_shown(each, record) or EMPTY) for each in many]

    def shown(self, each: Field, record: Any) -> str:
        """Return one value as people read it."""
        found = value(each, record)
        if found is None or found == "":
            return EMPTY
        if isinstance(each, ForeignKey):
            return self.name(each.related_model, found)
        choices = WORDS.get(each.name) or dict(each.flatchoices)
        if choices:
            return str(choices.get(found, found))
        if isinstance(each, BooleanField):
            return _("Yes") if found else _("No")
        if isinstance(each, DateTimeField):
            return moment(self.hotel, found, seconds=True)
        if is_money(each):
            return money(found, currency_of(each, record) or self.currency)
        if isinstance(each, DateField):
            return day(found)
        return self.in_words(each.name, found, record)

    def in_words(self, name: str, found: Any, record: Any) -> str:
        """Return a value of no kind of field that says how it is read."""
        if name == DECIDED:
            return self.decided(found, record)
        return IN_WORDS.get(name, short)(found)

    def decided(self, details: Any, record: Any) -> str:
        """Return what an operation was decided with."""
        about = decided.About(self.hotel, record.currency or self.currency, self.currency, self.name)
        return decided.words(details, about) or EMPTY

    def name(self, model: type[Model], key: Any) -> str:
        """Return the name of something that the records refer to; its number where it is gone."""
        return self.related.get(model, {}).get(key, f"#{key}")

    def read_many(self, records: Sequence[Any]) -> Iterable[tuple[type[Model], Any]]:
        """Read the many-to-many values of the records: one query for each field."""
        for each in self.model._history_m2m_fields:
            rows = getattr(self.model, each.name).model.objects.filter(
                history_id__in=[record.history_id for record in records]
            )
            for row in rows:
                key = getattr(row, f"{each.m2m_reverse_field_name()}_id")
                self.many[each.name, row.history_id].add(key)
                yield each.related_model, key

    def read_related(self, records: Sequence[Any]) -> None:
        """Read the names of everything that the records refer to: one query for each model."""
        keys: dict[type[Model], set[Any]] = defaultdict(set)
        for model, key in self.referred(records):
            keys[model].add(key)
        self.read_names(keys)

    def referred(self, records: Sequence[Any]) -> Iterable[tuple[type[Model], Any]]:
        """Yield what the records refer to, the other side of many-to-many fields included."""
        yield from self.read_many(records)
        for record in records:
            for each in self.fields:
                if isinstance(each, ForeignKey) and value(each, record) is not None:
                    yield each.related_model, value(each, record)
                elif each.name == DECIDED:
                    yield from decided.referred(value(each, record))

    def read_names(self, keys: Mapping[type[Model], set[Any]]) -> None:
        """Read the names that are not known yet: one query for each model."""
        for model, wanted in keys.items():
            found = model._default_manager.in_bulk(wanted - set(self.related.get(model, {})))
            self.related.setdefault(model, {}).update({key: name_of(row) for key, row in found.items()})


def short(found: Any) -> str:
    """Return any other value as text, cut where it gets too long for a page."""
    if isinstance(found, Decimal):
        return f"{found.normalize():f}"
    text = json.dumps(found, ensure_ascii=False) if isinstance(found, dict | list) else str(found)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def value(each: Field, record: Any) -> Any:
    """Return a field's stored value."""
    return getattr(record, each.attname)


def label(each: Any) -> str:
    """Return a field's name for people."""
    return str(capfirst(each.verbose_name))


def is_money(each: Field) -> bool:
    """Whether a field holds minor units."""
    return "amount" in each.name or each.name in MONEY


def currency_of(each: Field, record: Any) -> str:
    """Return the currency of an amount, if its own row says it; a payment does not say that of the price."""
    charged = getattr(record, "charged_currency", "") if each.name in CHARGED else ""
    return charged or ("" if each.name == "price" else getattr(record, "currency", ""))


def follow(records: Sequence[Any]) -> dict[int, Any]:
    """Return the next older record of the same object for each record, where the page holds it."""
    older: dict[int, Any] = {}
    newest: dict[Any, Any] = {}
    for record in records:
        newer = newest.get(record.id)
        if newer is not None:
            older[newer.history_id] = record
        newest[record.id] = record
    return older


def who(record: Any) -> str:
    """Return the person, or the kind of actor that is no person."""
    person = record.history_user
    if person is not None:
        return name_of(person)
    return str(ActorKind(record.actor_kind).label)


def what(record: Any) -> str:
    """Return the transition in words, or what kind of change it was."""
    if record.transition:
        return step_name(record.transition)
    return str(KINDS[record.history_type])
