"""Where the line of time is read from: the histories of a booking and of all that hangs on it, events and mails.

Which records there are is one query over all of them; what they say is read for one page only, a query for each kind.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import CharField, F, QuerySet, Value

from bookings.admin import timeline as line
from bookings.admin.history_rows import Change, Reader, who
from bookings.admin.timeline import Key
from bookings.admin.timeline_words import WORDS
from bookings.models import Booking, Message, RefusedAttempt
from bookings.retold import retold
from cancellations.models import ManagementToken
from payments.models import (
    Dispute,
    Drift,
    Payment,
    PaymentOperation,
    Refund,
    RefundRequest,
    StripeWebhookEvent,
)

NAMES: Final = ("source", "record", "row", "moment", "thread", "step")
# What the words, the moment, the person and the reason of a record say already.
UNSAID: Final = frozenset(
    {
        "accepted_at",
        "attempt_number",
        "authorized_at",
        "booking",
        "booking_id",
        "cancellation_reason",
        "cancelled_at",
        "cancelled_by",
        "cancelled_by_client",
        "capture_before",
        "captured_at",
        "charged_currency",
        "created_at",
        "currency",
        "decision_made_at",
        "decision_made_by",
        "decision_reason",
        "deleted_at",
        "deleted_by",
        "deletion_reason",
        "first_attempt",
        "found_at",
        "hotel",
        "is_test_data",
        "paid_at",
        "payment",
        "payment_authorized_at",
        "payment_provider",
        "payment_reference",
        "provider",
        "rate_at",
        "refund_processed_at",
        "refunded_at",
        "seen_at",
        "session_expires_at",
        "session_url",
        "stripe_charge_id",
        "stripe_checkout_session_id",
        "unwanted_seen_at",
        "unwanted_since",
        "warned_at",
    }
)


@dataclass(frozen=True)
class Source:
    """One kind of record: its history, and how it is found from a booking."""

    model: Any
    path: str
    # Whether the values that changed are told, beside the words.
    has_values: bool = True
    # Which value of the booking it is found by.
    key: str = "pk"


SOURCES: Final = {
    line.BOOKING: Source(Booking, "pk"),
    line.PAYMENT: Source(Payment, "booking"),
    line.OPERATION: Source(PaymentOperation, "booking", has_values=False),
    line.REFUND: Source(Refund, "payment__booking", has_values=False),
    line.REQUEST: Source(RefundRequest, "booking", has_values=False),
    line.DISPUTE: Source(Dispute, "payment__booking", has_values=False),
    line.DRIFT: Source(Drift, "booking"),
    line.EVENT: Source(StripeWebhookEvent, "booking", has_values=False),
    line.LINK: Source(ManagementToken, "booking", has_values=False),
    line.ATTEMPT: Source(RefusedAttempt, "reference", has_values=False, key="booking_id"),
}
MAILS: Final = {line.QUEUED: "created_at", line.SENT: "sent_at"}


@dataclass(frozen=True)
class Told:
    """One record as the page tells it."""

    key: Key
    what: str
    who: str
    reason: str
    ip: str
    changes: list[Change]


def keys_of(booking: Booking) -> list[Key]:
    """Return what there is to tell about a booking: one query over all its records."""
    parts = [*(recorded(name, booking) for name in SOURCES), *(mailed(name, booking) for name in MAILS)]
    return [Key(*row) for row in parts[0].union(*parts[1:], all=True).order_by()]


def recorded(name: str, booking: Booking) -> QuerySet[Any, Any]:
    """Return the keys of one history."""
    source = SOURCES[name]
    rows = source.model.objects.filter(**{source.path: getattr(booking, source.key)}).values("pk")
    records = source.model.history.filter(id__in=rows)
    if name == line.LINK:
        records = records.exclude(history_type="+")  # every mail makes one
    if name == line.ATTEMPT:
        records = records.filter(history_type="+")  # later ones only tell that its guest was erased
    found: QuerySet[Any, Any] = named(
        records, name, record="history_id", row="id", moment="history_date", step="transition"
    )
    return found


def mailed(name: str, booking: Booking) -> QuerySet[Any, Any]:
    """Return the keys of the mails that were written, or sent."""
    mails = Message.objects.filter(booking=booking, **{f"{MAILS[name]}__isnull": False})
    return named(mails, name, record="id", row="id", moment=MAILS[name], step="kind")


def named(rows: QuerySet[Any], name: str, **columns: str) -> QuerySet[Any, Any]:
    """Return the columns of a key, called alike in every table."""
    said = {alias: F(column) for alias, column in columns.items()}
    source = Value(name, output_field=CharField())
    return rows.order_by().annotate(source=source, thread=F("request_id"), **said).values_list(*NAMES)


def told(booking: Booking, keys: Iterable[Key], older: dict[tuple[str, int], int]) -> dict[Key, Told]:
    """Return what some records say; `older` names the one that each is compared with."""
    by_source: dict[str, list[Key]] = {}
    for key in keys:
        by_source.setdefault(key.source, []).append(key)
    # One memory of names for all, so that nobody is looked up twice.
    names: dict[Any, dict[Any, str]] = {}
    found: dict[Key, Told] = {}
    mails = Message.objects.in_bulk({key.pk for name in MAILS for key in by_source.get(name, [])})
    for name, members in by_source.items():
        if name in MAILS:
            found |= {key: Told(key, WORDS[name](mails[key.pk]), "", "", "", []) for key in members}
        else:
            found |= records_told(booking, name, members, older, names)
    return found


def records_told(
    booking: Booking,
    name: str,
    keys: list[Key],
    older: dict[tuple[str, int], int],
    names: dict[Any, dict[Any, str]],
) -> dict[Key, Told]:
    """Return what the records of one kind say."""
    source = SOURCES[name]
    before = {key: older.get((name, key.pk)) for key in keys} if source.has_values else {}
    wanted = {key.pk for key in keys} | {pk for pk in before.values() if pk is not None}
    rows = source.model.history.filter(history_id__in=wanted).select_related("history_user")
    records = {row.history_id: row for row in rows}
    reader = ValuesReader(source.model.history.model, hotel=booking.hotel, currency=booking.currency)
    reader.related = names
    if source.has_values:
        reader.read_related(list(records.values()))
        compared = {key: reader.changes(records.get(before[key] or 0), records[key.pk]) for key in keys}
    else:
        compared = {key: [] for key in keys}
    return {key: as_told(key, records[key.pk], compared[key]) for key in keys}


def as_told(key: Key, record: Any, changes: list[Change]) -> Told:
    """Return one record in words."""
    reason = retold(record.history_change_reason or "")
    return Told(key, WORDS[key.source](record), who(record), reason, record.ip or "", changes)


class ValuesReader(Reader):
    """Reads the values that mean something to a receptionist."""

    @property
    def fields(self) -> list[Any]:
        """The fields that are told."""
        return [each for each in super().fields if each.name not in UNSAID]
