"""One line of time: what happened to a booking, put in order and threaded by the request that caused it. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Final

BOOKING, PAYMENT, OPERATION, REFUND, REQUEST = "booking", "payment", "operation", "refund", "request"
DISPUTE, DRIFT, EVENT, LINK, QUEUED, SENT = "dispute", "drift", "event", "link", "queued", "sent"
ATTEMPT: Final = "attempt"
MONEY, MAIL, STATUS = "money", "mail", "status"
# What each filter shows; the guest's links are in none of them.
TOPICS: Final = {
    MONEY: frozenset({PAYMENT, OPERATION, REFUND, REQUEST, DISPUTE, DRIFT, EVENT, ATTEMPT}),
    MAIL: frozenset({QUEUED, SENT}),
    STATUS: frozenset({BOOKING}),
}


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that happened: which record tells of it, of which row, when (UTC), and in which request."""

    source: str
    pk: int
    row: int
    at: datetime
    request_id: str
    transition: str = ""

    @property
    def place(self) -> tuple[datetime, str, int]:
        """Where it stands in time; what happened at the same moment always comes in the same order."""
        return self.at, self.source, self.pk


@dataclass(frozen=True, slots=True)
class Group:
    """One click, and what followed from it on the same day."""

    day: date
    lead: Key
    followed: tuple[Key, ...] = ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """All that belongs together."""
        return self.lead, *self.followed


def wanted(keys: Iterable[Key], *, topic: str = "", request_id: str = "") -> list[Key]:
    """Return what a filter keeps: a topic, a request, both, or all for neither; an unknown topic is none."""
    sources = TOPICS.get(topic)
    return [key for key in keys if (sources is None or key.source in sources) and request_id in ("", key.request_id)]


def grouped(keys: Iterable[Key], *, zone: tzinfo) -> list[Group]:
    """Return what happened, newest first; days are those of the hotel's `zone`.

    What one request did stands together in the order in which it happened, unless a day lies between: a refund that
    arrives on Thursday belongs to Thursday. Where no request is known, each record stands alone.
    """
    found: dict[tuple[date, str, str, int], list[Key]] = {}
    for key in sorted(keys, key=lambda each: each.place):
        day = key.at.astimezone(zone).date()
        thread = (day, key.request_id, "", 0) if key.request_id else (day, "", key.source, key.pk)
        found.setdefault(thread, []).append(key)
    groups = [threaded(thread[0], members) for thread, members in found.items()]
    return sorted(groups, key=lambda group: min(key.place for key in group.keys), reverse=True)


def threaded(day: date, members: list[Key]) -> Group:
    """Return one group: what became of the booking leads, or else what came first."""
    lead = next((key for key in members if key.source == BOOKING), members[0])
    return Group(day, lead, tuple(key for key in members if key is not lead))


def predecessors(keys: Iterable[Key]) -> dict[tuple[str, int], int]:
    """Return, for each record, the one before it of the same row, with which its values are compared."""
    newest: dict[tuple[str, int], int] = {}
    older: dict[tuple[str, int], int] = {}
    for key in sorted(keys, key=lambda each: each.place):
        row = (key.source, key.row)
        if row in newest:
            older[key.source, key.pk] = newest[row]
        newest[row] = key.pk
    return older
