"""A booking as it was at a moment: its fields, and the sums of its payments and refunds, from the history alone."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.http import Http404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import reading
from bookings.admin.words import moment, money
from bookings.models import Booking, Hotel
from payments.models import COMMITTED_REFUNDS, Payment, Refund
from trail.admin.reading import EntryReader
from trail.admin.scope import Scope

A_SECOND: Final = timedelta(seconds=1)
ERASABLE: Final = frozenset({"guest_name", "guest_email", "guest_phone", "notes"})


@dataclass(frozen=True)
class Line:
    """One field or sum: then and now."""

    label: str
    then: str
    now: str

    @property
    def differs(self) -> bool:
        """Whether it has changed since."""
        return self.then != self.now


def context(pk: int, asked: str, scope: Scope) -> dict[str, Any]:
    """Return everything that the page draws; 404 for a booking that the person may not see, deleted ones included."""
    newest = history(Booking, id=pk).filter(hotel__in=scope.hotels).first()
    if newest is None:
        raise Http404
    hotel = scope.hotels[newest.hotel_id]
    at, is_understood = at_of(asked, hotel)
    record = history(Booking, id=pk).filter(history_date__lt=at).first()
    return {
        "booking": newest.booking_id,
        "hotel": hotel,
        "given": f"{hotel.local(at - A_SECOND):%Y-%m-%dT%H:%M:%S}",
        "shown_at": moment(hotel, at - A_SECOND, seconds=True),
        "in_utc": moment(None, at - A_SECOND, seconds=True),
        "is_understood": is_understood,
        "exists": record is not None and record.history_type != "-",
        "lines": lines(record, newest, hotel, scope) if record else [],
        "sums": sums(pk, at, newest.currency) if record else [],
        "link": page_of(pk, newest),
        "explorer": f"{reverse('admin:trail_entry_changelist')}?reference={newest.booking_id}",
    }


def history(model: Any, **kept: Any) -> Any:
    """Return a model's history rows, the newest first."""
    return model.history.using(reading.database()).filter(**kept).order_by("-history_date", "-history_id")


def at_of(asked: str, hotel: Hotel) -> tuple[datetime, bool]:
    """Return the end of the second that is asked for, in the hotel's zone; now for what is no moment."""
    try:
        found = datetime.fromisoformat(asked).replace(tzinfo=hotel.zone, microsecond=0)
        return found.astimezone(timezone.get_default_timezone()) + A_SECOND, True
    except (ValueError, OverflowError):
        return timezone.now().replace(microsecond=0) + A_SECOND, not asked


def lines(record: Any, newest: Any, hotel: Hotel, scope: Scope) -> list[Line]:
    """Return every field then and now. What was erased since is erased in both."""
    reader = EntryReader(Booking.history.model, erased={}, changed={}).of(hotel)
    if newest.guest_erased_at:
        reader.erased = dict.fromkeys((record.history_id, newest.history_id), ERASABLE)
    reader.read_related([record, newest])
    now = dict(reader.values(newest))
    return [Line(name, then, now[name]) for name, then in reader.values(record)]


def sums(pk: int, at: datetime, currency: str) -> list[Line]:
    """Return what was held, captured, and on its way back, then and now; per currency, never added across them."""
    then, now = (amounts(pk, before) for before in (at, None))
    said = (("authorized", _("Authorized")), ("captured", _("Captured")), ("refunded", _("Refunds")))
    codes = sorted({code for _name, code in then | now} or {currency})
    return [Line(label, shown(then, name, code), shown(now, name, code)) for code in codes for name, label in said]


def shown(found: dict[tuple[str, str], int], name: str, code: str) -> str:
    """Return one sum in words."""
    return money(found.get((name, code), 0), code)


def amounts(pk: int, before: datetime | None) -> dict[tuple[str, str], int]:
    """Return the sums of the newest rows before a moment, in minor units, by name and currency."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    payments = newest_of(Payment, before, booking=pk)
    for row in payments:
        found["authorized", row.currency] += row.amount_authorized
        found["captured", row.currency] += row.amount_captured
    for row in newest_of(Refund, before, payment__in=[row.id for row in payments]):
        if row.status in COMMITTED_REFUNDS:
            found["refunded", row.currency] += row.amount
    return found


def newest_of(model: Any, before: datetime | None, **kept: Any) -> Iterable[Any]:
    """Return the newest history row of each object, before a moment or of all times."""
    rows = history(model, **kept)
    if before is not None:
        rows = rows.filter(history_date__lt=before)
    newest: dict[int, Any] = {}
    for row in rows:
        newest.setdefault(row.id, row)
    return list(newest.values())


def page_of(pk: int, newest: Any) -> str:
    """Return the booking's page, unless it was deleted for good."""
    return "" if newest.history_type == "-" else reverse("admin:bookings_booking_change", args=[pk])
