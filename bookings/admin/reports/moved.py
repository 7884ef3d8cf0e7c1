"""Money: what was taken, returned and lost in disputes, by the day on which it moved. Derived as the ledger does."""

from collections.abc import Iterator
from typing import Any, Final

from django.db.models import F, Max, Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from bookings.admin.reports.figures import MONEY, TOTAL, Column, Figures, Part, Report, Row, Table
from bookings.admin.reports.months import month_of, month_rows
from bookings.admin.reports.scope import Scope, read, rows
from bookings.models import Booking, BookingStatus
from payments import ledger
from payments.models import CAPTURED, CLOSED_DISPUTES, Dispute, Payment, Refund, RefundStatus

SIGNS: Final = {"captured": 1, "refunded": -1, "lost": -1}
# A hotel's money in one currency.
type Purse = tuple[int, str]

LOST: Final = Q(status__in=CLOSED_DISPUTES, is_withdrawn=True)


def parts(scope: Scope) -> Iterator[Part]:
    """Yield each movement, in its month and in the sum, in the table of its hotel and currency."""
    for column, found in (("captured", captured), ("refunded", refunded), ("lost", lost)):
        for booking, hotel, at, amount, currency in found(scope):
            month = month_of(scope.local(hotel, at))
            yield from placed(booking, (hotel, currency), month, column, amount)
            yield from placed(booking, (hotel, currency), month, "net", SIGNS[column] * amount)
    for booking, hotel, month, amount, currency in kept(scope):
        yield from placed(booking, (hotel, currency), month, "kept", amount)


def placed(booking: int, purse: Purse, month: str, column: str, amount: int) -> Iterator[Part]:
    """Yield an amount in its month and in the sum."""
    for row in (month, TOTAL):
        yield Part(booking, (table_name(purse), row, column), amount, purse[1])


def table_name(purse: Purse) -> str:
    """Return the name of the table of one hotel and currency."""
    return f"{purse[0]}-{purse[1]}"


def of_payments(scope: Scope, *, to_payment: str = "") -> Q:
    """Keep what belongs to the scope's hotels, method and currency."""
    booking = f"{to_payment}booking__"
    wanted = scope.of_hotels(hotel=f"{booking}hotel", booking=booking)
    return wanted & Q(**{f"{to_payment}currency": scope.currency}) if scope.currency else wanted


def captured(scope: Scope) -> Iterator[Any]:
    """Yield what was taken: booking, hotel, moment, minor units, currency."""
    found = rows(Payment).filter(of_payments(scope), status__in=CAPTURED)
    found = found.filter(scope.between("captured_at", hotel="booking__hotel"))
    yield from read(found.values_list("booking", "booking__hotel", "captured_at", "amount_captured", "currency"))


def refunded(scope: Scope) -> Iterator[Any]:
    """Yield what went back, through Stripe or by hand, in the same order."""
    found = rows(Refund).filter(of_payments(scope, to_payment="payment__"), status=RefundStatus.SUCCEEDED)
    found = found.filter(scope.between("succeeded_at", hotel="payment__booking__hotel"))
    yield from read(
        found.values_list(
            "payment__booking", "payment__booking__hotel", "succeeded_at", "amount", "payment__currency"
        )
    )


def lost(scope: Scope) -> Iterator[Any]:
    """Yield what banks gave back to guests for good, when the last of a payment's disputes was lost."""
    ended = Max("disputes__closed_at", filter=Q(disputes__status__in=CLOSED_DISPUTES, disputes__is_withdrawn=True))
    found = rows(Payment).filter(of_payments(scope)).exclude(disputed_at=None).annotate(lost_at=ended)
    found = found.filter(scope.between("lost_at", hotel="booking__hotel")).annotate(at_hotel=F("booking__hotel"))
    for payment in read(found.prefetch_related(Prefetch("disputes", rows(Dispute).filter(LOST), to_attr="taken"))):
        amount = min(ledger.not_refunded(payment), sum(ledger.taken_by(each, payment) for each in payment.taken))
        yield payment.booking_id, payment.at_hotel, payment.lost_at, amount, payment.currency


def kept(scope: Scope) -> Iterator[tuple[int, int, str, int, str]]:
    """Yield the fees of stays that were cancelled, and of guests who never came, in the month of their check-in."""
    no_show = Q(status=BookingStatus.NO_SHOW, check_in__gte=scope.first, check_in__lte=scope.last)
    gone = Q(status=BookingStatus.CANCELLED) & scope.between("cancelled_at")
    found = rows(Booking).filter(scope.of_hotels(), no_show | gone, cancellation_fee__gt=0)
    names = ("pk", "hotel", "status", "cancelled_at", "check_in", "cancellation_fee", "currency", "charged_currency")
    for pk, hotel, status, at, check_in, fee, currency, charged in read(found.values_list(*names)):
        if scope.wants(charged or currency):
            day = check_in if status == BookingStatus.NO_SHOW else scope.local(hotel, at)
            yield pk, hotel, month_of(day), fee, charged or currency


def tables(scope: Scope, figures: Figures) -> list[Table]:
    """Lay the figures out: a table for each hotel and currency in which anything moved."""
    names = {table for table, _row, _column in figures}
    purses = {(hotel.pk, currency) for hotel in scope.hotels for currency in of_hotel(hotel.pk, names)}
    return [table(scope, purse) for purse in sorted(purses, key=lambda each: (str(scope.by_key[each[0]]), each))]


def of_hotel(hotel: int, names: set[str]) -> list[str]:
    """Return the currencies in which anything moved in a hotel."""
    return [name.partition("-")[2] for name in names if name.partition("-")[0] == str(hotel)]


def table(scope: Scope, purse: Purse) -> Table:
    """Return the table of one hotel and currency."""
    columns = [
        Column("captured", _("Taken"), MONEY),
        Column("refunded", _("Returned"), MONEY),
        Column("lost", _("Lost in disputes"), MONEY),
        Column("net", _("Net"), MONEY),
        Column("kept", _("Fees kept"), MONEY),
    ]
    hotel, currency = scope.by_key[purse[0]], purse[1]
    return Table(
        table_name(purse),
        f"{hotel}, {currency}",
        _("Month"),
        [
            Row(row.key, row.title, currency)
            for row in (*month_rows(scope), Row(TOTAL, pgettext("sum of the rows", "Total")))
        ],
        columns,
        charted="net",
        note=_("Net is what was taken, less what was returned and lost. Fees kept are a part of what was taken."),
        hotel=hotel.slug,
    )


MOVED: Final = Report(
    "money",
    gettext_lazy("Taken and returned"),
    gettext_lazy(
        "What moved on which day, as payments and refunds have it: through Stripe and by hand. Money of different "
        "currencies is never added up. A guest who never came counts in the month of check-in."
    ),
    parts,
    tables,
)
