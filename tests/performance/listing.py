"""The list of bookings beside stock Django's list of the same rows: processor time for one page of 50.

    python -m tests.performance.listing fill|ours|frame|stock

All run in a process of their own, against the same database, without a server between.
"""

import importlib
import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

ROWS, PAGES, ROUNDS = 60, 20, 3
GOAL = 1.3
LIST: Final = "/admin/bookings/booking/"
# One sentence, and around it what every page has: sidebar, badges, palette, header.
EMPTY: Final = "/admin/password_change/done/"
PAGE: Final = {"ours": LIST, "stock": LIST, "frame": EMPTY}


@dataclass(frozen=True)
class Measured:
    """Milliseconds of processor time for a page: our list, the frame around it alone, and the reference."""

    ours: float
    frame: float
    stock: float


def measure(env: Mapping[str, str]) -> Measured:
    """Measure by turns, so that a busy moment of the machine hits all; the best of some rounds."""
    run("fill", env)
    rounds = [Measured(**{what: run(what, env) for what in PAGE}) for _ in range(ROUNDS)]
    return Measured(**{what: min(getattr(each, what) for each in rounds) for what in PAGE})


def run(what: str, env: Mapping[str, str]) -> float:
    """One process; what it says is how long a page took."""
    command = [sys.executable, "-m", "tests.performance.listing", what]
    return float(json.loads(subprocess.run(command, env=env, check=True, capture_output=True).stdout))


def main(what: str) -> float:
    """Fill the tables, or draw a page as often as is said above."""
    if what == "stock":
        importlib.import_module("tests.performance.stock")
    django = importlib.import_module("django")
    django.setup()
    return fill() if what == "fill" else draw(PAGE[what])


def fill() -> float:
    """Bookings with a payment each, and somebody who may see them."""
    factories = importlib.import_module("tests.factories")
    models = importlib.import_module("bookings.models")
    payments = importlib.import_module("payments.models")
    factories.UserFactory(role="owner", username="bench")
    room = factories.RoomFactory()
    stay = {"hotel": room.hotel, "room": room, "room_type": room.room_type, "currency": "EUR", "total_amount": 34000}
    start = factories.days_ahead(1)
    made = [
        models.Booking(
            **stay,
            guest_name=f"Guest {number}",
            guest_email=f"guest{number}@guest.example",
            check_in=start + timedelta(days=2 * number),
            check_out=start + timedelta(days=2 * number + 2),
            status="CONFIRMED",
        )
        for number in range(ROWS)
    ]
    models.Booking.objects.bulk_create(made)
    paid = {"currency": "EUR", "amount": 34000, "amount_authorized": 34000, "amount_captured": 34000}
    payments.Payment.objects.bulk_create(
        payments.Payment(booking=booking, status="SUCCEEDED", **paid) for booking in made
    )
    return 0


def draw(page: str) -> float:
    """Milliseconds of this process for one page, once everything is loaded."""
    client = importlib.import_module("django.test").Client(SERVER_NAME="127.0.0.1")
    users = importlib.import_module("django.contrib.auth").get_user_model().objects
    backend = importlib.import_module("django.conf").settings.AUTHENTICATION_BACKENDS[-1]
    client.force_login(users.get(username="bench"), backend=backend)
    best = float("inf")
    for _ in range(3):
        began = time.process_time()
        for _ in range(PAGES):
            answer = client.get(page)
            if answer.status_code != 200:
                raise RuntimeError(f"{answer.status_code} {answer.headers}")
        best = min(best, time.process_time() - began)
    return 1000 * best / PAGES


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1])))
