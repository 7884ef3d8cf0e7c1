"""Policies that many hotels have: one click fills the form, and everything can be changed before saving."""

from dataclasses import dataclass
from typing import Any, Final

from bookings.admin.amounts import sample, typed
from bookings.models import Hotel
from cancellations.models import FeeKind, TierUnit
from payments.money import exponent

DAYS, HOURS = TierUnit.DAYS, TierUnit.HOURS
PERCENT, FIXED, FIRST_NIGHTS = FeeKind.PERCENT, FeeKind.FIXED, FeeKind.NIGHTS
HALF_A_NIGHT: Final = ""


@dataclass(frozen=True)
class Preset:
    """A policy's words, and its tiers as they are typed: number, unit, kind of fee, fee."""

    slug: str
    name: str
    description: str
    tiers: tuple[tuple[int, str, str, str], ...]


PRESETS: Final = (
    Preset(
        "flexible",
        "Flexible",
        "Free cancellation until 24 hours before check-in. After that, the price of the first night is kept.",
        ((24, HOURS, PERCENT, "0"), (0, HOURS, FIRST_NIGHTS, "1")),
    ),
    Preset(
        "14-7",
        "14/7",
        "Full refund until 14 days before check-in, half until 7 days, nothing after that.",
        ((14, DAYS, PERCENT, "0"), (7, DAYS, PERCENT, "50"), (0, DAYS, PERCENT, "100")),
    ),
    Preset(
        "non-refundable",
        "Non-refundable",
        "The full price is kept, whenever you cancel.",
        ((0, DAYS, PERCENT, "100"),),
    ),
    Preset(
        "fixed-fee",
        "Fixed fee",
        "The same fee is kept, whenever you cancel. Everything else is returned.",
        ((0, DAYS, FIXED, HALF_A_NIGHT),),
    ),
)


def find(slug: str | None) -> Preset | None:
    """Return a preset by the word that stands for it in an address."""
    return next((preset for preset in PRESETS if preset.slug == slug), None)


def typed_tiers(preset: Preset, hotel: Hotel | None) -> list[dict[str, Any]]:
    """Return a preset's tiers as the form's rows take them."""
    return [
        {"at_least": number, "unit": str(unit), "fee_kind": str(kind), "fee": fee or half_a_night(hotel)}
        for number, unit, kind, fee in preset.tiers
    ]


def half_a_night(hotel: Hotel | None) -> str:
    """Return half the cheapest night in whole units, as a fee to begin with."""
    room_type = hotel.room_types.order_by("nightly_rate").first() if hotel else None
    if hotel is None or room_type is None:
        return sample(hotel.currency if hotel else "EUR")
    unit = 10 ** exponent(hotel.currency)
    return typed(max(1, room_type.nightly_rate // (2 * unit)) * unit, hotel.currency)
