"""What a run would do to each booking: computed for the page with the button, and sealed for when it is pressed.

The very checks and quotes of the single dialogs, on bookings that are read at once with all their money.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core import signing
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bookings.admin.facts import Facts, facts_of
from bookings.admin.staff_actions import StaffAction
from bookings.admin.words import dates
from bookings.models import Booking, BookingStatus, BulkRow, FeeChoice, MoneyMove
from cancellations import cancel
from payments import four_eyes
from payments.money import spoken

type Decision = Mapping[str, Any]

SALT: Final = "bookings.bulk"
SEALED_FOR: Final = 60 * 60  # seconds; every row is checked again when it is carried out
RELATED: Final = ("hotel", "room", "room_type", "kept_stay", "decision_made_by", "cancelled_by", "deleted_by")
MONEY: Final = (
    "payments__refunds__operation",
    "payments__refunds__replaces__operation",
    "payments__disputes",
    "operations",
    "refund_requests__requested_by",
)


@dataclass(frozen=True)
class Line:
    """What would happen to one booking; amounts in minor units of `currency`."""

    booking: Booking
    why_not: str = ""
    move: str = MoneyMove.NOTHING
    fee: int = 0
    amount: int = 0
    currency: str = ""
    # Another person has to agree first.
    asks: bool = False

    @property
    def kept(self) -> str:
        """The fee, where there is one."""
        return spoken(self.fee, self.currency) if self.fee else ""

    @property
    def does(self) -> str:
        """What happens to the amount, in a word."""
        return str(MoneyMove(self.move).label)

    @property
    def moved(self) -> str:
        """The amount that moves, where one does."""
        return spoken(self.amount, self.currency) if self.amount else ""

    @property
    def stay(self) -> str:
        """The nights."""
        return dates(self.booking)

    @property
    def mailed(self) -> str:
        """Who gets a mail."""
        return self.booking.guest_email if self.booking.status != BookingStatus.DRAFT else ""

    def row(self) -> BulkRow:
        """Return the promise as a row to be; not saved yet."""
        return BulkRow(
            booking_id=self.booking.pk,
            reference=self.booking.booking_id,
            hotel_id=self.booking.hotel_id,
            move=self.move,
            fee=self.fee,
            amount=self.amount,
            currency=self.currency,
        )


def lines_of(bookings: QuerySet[Booking], action: StaffAction, *, fee: str, now: datetime) -> list[Line]:
    """Return what would happen to each booking, the impossible last; as many queries for one as for a thousand."""
    read = bookings.select_related(*RELATED).prefetch_related(*MONEY).order_by("check_in", "pk")
    lines = [line_of(facts_of(booking, now), action, fee) for booking in read]
    return sorted(lines, key=lambda line: bool(line.why_not))


def line_of(facts: Facts, action: StaffAction, fee: str) -> Line:
    """Return what would happen to one booking."""
    assert action.in_bulk is not None  # nothing else is offered for many
    why_not = action.why_not(facts)
    if why_not:
        return Line(facts.booking, why_not, currency=facts.currency)
    line: Line = action.in_bulk.move(facts, fee)
    return line


def nothing(facts: Facts, fee: str) -> Line:
    """No money moves."""
    return Line(facts.booking, currency=facts.currency)


def captured(facts: Facts, fee: str) -> Line:
    """Approving takes what is held."""
    move = MoneyMove.CAPTURE if facts.captures else MoneyMove.NOTHING
    return Line(facts.booking, move=move, amount=facts.captures, currency=facts.currency)


def released(facts: Facts, fee: str) -> Line:
    """Declining releases what is held."""
    move = MoneyMove.RELEASE if facts.held else MoneyMove.NOTHING
    return Line(facts.booking, move=move, amount=facts.held, currency=facts.currency)


def returned(facts: Facts, fee: str) -> Line:
    """Cancelling keeps a fee and returns the rest, or releases what is held."""
    quote = cancel.quote(facts.booking, at=facts.now)
    if quote.held:
        return Line(facts.booking, move=MoneyMove.RELEASE, amount=quote.held, currency=quote.currency)
    kept = 0 if fee == FeeChoice.WAIVE else quote.fee
    back = quote.fee + quote.refund - kept
    return Line(
        facts.booking,
        move=MoneyMove.REFUND if back else MoneyMove.NOTHING,
        fee=kept,
        amount=back,
        currency=quote.currency,
        asks=back > quote.refund and needs_another(facts, back),
    )


def needs_another(facts: Facts, amount: int) -> bool:
    """Whether one person may not return as much as that alone, in minor units."""
    limit = four_eyes.alone(facts.payment) if facts.payment else None
    return limit is not None and amount > limit


def reason_of(row: BulkRow) -> Decision:
    """Return the reason alone."""
    return {"reason": row.run.reason}


def approval(row: BulkRow) -> Decision:
    """Return the reason, and how much was shown to be captured."""
    return {"reason": row.run.reason, "promised": row.amount}


def cancellation(row: BulkRow) -> Decision:
    """Return the reason, the fee where it is waived, and the amounts that were shown."""
    fee = 0 if row.run.fee == FeeChoice.WAIVE else None
    refund = row.amount if row.move == MoneyMove.REFUND else 0
    return {"reason": row.run.reason, "fee": fee, "promised": (row.fee, refund)}


def totals(rows: Iterable[Line | BulkRow]) -> dict[str, dict[str, int]]:
    """Return what moves and what is kept, for each currency by itself: {"refund": {"EUR": 34000}}; minor units."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        for name, amount in ((row.move, row.amount), ("fee", row.fee)):
            if amount:
                found[name][row.currency] += amount
    return found


def amounts(sums: Mapping[str, int]) -> str:
    """Return "€12,345.00 and £210.00"."""
    shown = [spoken(amount, currency) for currency, amount in sorted(sums.items())]
    *others, last = shown or [""]
    return _("{amounts} and {last}").format(amounts=", ".join(others), last=last) if others else last


@dataclass(frozen=True)
class Sealed:
    """A plan as the page with the button carried it: what exactly was promised, to whom."""

    key: str
    action: str
    fee: str
    rows: list[BulkRow]
    asked: list[int]
    retry_of: int | None


def seal(lines: Iterable[Line], *, key: str, action: str, fee: str, person: int, retry_of: int | None) -> str:
    """Return a plan for a form field: nobody can change it, and nobody else can use it."""
    asked = [line.booking.pk for line in lines]
    fields = ("booking_id", "reference", "hotel_id", "move", "fee", "amount", "currency")
    rows = [[getattr(row, name) for name in fields] for row in (line.row() for line in lines if not line.why_not)]
    said: dict[str, Any] = {"key": key, "action": action, "fee": fee, "rows": rows, "asked": asked}
    return signing.dumps({**said, "person": person, "retry_of": retry_of}, salt=SALT, compress=True)


def unseal(text: str, *, person: int) -> Sealed | None:
    """Return a plan that this person was shown within the last hour; None for anything else."""
    try:
        said = signing.loads(text, salt=SALT, max_age=SEALED_FOR)
    except signing.BadSignature:
        return None
    if said.pop("person") != person:
        return None
    fields = ("booking_id", "reference", "hotel_id", "move", "fee", "amount", "currency")
    rows = [BulkRow(**dict(zip(fields, values, strict=True))) for values in said.pop("rows")]
    return Sealed(rows=rows, **said)
