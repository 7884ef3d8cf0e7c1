"""Cancellations: when, why, by which rule, by whom, how long before, and what was kept and returned."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any, Final, NamedTuple

from django.db.models import OuterRef, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from bookings.admin.agreed import at_least
from bookings.admin.reports.figures import (
    COUNT,
    MONEY,
    PERCENT,
    TOTAL,
    Column,
    Figures,
    Part,
    Report,
    Row,
    Table,
    currencies,
    percent,
)
from bookings.admin.reports.months import month_of, month_rows
from bookings.admin.reports.scope import Scope, read, rows
from bookings.models import Booking, BookingStatus
from cancellations import calculator
from cancellations.cancel import GUEST_REASON, QUOTE_LASTS
from cancellations.recorded import BY_AGREEMENT, NOT_CONFIRMED
from cancellations.wording import CANCEL_REASONS
from payments.models import Payment, PaymentOperation
from payments.money import Rate

BY_GUEST, BY_STAFF, BY_SYSTEM = "guest", "staff", "system"
OWN_WORDS: Final = "own words"
NO_REASON: Final = "none"
# From so many days before check-in on; the last two are the day itself, and later.
NOTICE: Final = ((30, "30+"), (14, "14-29"), (7, "7-13"), (3, "3-6"), (1, "1-2"), (0, "same day"))
AFTER: Final = "after"
MOST: Final = 10**15
MONTH, REASON, TIER, WHO, BEFORE = "month", "reason", "tier", "who", "notice"


class Cancelled(NamedTuple):
    """What a report reads of one cancelled booking. Moments are UTC, amounts minor units."""

    pk: int
    hotel: int
    at: Any
    by_id: int | None
    by_client: bool
    reason: str
    fee: int | None
    refund: int | None
    currency: str
    charged: str
    check_in: Any
    terms: Any
    was: str | None
    asked_at: Any
    rate: Decimal | None

    @property
    def money(self) -> str:
        """The currency of fee and refund."""
        return self.charged or self.currency


def cancelled(scope: Scope) -> Iterator[Cancelled]:
    """Yield the bookings cancelled within the scope."""
    history = rows(Booking.history.model).filter(id=OuterRef("pk")).exclude(status=BookingStatus.CANCELLED)
    asked = rows(PaymentOperation).filter(booking=OuterRef("pk"), transition="cancel").order_by("-id")
    charged = rows(Payment).filter(booking=OuterRef("pk"), currency=OuterRef("charged_currency")).order_by("-id")
    found = rows(Booking).filter(scope.of_hotels(), scope.between("cancelled_at"), status=BookingStatus.CANCELLED)
    found = found.annotate(
        was=Subquery(history.order_by("-history_id").values("status")[:1]),
        asked_at=Subquery(asked.values("created_at")[:1]),
        rate=Subquery(charged.values("exchange_rate")[:1]),
    ).values_list(
        *("pk", "hotel", "cancelled_at", "cancelled_by", "cancelled_by_client", "cancellation_reason"),
        *("cancellation_fee", "refund_amount", "currency", "charged_currency", "check_in", "terms"),
        *("was", "asked_at", "rate"),
    )
    for values in read(found):
        row = Cancelled(*values)
        if scope.wants(row.money):
            yield row


def parts(scope: Scope) -> Iterator[Part]:
    """Yield what each cancellation, and each booking made, adds to which figure."""
    for row in cancelled(scope):
        for table, key in keys(row, scope):
            yield Part(row.pk, (table, key, "count"), 1)
            if row.fee:
                yield Part(row.pk, (table, key, f"kept {row.money}"), row.fee, row.money)
            if row.refund:
                yield Part(row.pk, (table, key, f"refunded {row.money}"), row.refund, row.money)
    yield from made(scope)


def keys(row: Cancelled, scope: Scope) -> Iterator[tuple[str, str]]:
    """Yield each table with the row in which a cancellation counts, and with the sum of all rows."""
    day = scope.local(row.hotel, row.at)
    counted = {
        MONTH: month_of(day),
        REASON: reason_of(row),
        TIER: tier_of(row),
        WHO: who(row),
        BEFORE: notice((row.check_in - day).days),
    }
    for table, key in counted.items():
        yield table, key
        yield table, TOTAL


def made(scope: Scope) -> Iterator[Part]:
    """Yield the bookings that were made within the scope: whatever became of them, but for drafts."""
    found = rows(Booking).filter(scope.of_hotels(), scope.between("created_at")).exclude(status=BookingStatus.DRAFT)
    for pk, hotel, at, currency, charged in read(
        found.values_list("pk", "hotel", "created_at", "currency", "charged_currency")
    ):
        if scope.wants(charged or currency):
            yield Part(pk, (MONTH, month_of(scope.local(hotel, at)), "made"), 1)
            yield Part(pk, (MONTH, TOTAL, "made"), 1)


def who(row: Cancelled) -> str:
    """Return which side cancelled."""
    if row.by_client:
        return BY_GUEST
    return BY_STAFF if row.by_id else BY_SYSTEM


def reason_of(row: Cancelled) -> str:
    """Return the reason that was chosen; what people typed themselves counts as one kind for each side."""
    text = row.reason.strip()
    if not text:
        return NO_REASON
    chosen = next(
        (each for each in (GUEST_REASON, *CANCEL_REASONS) if text == each or text.startswith(f"{each}: ")), ""
    )
    return chosen or f"{OWN_WORDS} {who(row)}"


def notice(days: int) -> str:
    """Return how long before check-in, in whole days of the hotel's calendar."""
    return next((key for least, key in NOTICE if days >= least), AFTER)


