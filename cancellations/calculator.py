"""What cancelling costs. `calculate` is pure: frozen terms, check-in date, a moment and amounts in; the result out.

A tier holds until a moment that is computed once, and everything else follows from comparing moments: which tier is
the earlier one, which holds now, when the next begins. Days are whole days of the hotel's calendar, so a tier of days
ends with a local midnight. Hours are elapsed hours, so a night with a clock change is as long as it really is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from bookings.models import Booking, BookingStatus
from payments import ledger, rates
from payments.money import Rate, display, smallest_step

type Terms = Mapping[str, Any]
type Tier = Mapping[str, Any]
# What `rule` writes.
RULE: Final = re.compile(r"from (\d+) (days|hours): (\d+) (percent|nights|fixed)")


@dataclass(frozen=True)
class Calculation:
    """Amounts in minor units of what was charged, none of them negative.

    fee + refund + already refunded = captured, always; unless more went back than was ever captured: then both are 0.
    """

    fee_amount: int
    refund_amount: int
    policy_fee: int
    description: str
    applied_rule: str
    next_change_at: datetime | None


class CancellationCalculator:  # pragma: no mutate block  (reads the database)
    """What cancelling a stored booking costs at a moment: the one place that gathers what `calculate` counts with."""

    def __init__(self, booking: Booking, *, at: datetime) -> None:
        self.booking, self.at = booking, at
        self.balance = ledger.resting_balance(booking)

    def calculate(self) -> Calculation:
        """Return the result; a booking that the hotel has not agreed to, or has no terms, keeps nothing."""
        if self.booking.status != BookingStatus.CONFIRMED or not self.booking.terms:
            return nothing_kept(self.balance.left)
        agreed = ledger.agreed_stay(self.booking)
        return calculate(
            agreed.terms or self.booking.terms,
            check_in=agreed.check_in,
            at=self.at,
            captured=self.balance.captured,
            refunded=self.balance.committed,
            rate=rates.rate_of(ledger.paying_payment(self.booking)),
        )


def nothing_kept(left: int) -> Calculation:
    """Return the result of a booking that is not confirmed: what is held is released, what was taken goes back."""
    return Calculation(
        fee_amount=0,
        refund_amount=left,
        policy_fee=0,
        description=_("Not confirmed yet: cancelling is free."),
        applied_rule="not confirmed",
        next_change_at=None,
    )


def calculate(
    terms: Terms, *, check_in: date, at: datetime, captured: int, refunded: int, rate: Rate | None = None
) -> Calculation:
    """Return what cancelling at a moment keeps and returns. `refunded` counts refunds on their way, too.

    Amounts are in the currency of the terms. With a `rate` they are in its target: the guest was charged there, and
    the fee of the terms is turned into it by the very same rate, so that the whole price is all that was charged.
    """
    tier = tier_at(terms, check_in, at)
    until = None if tier is in_order(terms, check_in)[-1] else ends_at(tier, terms, check_in)
    return kept_by(tier, terms, captured=captured, refunded=refunded, rate=rate, until=until)


def calculate_no_show(
    terms: Terms, *, check_in: date, captured: int, refunded: int, rate: Rate | None = None
) -> Calculation:
    """Return what is kept of a guest who never came: the last tier is the one that holds after arrival."""
    last = in_order(terms, check_in)[-1]
    return kept_by(last, terms, captured=captured, refunded=refunded, rate=rate, until=None)


def kept_by(
    tier: Tier, terms: Terms, *, captured: int, refunded: int, rate: Rate | None, until: datetime | None
) -> Calculation:
    """Return what one tier keeps and returns of what was captured."""
    fee = policy_fee(tier, terms) if rate is None else rate.convert(policy_fee(tier, terms))
    left = max(0, captured - refunded)
    refund = max(0, left - fee)
    return Calculation(
        fee_amount=left - refund,
        refund_amount=refund,
        policy_fee=fee,
        description=describe(tier, terms),
        applied_rule=rule(tier),
        next_change_at=until,
    )


def deadline(terms: Terms, check_in: date) -> datetime:
    """Return the last moment at which a guest may cancel a confirmed booking, in hotel-local time."""
    return hours_before(terms["deadline_hours"], terms, check_in).astimezone(zone_of(terms))


def tier_at(terms: Terms, check_in: date, at: datetime) -> Tier:
    """Return the tier that holds at a moment. The last one also holds from check-in on and after arrival."""
    tiers, now = in_order(terms, check_in), at.astimezone(UTC)
    return next((each for each in tiers if now < end_of(each, terms, check_in)), tiers[-1])


def in_order(terms: Terms, check_in: date) -> list[Tier]:
    """Return the tiers, the earliest first: by when they really end, for "7 days" can be less than 165 hours."""
    return sorted(terms["tiers"], key=lambda tier: end_of(tier, terms, check_in))


def ends_at(tier: Tier, terms: Terms, check_in: date) -> datetime:
    """Return the first moment at which too little time is left for a tier, in hotel-local time."""
    return end_of(tier, terms, check_in).astimezone(zone_of(terms))


def end_of(tier: Tier, terms: Terms, check_in: date) -> datetime:
    """Return the first moment at which too little time is left for a tier, in UTC.

    "From 7 days" includes the whole seventh day; "from 24 hours" includes the moment when exactly 24 hours are left.
    """
    if tier["unit"] == "hours":
        return hours_before(tier["at_least"], terms, check_in) + datetime.resolution
    return on_the_wall(check_in - timedelta(days=tier["at_least"] - 1), time(0), terms)


def hours_before(hours: int, terms: Terms, check_in: date) -> datetime:
    """Return the moment that many elapsed hours before check-in, in UTC."""
    return on_the_wall(check_in, time.fromisoformat(terms["check_in_time"]), terms) - timedelta(hours=hours)


def on_the_wall(day: date, clock: time, terms: Terms) -> datetime:
    """Return when the hotel's clock shows a time, in UTC, where Python adds and compares by elapsed time.

    A time that the clock leaves out comes as much later as it goes forward; of a time shown twice, the first counts.
    """
    return datetime.combine(day, clock, tzinfo=zone_of(terms)).astimezone(UTC)


def zone_of(terms: Terms) -> ZoneInfo:
    """Return the hotel's time zone, as agreed."""
    return ZoneInfo(terms["zone"])


