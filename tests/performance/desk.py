"""The desk over a small book and over a very large one: 95th percentile and queries of each kind of page.

python -m tests.performance.desk BOOKINGS
"""

import importlib
import sys
import time
from dataclasses import dataclass
from typing import Any, Final

from tests.performance import book
from tests.performance.drawing import serve

GOAL, SEARCH_GOAL = 1.3, 2.0
LIST: Final = "/admin/bookings/booking/"


@dataclass(frozen=True)
class Most:
    """How many queries a kind of page may make."""

    of: str
    queries: int


# These two have a number of their own; the others make as many as over a small book.
MOST: Final = {"list": Most("list", 15), "booking": Most("booking", 30)}


def main(size: int) -> None:
    """Fill the database, and draw what is asked for."""
    serve(lambda connection: filled(connection, size))


def filled(connection: Any, size: int) -> dict[str, str]:
    """Fill the database, and say how long that took; return the address of each kind of page."""
    book.people()
    began = time.monotonic()
    book.fill(connection, size)
    print(f"{size:,} bookings were made in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)
    return pages(size)


def pages(size: int) -> dict[str, str]:
    """The kinds of page, with a booking from the middle of the book."""
    one = book.model("bookings.Booking").objects.select_related("hotel").get(pk=book.FIRST + size // 2)
    paid = book.model("payments.Payment").objects.get(booking=one)
    # Only now can the product be imported.
    most = importlib.import_module("bookings.admin.paging").MOST_COUNTED
    return {
        "Today": "/admin/",
        "list": LIST,
        "list, its last page": f"{LIST}?p={min(size * 9 // 10, most) // 50}",
        "list, needs approval": f"{LIST}?status__exact=PENDING_APPROVAL",
        "list, arriving": f"{LIST}?stay=arriving",
        "list, in house": f"{LIST}?stay=in_house",
        "list, cancelled": f"{LIST}?status__exact=CANCELLED",
        "list, deleted": f"{LIST}?deleted=only",
        "list, all": f"{LIST}?deleted=include",
        "list of a hotel": f"{LIST}?hotel={one.hotel_id}",
        "list, some dates": f"{LIST}?check_in_from={one.check_in}&check_in_to={one.check_in}",
        "booking": f"{LIST}{one.pk}/change/",
        "history of a booking": f"{LIST}{one.pk}/history/",
        "calendar": f"{LIST}calendar/?hotel={one.hotel_id}",
        "payments": "/admin/payments/payment/",
        "mails": "/admin/bookings/message/",
        "search by reference": f"{LIST}?q={one.booking_id}",
        "search by part of a name": f"{LIST}?q={one.guest_name.split()[1][:5]}",
        "search by part of a mail": f"{LIST}?q={one.guest_email.partition('@')[0][2:]}",
        "search by pi_": f"{LIST}?q={paid.stripe_payment_intent_id}",
        "search by phone": f"{LIST}?q={one.guest_phone[4:].replace(' ', '')}",
    }


def goal(name: str) -> float:
    """What a page may cost at most over a large book, as a multiple of a small one."""
    return SEARCH_GOAL if name.startswith("search") else GOAL


def most_queries(name: str) -> Most | None:
    """How many queries a page may make, where there is a number for it: every list is a list."""
    return MOST.get(name.partition(",")[0].partition(" of ")[0])


if __name__ == "__main__":
    main(int(sys.argv[1]))
