"""Worked examples of a policy: what cancelling a usual stay costs, by the very calculator that decides it later."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from django.utils.translation import gettext as _

from bookings.admin import words
from bookings.models import Booking, Hotel, RoomType
from bookings.pricing import stay_price
from cancellations import calculator, terms, wording
from cancellations.calculator import Calculation
from cancellations.models import CancellationPolicy, CancellationTier, FeeKind, TierUnit
from payments.money import spoken

NIGHTS: Final = 2
# How long before the first tier's end the example is booked.
NOTICE: Final = timedelta(days=7)


@dataclass(frozen=True)
class Line:
    """One example: cancelled when, what is kept and what goes back, as staff read them."""

    when: str
    kept: str
    back: str
    words: str


@dataclass(frozen=True)
class Examples:
    """The examples of one stay; without lines, `problems` say why there are none."""

    stay: str = ""
    lines: Sequence[Line] = ()
    warnings: Sequence[str] = ()
    problems: Sequence[str] = field(default=())


def work_out(tiers: Iterable[CancellationTier], hotel: Hotel | None, *, now: datetime) -> Examples:
    """Return the examples for some tiers, stored or not. `now` tells which dates are near."""
    tiers = list(tiers)
    if hotel is None:
        return Examples(problems=[_("Choose the hotel to see examples with its prices.")])
    room_type = hotel.room_types.filter(nightly_rate__gt=0).order_by("nightly_rate", "pk").first()
    if room_type is None:
        return Examples(problems=[_("Examples appear once the hotel has a room type with a price.")])
    if not tiers:
        return Examples(problems=[_("Examples appear once there is a tier.")])
    return of_stay(sample_stay(hotel, room_type, arrival(tiers, hotel.today(now))), tiers)


def arrival(tiers: Iterable[CancellationTier], today: date) -> date:
    """Return a check-in date that all tiers still lie before."""
    return today + NOTICE + timedelta(days=max(days_of(tier) for tier in tiers))


def days_of(tier: CancellationTier) -> int:
    """Return how many days before check-in a tier ends at most."""
    return tier.at_least if tier.unit == TierUnit.DAYS else -(-tier.at_least // 24)


def sample_stay(hotel: Hotel, room_type: RoomType, check_in: date) -> Booking:
    """Return a stay that is never stored."""
    check_out = check_in + timedelta(days=NIGHTS)
    price = stay_price(nightly_rate=room_type.nightly_rate, check_in=check_in, check_out=check_out)
    return Booking(
        hotel=hotel,
        room_type=room_type,
        check_in=check_in,
        check_out=check_out,
        total_amount=price,
        currency=hotel.currency,
    )


def of_stay(stay: Booking, tiers: list[CancellationTier]) -> Examples:
    """Return one line for each tier, the earliest first."""
    agreed = terms.with_tiers(stay, CancellationPolicy(hotel=stay.hotel), tiers)
    ordered = calculator.in_order(agreed, stay.check_in)
    results = [at_the_end(stay, agreed, tier, is_last=tier is ordered[-1]) for tier in ordered]
    price = spoken(stay.total_amount, stay.currency)
    return Examples(
        stay=_("%(room_type)s, %(nights)s nights from %(day)s, %(price)s paid")
        % {"room_type": stay.room_type, "nights": NIGHTS, "day": words.day(stay.check_in), "price": price},
        lines=[
            line(stay, result, until(stay, agreed, tier, ordered))
            for tier, result in zip(ordered, results, strict=True)
        ],
        warnings=[*cheaper_later(stay, results), *dearer_than_the_stay(stay, tiers)],
    )


def at_the_end(stay: Booking, agreed: dict[str, Any], tier: Any, *, is_last: bool) -> Calculation:
    """Return what cancelling costs in a tier's last moment; in that of the last tier, at check-in."""
    at = calculator.ends_at(tier, agreed, stay.check_in) - datetime.resolution
    return calculator.calculate(
        agreed,
        check_in=stay.check_in,
        at=stay.check_in_moment + NOTICE if is_last else at,
        captured=stay.total_amount,
        refunded=0,
    )


def until(stay: Booking, agreed: dict[str, Any], tier: Any, ordered: list[Any]) -> str:
    """Return when a guest of this tier cancels: "until Tue 1 Dec, 23:59 (Dublin)"."""
    if tier is ordered[-1]:
        return _("Later, or not arriving at all") if len(ordered) > 1 else _("Whenever, or not arriving at all")
    return _("Until %(end_of_period)s") % {
        "end_of_period": wording.end_of_period(calculator.ends_at(tier, agreed, stay.check_in), stay.hotel)
    }


def line(stay: Booking, result: Calculation, when: str) -> Line:
    """Return an example as staff read it."""
    kept, back = (spoken(amount, stay.currency) for amount in (result.fee_amount, result.refund_amount))
    return Line(when, kept, back, result.description)


def cheaper_later(stay: Booking, results: list[Calculation]) -> list[str]:
    """Return a warning for each tier that keeps less than the one before it: possible, but rarely meant."""
    return [
        _("Cancelling later costs less: first %(early)s is kept, then only %(late)s. Is that meant?")
        % {"early": spoken(early.fee_amount, stay.currency), "late": spoken(late.fee_amount, stay.currency)}
        for early, late in pairwise(results)
        if late.fee_amount < early.fee_amount
    ]


def dearer_than_the_stay(stay: Booking, tiers: list[CancellationTier]) -> list[str]:
    """Return a warning for each fixed fee that a short stay does not cost."""
    return [
        _("A fee of %(amount)s is more than this stay costs: no more than its price is ever kept.")
        % {"amount": spoken(tier.fee_value, stay.currency)}
        for tier in tiers
        if tier.fee_kind == FeeKind.FIXED and tier.fee_value > stay.total_amount
    ]