def policy_fee(tier: Tier, terms: Terms) -> int:
    """Return the tier's fee on the agreed price, in minor units of the terms, half up to what Stripe can move."""
    price, value, step = terms["price"], tier["value"], smallest_step(terms["currency"])
    if tier["fee"] == "percent":
        return half_up(price * value, 100, step)
    if tier["fee"] == "nights":
        return half_up(price * min(value, terms["nights"]), terms["nights"], step)
    return half_up(min(value, price), 1, step)


def half_up(amount: int, parts: int, step: int) -> int:
    """Return one of the equal parts of an amount, rounded half up to a multiple of the step."""
    return (2 * amount + parts * step) // (2 * parts * step) * step


def rule(tier: Tier) -> str:
    """Return the tier as a stable short text for records: "from 7 days: 50 percent"."""
    return f"from {tier['at_least']} {tier['unit']}: {tier['value']} {tier['fee']}"


def of_rule(rule: str) -> Tier | None:
    """Return the tier that `rule` has told as a text; None where no tier gave the fee."""
    found = RULE.fullmatch(rule)
    if found is None:
        return None
    return {"at_least": int(found[1]), "unit": found[2], "value": int(found[3]), "fee": found[4]}


def describe(tier: Tier, terms: Terms) -> str:
    """Return one sentence for the guest about what is kept, in the active language."""
    if tier["value"] == 0:
        return _("Free cancellation: everything you paid is returned.")
    if is_whole_price(tier, terms):
        return _("The full price is kept.")
    if tier["fee"] == "percent":
        return _("%(percent)s %% of the price is kept.") % {"percent": tier["value"]}
    if tier["fee"] == "nights":
        return ngettext(
            "The price of the first night is kept.",
            "The price of the first %(count)s nights is kept.",
            tier["value"],
        ) % {"count": tier["value"]}
    fee = display(policy_fee(tier, terms), terms["currency"], get_language() or "en")
    return _("A fee of %(fee)s is kept.") % {"fee": fee}


def is_whole_price(tier: Tier, terms: Terms) -> bool:
    """Whether the tier keeps everything: 100 percent, more nights than the stay has, or a larger amount."""
    most = {"percent": 100, "nights": terms["nights"] + 1, "fixed": terms["price"] + 1}
    return bool(tier["value"] >= most[tier["fee"]])
