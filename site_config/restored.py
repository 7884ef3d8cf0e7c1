"""What has to be done once, right after a backup was restored and before anything else runs.

A restored database does not know what it has lost, but others do: Stripe has payments and refunds that name our rows
by their keys, mails to the hotel lead to pages by theirs, and browsers have sessions that somebody has ended since.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.db.models import Model, Q

from bookings.models import AccessToken, Message, MessageStatus
from payments.models import OperationStatus, PaymentOperation, StripeWebhookEvent

# Far more rows than can have been made between a backup and the moment of its loss.
GAP: Final = 1_000_000
OWN_APPS: Final = ("bookings", "payments", "cancellations", "trail")


@dataclass(frozen=True)
class Restored:
    """What was done, and what a person has to look at. `newest_event` is when Stripe made our last event (UTC)."""

    tables: int
    sessions: int
    open_operations: int
    waiting_mails: int
    live_tokens: int
    newest_event: datetime | None


def begin_again(now: datetime) -> Restored:
    """Leave a gap in the keys of all tables and sign everybody out; return what else there is. It may be repeated.

    Without the gap a new refund could get the key of a lost one, and Stripe's record of that would be taken for it.
    """
    with transaction.atomic():
        tables = [skip_keys(model) for model in own_models()]
        sessions, _ = Session.objects.all().delete()
    tokens = AccessToken.objects.filter(Q(expires_at=None) | Q(expires_at__gt=now), revoked_at=None)
    newest = StripeWebhookEvent.objects.order_by("-created").values_list("created", flat=True).first()
    return Restored(
        tables=len(tables),
        sessions=sessions,
        open_operations=PaymentOperation.objects.filter(status=OperationStatus.PENDING).count(),
        waiting_mails=Message.objects.filter(status=MessageStatus.QUEUED).count(),
        live_tokens=tokens.count(),
        newest_event=newest,
    )


def own_models() -> Iterator[type[Model]]:
    """Yield the product's models, histories too, whose keys the database counts."""
    for app in OWN_APPS:
        for model in apps.get_app_config(app).get_models(include_auto_created=True):
            field: Any = model._meta.auto_field
            if model._meta.managed and not model._meta.proxy and field is not None:
                yield model


def skip_keys(model: type[Model]) -> str:
    """Let a table's keys go on far behind the ones it has ever given, as far as it knows."""
    table, column = model._meta.db_table, str(model._meta.pk.column)
    # no history: the counters of keys, which are no rows
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            skip_on_sqlite(cursor, table, column)
        else:
            skip_on_postgresql(cursor, table, column)
    return table


def skip_on_postgresql(cursor: Any, table: str, column: str) -> None:
    """Move a sequence on: from what it has given out last, or from the greatest key."""
    cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', column])  # no history: counter of keys
    (sequence,) = cursor.fetchone()
    cursor.execute(  # no history: counter of keys
        f"SELECT setval(%s, GREATEST((SELECT last_value FROM {sequence}), "  # noqa: S608  (names from the models)
        f'(SELECT COALESCE(MAX("{column}"), 0) FROM "{table}")) + {GAP})',
        [sequence],
    )


def skip_on_sqlite(cursor: Any, table: str, column: str) -> None:
    """Move the counter of AUTOINCREMENT on; a table that never had a row has none yet."""
    greatest = f'SELECT COALESCE(MAX("{column}"), 0) FROM "{table}"'  # noqa: S608  (names from the models)
    cursor.execute(  # no history: counter of keys
        f"SELECT MAX(COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %s), 0), ({greatest}))",  # noqa: S608
        [table],
    )
    (last,) = cursor.fetchone()
    cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])  # no history: counter of keys
    cursor.execute(
        "INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last + GAP]
    )  # no history: counter of keys
