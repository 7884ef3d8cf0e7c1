"""What cancelling costs. Pure: frozen terms, the check-in date, a moment and amounts in; the result out.

Days are whole hotel-local days, signed, so that "after arrival" never looks like "early". Hours are elapsed
hours, counted in UTC, so that a night with a clock change is as long as it really is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from payments.money import Rate, display, smallest_step

type Terms = Mapping[str, Any]
type Tier = Mapping[str, Any]


@dataclass(frozen=True)
class Calculation:
    """Amounts in minor units of what was charged: fee + refund + already refunded = captured, always."""

    fee_amount: int
    refund_amount: int
    policy_fee: int
    description: str
    applied_rule: str
    next_change_at: datetime | None


def calculate(
    terms: Terms, *, check_in: date, at: datetime, captured: int, refunded: int, rate: Rate | None = None
) -> Calculation:
    """Return what cancelling at a moment keeps and returns. `refunded` counts refunds on their way, too.

    Amounts are in the currency of the terms. With a `rate` they are in its target: the guest was charged there, and
    the fee of the terms is turned into it by the very same rate, so that the whole price is all that was charged.
    """
    tiers = in_order(terms)
    tier = next((each for each in tiers if holds(each, terms, check_in, at)), tiers[-1])
    fee = policy_fee(tier, terms) if rate is None else rate.convert(policy_fee(tier, terms))
    refund = max(0, captured - fee - refunded)
    return Calculation(
        fee_amount=captured - refunded - refund,
        refund_amount=refund,
        policy_fee=fee,
        description=describe(tier, terms),
        applied_rule=rule(tier),
        next_change_at=None if tier is tiers[-1] else ends_at(tier, terms, check_in),
    )


def deadline(terms: Terms, check_in: date) -> datetime:
    """Return the last moment at which a guest may cancel a confirmed booking, in hotel-local time."""
    moment = check_in_moment(terms, check_in).astimezone(UTC) - timedelta(hours=terms["deadline_hours"])
    return moment.astimezone(ZoneInfo(terms["zone"]))


def check_in_moment(terms: Terms, check_in: date) -> datetime:
    """Return when check-in begins, in hotel-local time."""
    hour, minute = terms["check_in_time"].split(":")
    return datetime.combine(check_in, time(int(hour), int(minute)), tzinfo=ZoneInfo(terms["zone"]))


def in_order(terms: Terms) -> list[Tier]:
    """Return the tiers, the earliest first."""
    return sorted(terms["tiers"], key=reach, reverse=True)


def reach(tier: Tier) -> timedelta:
    """Return how long before check-in a tier begins to end, for ordering."""
    return timedelta(**{tier["unit"]: tier["at_least"]})


def holds(tier: Tier, terms: Terms, check_in: date, at: datetime) -> bool:
    """Whether enough time is left for the tier."""
    if tier["unit"] == "days":
        local = at.astimezone(ZoneInfo(terms["zone"]))
        return (check_in - local.date()).days >= tier["at_least"]
    # Both sides in UTC: Python subtracts two times of one zone by the clock on the wall.
    left = check_in_moment(terms, check_in).astimezone(UTC) - at.astimezone(UTC)
    return left >= timedelta(hours=tier["at_least"])


def ends_at(tier: Tier, terms: Terms, check_in: date) -> datetime:
    """Return when the next tier begins, in hotel-local time."""
    zone = ZoneInfo(terms["zone"])
    if tier["unit"] == "days":
        return datetime.combine(check_in - timedelta(days=tier["at_least"] - 1), time(0), tzinfo=zone)
    moment = check_in_moment(terms, check_in).astimezone(UTC) - timedelta(hours=tier["at_least"])
    return moment.astimezone(zone)


def policy_fee(tier: Tier, terms: Terms) -> int:
    """Return the tier's fee on the agreed price, in minor units of the terms, half up to what Stripe can move."""
    price, value, step = terms["price"], tier["value"], smallest_step(terms["currency"])
    if tier["fee"] == "percent":
        return int((2 * price * value + 100 * step) // (200 * step) * step)
    if tier["fee"] == "nights":
        nights = terms["nights"]
        return int((2 * price * min(value, nights) + nights * step) // (2 * nights * step) * step)
    return int((2 * value + step) // (2 * step) * step)


def rule(tier: Tier) -> str:
    """Return the tier as a stable short text for records: "from 7 days: 50 percent"."""
    return f"from {tier['at_least']} {tier['unit']}: {tier['value']} {tier['fee']}"


def describe(tier: Tier, terms: Terms) -> str:
    """Return one sentence for the guest about what is kept, in the active language."""
    if tier["value"] == 0:
        return _("Free cancellation: everything you paid is returned.")
    if tier["fee"] == "percent":
        if tier["value"] == 100:
            return _("The full price is kept.")
        return _("%(percent)s %% of the price is kept.") % {"percent": tier["value"]}
    if tier["fee"] == "nights":
        return ngettext(
            "The price of the first night is kept.",
            "The price of the first %(count)s nights is kept.",
            tier["value"],
        ) % {"count": tier["value"]}
    return _("A fee of %(fee)s is kept.") % {"fee": display(policy_fee(tier, terms), terms["currency"])}
