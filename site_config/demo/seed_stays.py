"""The demo's three hotels and some seventy stays, told relative to today. Data only; `seed` brings it to life."""

from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any

HOURS = timedelta(hours=1)
DAYS = timedelta(days=1)


@dataclass(frozen=True)
class Step:
    """Something that happens to a booking, this long after it was made."""

    do: str
    after: timedelta = timedelta()


PAID = (Step("submit", HOURS / 60), Step("pay", HOURS / 2))
AGREED = (*PAID, Step("approve", 3 * HOURS))

LIVES: dict[str, tuple[Step, ...]] = {
    "draft": (),
    "waiting": (Step("submit", HOURS / 60),),
    "card_refused": (Step("submit", HOURS / 60), Step("pay_refused", HOURS / 3)),
    "requested": PAID,
    "agreed": AGREED,
    "stayed": AGREED,
    "part_refund": (*AGREED, Step("refund_part", 8 * HOURS)),
    "declined": (*PAID, Step("decline", 5 * HOURS)),
    "deleted": (*PAID, Step("decline", 5 * HOURS), Step("delete", 30 * HOURS)),
    "guest_cancelled": (*AGREED, Step("cancel_by_guest", 2 * DAYS)),
    "hotel_cancelled": (*AGREED, Step("cancel_by_hotel", 2 * DAYS)),
    "changed_mind": (*PAID, Step("cancel_by_guest", 4 * HOURS)),
    "unpaid": (Step("submit", HOURS / 60), Step("expire", 25 * HOURS)),
    "arrival_asked": (Step("submit", HOURS / 60),),
    "arrival_agreed": (Step("submit", HOURS / 60), Step("approve", 6 * HOURS)),
    "arrival_paid": (Step("submit", HOURS / 60), Step("approve", 6 * HOURS), Step("mark_paid", 2 * DAYS)),
}
WITHOUT_STRIPE = ("draft", "waiting", "arrival_asked", "arrival_agreed", "arrival_paid")
INSTANT_SKIPS = ("requested", "declined", "deleted", "arrival_asked")


@dataclass(frozen=True)
class Stay:
    """A life, its check-in in days from today, its nights, and how long ago it was booked."""

    life: str
    check_in: int
    nights: int
    made: timedelta

    @property
    def is_on_arrival(self) -> bool:
        """Whether the guest pays at the desk."""
        return self.life.startswith("arrival")


STAYS = (
    *(Stay("stayed", -30 + 4 * n, 2 + n % 3, (45 - n) * DAYS) for n in range(6)),
    Stay("agreed", -1, 3, 20 * DAYS),
    Stay("agreed", 0, 2, 18 * DAYS),
    Stay("agreed", -2, 2, 16 * DAYS),
    Stay("arrival_paid", -1, 4, 9 * DAYS),
    *(Stay("agreed", 3 + 5 * n, 1 + n % 4, (5 + n) * DAYS) for n in range(6)),
    Stay("requested", 6, 2, 159 * HOURS),
    Stay("requested", 12, 3, 70 * HOURS),
    Stay("requested", 21, 1, 26 * HOURS),
    Stay("requested", 12, 2, 3 * HOURS),
    Stay("arrival_asked", 9, 2, 7 * HOURS),
    Stay("arrival_agreed", 16, 2, 4 * DAYS),
    Stay("waiting", 25, 3, 2 * HOURS),
    Stay("waiting", 18, 1, 22 * HOURS),
    Stay("card_refused", 30, 2, 5 * HOURS),
    Stay("draft", 34, 2, 1 * HOURS),
    Stay("declined", 4, 2, 6 * DAYS),
    Stay("deleted", -6, 2, 12 * DAYS),
    Stay("guest_cancelled", 33, 2, 10 * DAYS),
    Stay("guest_cancelled", 8, 3, 4 * DAYS),
    Stay("guest_cancelled", 2, 1, 3 * DAYS),
    Stay("hotel_cancelled", 14, 2, 7 * DAYS),
    Stay("changed_mind", 20, 2, 8 * DAYS),
    Stay("part_refund", 27, 4, 6 * DAYS),
    Stay("unpaid", 10, 2, 5 * DAYS),
)
REFUSED_CURRENCY = (
    Stay("stayed", -6, 2, 9 * DAYS),
    Stay("agreed", 0, 3, 7 * DAYS),
    Stay("requested", 11, 2, 5 * HOURS),
    Stay("waiting", 15, 2, 2 * HOURS),
    Stay("guest_cancelled", 8, 2, 4 * DAYS),
    Stay("part_refund", 19, 4, 3 * DAYS),
    Stay("arrival_agreed", 5, 1, 2 * DAYS),
)


@dataclass(frozen=True)
class HotelPlan:
    """One hotel: its fields, and for each room type the nightly rate in minor units and the room numbers.

    `exchange_rate` is what its currency is worth in the one that Stripe charges instead.
    """

    fields: dict[str, Any]
    room_types: tuple[tuple[str, int, int, tuple[str, ...]], ...]
    guests: tuple[str, ...]
    stays: tuple[Stay, ...]
    exchange_rate: str = ""


DUBLIN = HotelPlan(
    fields={
        "slug": "harbour-house",
        "name": "Harbour House",
        "time_zone": "Europe/Dublin",
        "currency": "EUR",
        "check_in_time": time(15),
        "check_out_time": time(11),
        "contact_email": "desk@harbour-house.example",
        "contact_phone": "+353 1 555 0100",
        "address": "1 Example Quay, Dublin",
        "booking_mode": "request",
    },
    room_types=(
        ("Classic Double", 17000, 2, ("101", "102", "103", "104")),
        ("Garden Suite", 26000, 4, ("201", "202")),
    ),
    guests=("Alex", "Billie", "Charlie", "Dana", "Eli", "Frankie", "Gray", "Harper"),
    stays=STAYS,
)
KYOTO = HotelPlan(
    fields={
        "slug": "maple-inn",
        "name": "Maple Inn",
        "time_zone": "Asia/Tokyo",
        "currency": "JPY",
        "check_in_time": time(16),
        "check_out_time": time(10),
        "contact_email": "desk@maple-inn.example",
        "contact_phone": "+81 75 555 0100",
        "address": "2 Example Street, Kyoto",
        "booking_mode": "instant",
    },
    room_types=(
        ("Twin", 18000, 2, ("11", "12", "13", "14")),
        ("Tatami Suite", 42000, 3, ("21", "22")),
    ),
    guests=("Indigo", "Jules", "Kit", "Lou", "Morgan", "Noel", "Quinn", "Robin"),
    stays=STAYS,
)
KARACHI = HotelPlan(
    fields={
        "slug": "garden-court",
        "name": "Garden Court",
        "time_zone": "Asia/Karachi",
        "currency": "PKR",
        "fallback_currency": "USD",
        "rate_max_age_hours": 720,
        "check_in_time": time(14),
        "check_out_time": time(12),
        "contact_email": "desk@garden-court.example",
        "contact_phone": "+92 21 555 0100",
        "address": "3 Example Road, Karachi",
        "booking_mode": "request",
    },
    room_types=(("Courtyard Double", 1850000, 2, ("1", "2", "3", "4")),),
    guests=("Aden", "Sami", "Noor", "Rumi"),
    stays=REFUSED_CURRENCY,
    exchange_rate="0.003571",
)
# The demo's Stripe refuses this hotel's currency.
REFUSED = "pkr"
HOTELS = (DUBLIN, KYOTO, KARACHI)
