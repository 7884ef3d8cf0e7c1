"""The numbers beside the sidebar's entries, which every page shows and every open page asks for all the time."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection
from django.http import HttpRequest

from site_config.today import numbers
from site_config.today.numbers import ANSWERS, BADGES, Counts
from site_config.today.scope import Scope


@dataclass(frozen=True)
class Asker:
    """What decides which numbers somebody learns, and of which rows: who they are, and what they may."""

    pk: int
    rights: frozenset[str] | None
    person: Any = field(compare=False)


class Statement(NamedTuple):
    """A query as the database reads it."""

    keys: tuple[str, ...]
    sql: str
    values: tuple[Any, ...]


def badges(request: HttpRequest) -> dict[str, int]:
    """Return what waits for somebody here, by the keys that the sidebar and the open pages know."""
    counts = of_request(request)
    if not counts:
        return {}
    return {
        "approvals": counts["approvals"],
        "refunds": counts["refunds_owed"] + counts["refunds_external"],
        "requests": counts.get("requests", 0),
        "disputes": counts[ANSWERS],
        "drift": counts["drift"],
        "payments": counts["late"],
        "webhooks": counts.get("webhooks", 0),
        "mails": counts["mails_unread"],
    }


def of_request(request: HttpRequest) -> Counts:
    """Return what the badges show, of all the person's hotels: read once for each request."""
    known: Counts | None = getattr(request, "desk_counts", None)
    if known is None:
        known = counted(request.user)
        request.desk_counts = known  # type: ignore[attr-defined]
    return known


def counted(person: Any) -> Counts:
    """Return the numbers as they are now, in one query."""
    rights = None if person.is_superuser else frozenset(person.get_all_permissions())
    keys, sql, values = statement(Asker(person.pk, rights, person))
    if not keys:
        return {}
    # no history: it only counts
    with connection.cursor() as cursor:
        # no history: it only counts
        cursor.execute(sql, values)
        return dict(zip(keys, cursor.fetchone(), strict=True))


@lru_cache(maxsize=512)
def statement(asker: Asker) -> Statement:
    """Return what asks for a person's numbers.

    Putting these ten queries together took Django longer than all else around a page. None of them depends on
    anything but the person and their rights, not even on the time, so that the same words can be asked again.
    """
    scope = Scope(asker.person)
    columns = numbers.columns_of(scope, BADGES)
    if not columns:
        return Statement((), "", ())
    sql, values = numbers.in_one_row(scope, columns).query.sql_with_params()
    return Statement(tuple(columns), sql, tuple(values))
