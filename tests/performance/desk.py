"""The desk over a small book and over a very large one: 95th percentile and queries of each kind of page.

    python -m tests.performance.desk BOOKINGS

Each size is measured in a process of its own against the same database, which grows in between.
"""

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any, Final

from tests.performance import book

FEW, MANY = 1000, 1_000_000
PAGES, WARM = 20, 3
GOAL, SEARCH_GOAL = 1.3, 2.0
LIST: Final = "/admin/bookings/booking/"

type Measured = dict[str, tuple[float, int]]


def measure(env: Mapping[str, str], many: int) -> tuple[Measured, Measured]:
    """Milliseconds and queries of each kind of page, at few bookings and at many."""
    few, more = (run(size, env) for size in (FEW, many))
    return few, more


def run(size: int, env: Mapping[str, str]) -> Measured:
    """One process; it says how long each kind of page took."""
    command = [sys.executable, "-m", "tests.performance.desk", str(size)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    print(next(each for each in done.stderr.splitlines() if each.startswith(f"{size:,} bookings")))
    said: dict[str, list[Any]] = json.loads(done.stdout)
    return {name: (took, queries) for name, (took, queries) in said.items()}


def main(size: int) -> Measured:
    """Fill up to a size, and draw each kind of page."""
    importlib.import_module("django").setup()
    connection = importlib.import_module("django.db").connection
    if not book.model("bookings.User").objects.filter(username="owner").exists():
        book.people()
    began = time.monotonic()
    book.fill(connection, size)
    print(f"{size:,} bookings were made in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return {name: draw(connection, path) for name, path in pages(size).items()}


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


def draw(connection: Any, path: str) -> tuple[float, int]:
    """The 95th percentile of one kind of page, in milliseconds, once everything is loaded; and its queries."""
    client = importlib.import_module("django.test").Client(SERVER_NAME="127.0.0.1")
    users = importlib.import_module("django.contrib.auth").get_user_model().objects
    backend = importlib.import_module("django.conf").settings.AUTHENTICATION_BACKENDS[-1]
    client.force_login(users.get(username="owner"), backend=backend)
    took = []
    for _ in range(PAGES + WARM):
        began = time.perf_counter()
        answer = client.get(path)
        took.append(1000 * (time.perf_counter() - began))
        if answer.status_code != 200:
            raise RuntimeError(f"{answer.status_code} {path}")
    watch = importlib.import_module("django.test.utils").CaptureQueriesContext(connection)
    with watch:
        client.get(path)
    return sorted(took[WARM:])[int(0.95 * PAGES) - 1], len(watch)


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
