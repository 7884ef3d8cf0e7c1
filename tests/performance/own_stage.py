"""Bookings on which each act is tried, the acts, and the bare call beside them."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from statistics import median
from typing import Any, Final
from unittest import mock

import stripe as library
from django.conf import settings
from django.db import connection, transaction

from bookings.models import Booking
from payments import decisions, gateway
from tests.factories import BookingFactory, RoomFactory, RoomTypeFactory, days_ahead
from tests.performance import bare_table
from tests.performance.bulk_stage import cancel_alone, owner, stripe
from tests.performance.own import Cost
from tests.simulator_process import StripeSimulator
from tests.stays import by_staff, confirmed, guest_cancels, paid

__all__ = ["by_turns", "prepared", "stripe"]

WARM: Final = 3
BARE: Final = "one bare call and one commit"

type Act = Callable[[], object]


class Waiting:
    """How long the process has waited for Stripe's answers, in seconds."""

    seconds = 0.0


def prepared(simulator: StripeSimulator, each: int) -> dict[str, list[Act]]:
    """Return so many of each act, ready to be carried out, and as many bare calls, a few more to warm up."""
    logging.disable(logging.INFO)
    number = each + WARM
    waiting = [paid(simulator, fresh_draft()) for _ in range(number)]
    by_desk = [confirmed(simulator, fresh_draft()) for _ in range(number)]
    by_guest = [confirmed(simulator, fresh_draft()) for _ in range(number)]
    # Of money that no act touches.
    other = [confirmed(simulator, fresh_draft()).payment_reference for _ in range(number)]
    return {
        "Approve": [bound(approve, booking) for booking in waiting],
        "Cancel by staff, with refund": [bound(cancel_alone, booking) for booking in by_desk],
        "Cancel by the guest, with refund": [bound(guest_cancels, booking) for booking in by_guest],
        BARE: [bound(bare, intent) for intent in other],
    }


def fresh_draft() -> Booking:
    """A draft in a room of its own, ten days ahead: half would be kept."""
    return BookingFactory(room=RoomFactory(room_type=RoomTypeFactory()), check_in=days_ahead(10))


def bound(act: Callable[[Any], object], on: Any) -> Act:
    """Return an act on one thing."""
    return lambda: act(on)


def approve(booking: Booking) -> None:
    """Approve as the dialog does."""
    with by_staff(owner()):
        assert decisions.approve(booking).state == "done"


def bare(intent: str) -> None:
    """Refund a little by the library alone, and write one row."""
    said: Any = {"payment_intent": intent, "amount": 100, "expand": gateway.EXPAND_INTENT}
    bare_client().v1.refunds.create(said, {"idempotency_key": f"bare:{intent}"})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(bare_table.INSERT, [f"evt_{intent}", "{}"])


@cache
def bare_client() -> library.StripeClient:
    """Return the library's own client, as its manual makes one."""
    return library.StripeClient(settings.STRIPE_SECRET_KEY, base_addresses={"api": settings.STRIPE_API_BASE})


def by_turns(acts: dict[str, list[Act]]) -> tuple[tuple[Cost, ...], Cost]:
    """Carry out one of each after the other; return what the middle one of each cost, and the middle bare call."""
    found: dict[str, list[tuple[float, float, int]]] = {name: [] for name in acts}
    with answers_timed():
        for turn in zip(*acts.values(), strict=True):
            for name, act in zip(acts, turn, strict=True):
                found[name].append(cost_of(act, is_bare=name == BARE))
    costs = {name: middle(name, taken[WARM:]) for name, taken in found.items()}
    return tuple(cost for name, cost in costs.items() if name != BARE), costs[BARE]


def cost_of(act: Act, *, is_bare: bool) -> tuple[float, float, int]:
    """Return what an act took: seconds by the clock, seconds of CPU, and statements."""
    statements = 0

    def counted(execute: Callable[..., Any], *said: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*said)

    waited, clock, cpu = Waiting.seconds, time.perf_counter(), time.process_time()
    with connection.execute_wrapper(counted):
        act()
    wall, cpu = time.perf_counter() - clock, time.process_time() - cpu
    # The bare call is taken with its wait: that is what there is to compare with.
    return wall - (0 if is_bare else Waiting.seconds - waited), cpu, statements


def middle(name: str, taken: list[tuple[float, float, int]]) -> Cost:
    """Return the medians, in milliseconds."""
    wall, cpu, statements = (median(each) for each in zip(*taken, strict=True))
    return Cost(name, wall * 1000, cpu * 1000, statements)


@contextmanager
def answers_timed() -> Iterator[None]:
    """Sum up the time between a request to Stripe and its answer."""
    send = library.RequestsClient.request

    def timed(*said: Any) -> Any:
        started = time.perf_counter()
        try:
            return send(*said)
        finally:
            Waiting.seconds += time.perf_counter() - started

    with mock.patch.object(library.RequestsClient, "request", timed):
        yield
