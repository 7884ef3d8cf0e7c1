"""What a hotel of 2,000 rooms can sell in a month, over a book of very many bookings.

python -m tests.performance.rooms BOOKINGS
"""

import importlib
import json
import os
import sys
import time
from datetime import timedelta
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
    took = [month(hotel) for _ in range(WARM + TIMES)][WARM:]
    with importlib.import_module("django.test.utils").CaptureQueriesContext(connection) as queries:
        month(hotel)
    return {"p95": p95(took), "queries": len(queries)}


def month(hotel: Any) -> float:
    """Ask once; in milliseconds."""
    today = hotel.today(importlib.import_module("django.utils.timezone").now())
    offers = importlib.import_module("bookings.offers")
    began = time.perf_counter()
    offers.for_nights(hotel, today, today + timedelta(days=NIGHTS))
    return 1000 * (time.perf_counter() - began)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    print(json.dumps(main(int(sys.argv[1]))))