def tier_of(row: Cancelled) -> str:
    """Return the rule that the fee came from, as a single booking's page tells it (`cancellations.recorded`)."""
    if not row.terms or row.was != BookingStatus.CONFIRMED:
        return NOT_CONFIRMED
    decided = row.asked_at or row.at
    left = (row.fee or 0) + (row.refund or 0)
    for moment in (decided, decided - timedelta(seconds=QUOTE_LASTS)):
        tier = calculator.tier_at(row.terms, row.check_in, moment)
        if min(left, fee_of(row, tier)) == row.fee:
            return calculator.rule(tier)
    return BY_AGREEMENT


def fee_of(row: Cancelled, tier: calculator.Tier) -> int:
    """Return the tier's fee, in minor units of what was charged."""
    fee = calculator.policy_fee(tier, row.terms)
    if row.rate is None or not row.charged:
        return fee
    return Rate(base=row.currency, target=row.charged, value=row.rate, source="", at=row.at).convert(fee)


def tables(scope: Scope, figures: Figures) -> list[Table]:
    """Lay the figures out, one table for each question."""
    return [
        table(scope, figures, MONTH, _("By month of cancellation"), _("Month"), month_rows(scope), charted="count"),
        table(scope, figures, REASON, _("By reason"), _("Reason"), found_rows(figures, REASON, reason_name)),
        table(
            scope,
            figures,
            TIER,
            _("By tier of the agreed terms"),
            _("Tier"),
            found_rows(figures, TIER, partial(tier_name, scope=scope)),
        ),
        table(scope, figures, WHO, _("By who cancelled"), _("Who"), found_rows(figures, WHO, who_name)),
        table(
            scope,
            figures,
            BEFORE,
            _("By notice, in days before check-in"),
            _("Notice"),
            [Row(key, notice_name(key)) for key in (*(key for _least, key in NOTICE), AFTER)],
            charted="count",
        ),
    ]


