"""What a hotel of 2,000 rooms can sell in a month, over a book of very many bookings.

python -m tests.performance.rooms BOOKINGS
"""

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, Final

from tests.performance import book
from tests.performance.drawing import p95

ROOMS, NIGHTS, TIMES, WARM = 2000, 31, 20, 3
GOAL_MILLISECONDS, GOAL_QUERIES = 30, 3
MANY: Final = 1_000_000


def main(size: int) -> dict[str, Any]:
    """Fill the database; p95 in milliseconds for a month that begins today, and its queries."""
    importlib.import_module("django").setup()
    importlib.import_module("logging").disable()
    connection = importlib.import_module("django.db").connection
    book.HOTELS, book.ROOMS = 1, ROOMS
    book.people()
    book.fill(connection, size)
    hotel = book.model("bookings.Hotel").objects.get(pk=book.model("bookings.Booking").objects.latest("pk").hotel_id)
    months = [month(hotel) for _ in range(WARM + TIMES)][WARM:]
    with importlib.import_module("django.test.utils").CaptureQueriesContext(connection) as queries:
        month(hotel)
    return {"p95": p95(months), "queries": len(queries), "with_rooms": p95([by_room(hotel) for _ in range(TIMES)])}


def month(hotel: Any) -> float:
    """Ask once how many rooms of each type are left; in milliseconds."""
    return took(lambda: offers_of(hotel))


def by_room(hotel: Any) -> float:
    """Ask as the form for a new booking does: also who has each room of one type, and which free one fits best."""
    return took(lambda: best_room(hotel))


def took(ask: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    ask()
    return 1000 * (time.perf_counter() - began)


def offers_of(hotel: Any) -> Any:
    """What the hotel offers for a month from today on."""
    return importlib.import_module("bookings.offers").for_nights(hotel, *nights(hotel))


def best_room(hotel: Any) -> Any:
    """The room that fits best, of the last type, where some are free."""
    best_fit = importlib.import_module("bookings.offers").best_fit
    return best_fit(offers_of(hotel)[-1].free, *nights(hotel))


def nights(hotel: Any) -> tuple[date, date]:
    """A month from today on."""
    today = hotel.today(importlib.import_module("django.utils.timezone").now())
    return today, today + timedelta(days=NIGHTS)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    print(json.dumps(main(int(sys.argv[1]))))
