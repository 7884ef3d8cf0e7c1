"""The whole API from its own document, against a live server: no 5xx, nothing undescribed, no write where it refuses.

The suite sends a small, fixed part; `./run fuzz` sends as many as it is told, from a seed that it prints.
"""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from bookings.models import Booking, Message, NewBookingKey
from tests.factories import RoomFactory, RoomTypeFactory, UserFactory, days_ahead
from tests.fuzz import server
from tests.fuzz.figures import keep
from tests.fuzz.odd import SECONDS, Fuzz, operations
from tests.fuzz.scene import Scene, bearer, token_of
from tests.simulator_process import StripeSimulator

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

CASES, SEED = 1, 1
ROUNDS, WRITERS = 6, 6


@pytest.fixture
def live(tmp_path: Path, database_url: str, stripe_simulator: StripeSimulator) -> Iterator[server.Server]:
    """The product's server on the tests' database, with the simulator for its Stripe."""
    with server.running(tmp_path, database=database_url, stripe=stripe_simulator.url) as found:
        yield found


def test_no_request_from_the_document_breaks_it(
    live: server.Server,
    stripe_simulator: StripeSimulator,
    transactional_db: None,
    pytestconfig: pytest.Config,
    record_testsuite_property: Any,
    capsys: pytest.CaptureFixture[str],
):
    cases, number = pytestconfig.getoption("--cases") or CASES, pytestconfig.getoption("--fuzz-seed") or SEED
    fuzz = Fuzz(live.url, Scene(stripe_simulator), cases=cases, number=number)
    for operation in operations():
        fuzz.run(operation)
    with capsys.disabled():
        sys.stdout.write(f"\n  seed {number}: {fuzz.summary()}\n")
    if pytestconfig.getoption("--cases"):
        keep(record_testsuite_property, "calls of the API", fuzz.total, len(fuzz.findings))
    assert fuzz.findings == []
    assert live.faults() == []
    # Were everything refused at the door, nothing would have been tried.
    assert {"200", "400", "401", "403", "404", "409", "422"} <= set(fuzz.sent)


def test_one_key_takes_one_booking_however_many_send_it_at_once(live: server.Server, transactional_db: None):
    kind: Any = RoomTypeFactory(name="Double")
    for _ in range(ROUNDS):
        RoomFactory(room_type=kind)
    url = f"{live.url}/api/staff/hotel/{kind.hotel.slug}/room-bookings/"
    key = token_of(UserFactory(role="owner"))
    for number in range(ROUNDS):
        # Every other time half of them ask for something else with the same key.
        bodies = [asked_for(number, "Bea" if number % 2 and turn % 2 else "Ada") for turn in range(WRITERS)]
        with ThreadPoolExecutor(WRITERS) as pool:
            answers = list(
                pool.map(partial(send, url, {**bearer(key), "Idempotency-Key": f"order-{number}"}), bodies)
            )
        winner = next(name for status, name, _ in answers if status == 201)
        same = sorted(status for status, name, _ in answers if name == winner)
        assert same == [*[200] * (sum(each["guest_name"] == winner for each in bodies) - 1), 201]
        assert {status for status, name, _ in answers if name != winner} <= {422}
        assert len({reference for _, _, reference in answers} - {""}) == 1
        assert NewBookingKey.objects.count() == Booking.objects.count() == Message.objects.count() == number + 1
    assert live.faults() == []


def asked_for(number: int, name: str) -> dict[str, str]:
    """What a website sends for two nights; each round has nights of its own."""
    stay = {"check_in": days_ahead(40 + 2 * number).isoformat(), "check_out": days_ahead(42 + 2 * number).isoformat()}
    return {"room_type": "Double", "guest_name": name, "guest_email": "ada@guest.example", **stay}


def send(url: str, headers: dict[str, str], said: dict[str, str]) -> tuple[int, str, str]:
    """Ask for a booking; return the status, who asked, and the reference."""
    answer = requests.post(url, json=said, headers=headers, timeout=SECONDS)
    return answer.status_code, said["guest_name"], answer.json().get("booking", {}).get("booking_id", "")