def table(
    scope: Scope, figures: Figures, name: str, title: str, head: str, lines: list[Row], *, charted: str = ""
) -> Table:
    """Return one table with its sum, and its columns for each currency in which anything was kept or returned."""
    lines = [*lines, Row(TOTAL, pgettext("sum of the rows", "Total"))]
    of_made = name == MONTH
    money = [
        Column(f"{key} {currency}", f"{label} {currency}", MONEY, currency)
        for currency in currencies(figures, "kept", "refunded")
        for key, label in (("kept", _("Kept")), ("refunded", _("Returned")))
    ]
    share = Column("share", _("Per booking made") if of_made else _("Share"), PERCENT)
    counted = [Column("count", _("Cancellations"), COUNT), *([Column("made", _("Bookings made"))] if of_made else [])]
    return Table(
        name,
        title,
        head,
        lines,
        [*counted, share, *money],
        shares(figures, name, lines, of_made=of_made),
        charted,
        _("Cancellations of a month compared with the bookings that were made in it.") if of_made else "",
    )


def shares(figures: Figures, name: str, lines: list[Row], *, of_made: bool) -> dict[tuple[str, str, str], int]:
    """Return each row's share in tenths of a percent: of the bookings made, or of all cancellations."""
    found = {}
    for line in lines:
        whole = figures.get((name, line.key, "made") if of_made else (name, TOTAL, "count"), 0)
        share = percent(figures.get((name, line.key, "count"), 0), whole)
        if share is not None:
            found[name, line.key, "share"] = share
    return found


def found_rows(figures: Figures, name: str, name_of: Any) -> list[Row]:
    """Return the rows that something counts in, the most frequent first."""
    found = {row: count for (table, row, column), count in figures.items() if (table, column) == (name, "count")}
    found.pop(TOTAL, None)
    return [Row(key, name_of(key)) for key in sorted(found, key=lambda key: (-found[key], key))]


def reason_name(key: str) -> str:
    """Return a reason for people."""
    names = {
        NO_REASON: _("No reason given"),
        GUEST_REASON: _("Guest, by the link, without a reason"),
        f"{OWN_WORDS} {BY_GUEST}": _("The guest's own words"),
        f"{OWN_WORDS} {BY_STAFF}": _("Staff's own words"),
        f"{OWN_WORDS} {BY_SYSTEM}": _("Other words"),
    }
    return names[key] if key in names else _(key)


def tier_name(key: str, scope: Scope) -> str:
    """Return a rule for people; the last tier of a policy by what it keeps alone, as it may be the only one, too."""
    tier = calculator.of_rule(key)
    if tier is None:
        return {NOT_CONFIRMED: _("Not confirmed yet: free"), BY_AGREEMENT: _("By agreement: another fee was chosen")}[
            key
        ]
    # One amount may stand in the policies of hotels with different currencies.
    fee = " / ".join(
        dict.fromkeys(calculator.describe(tier, any_stay(each)) for each in sorted(currencies_of(scope)))
    )
    return at_least(tier, fee) if tier["at_least"] else fee


def currencies_of(scope: Scope) -> set[str]:
    """Return the currencies in which the hotels' policies name amounts."""
    return {hotel.currency for hotel in scope.hotels}


def any_stay(currency: str) -> Any:
    """Return terms of a stay so long and dear that no fee of a tier is all of it."""
    return {"nights": MOST, "price": MOST, "currency": currency}


def who_name(key: str) -> str:
    """Return a side for people."""
    return {BY_GUEST: _("The guest"), BY_STAFF: _("Staff"), BY_SYSTEM: _("The system")}[key]


def notice_name(key: str) -> str:
    """Return how long before, for people."""
    named = {"30+": _("30 or more"), "14-29": "14–29", "7-13": "7–13", "3-6": "3–6", "1-2": "1–2"}
    return {**named, "same day": _("Same day"), AFTER: _("After check-in day")}[key]


CANCELLATIONS: Final = Report(
    "cancellations",
    gettext_lazy("Cancellations"),
    gettext_lazy(
        "Bookings by the day on which they were cancelled. Deleted bookings count, too. Kept and returned is what "
        "was decided at the cancellation; what moved when is in “Taken and returned”."
    ),
    parts,
    tables,
)
