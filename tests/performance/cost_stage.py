"""Bookings that are made, paid and approved, each step counted for the process that does it in an installation."""

import logging
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from bookings import outbox
from bookings.models import Booking, Room
from payments import decisions, gateway, webhooks
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, days_ahead
from tests.performance.bulk_stage import stripe
from tests.performance.cost import Meter
from tests.simulator_process import StripeSimulator
from tests.site_config.deliveries import post_event
from tests.stays import by_staff, fresh, pay, with_page

__all__ = ["stripe"]

NIGHTS = 2


def lives(simulator: StripeSimulator, number: int, web: Meter, worker: Meter) -> int:
    """Let so many bookings be made, paid and approved; return how many webhooks came of them."""
    logging.disable(logging.INFO)
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    known = {event["id"] for event in gateway.events_since(0)}
    room = RoomFactory(room_type=RoomTypeFactory(hotel=HotelFactory()))
    made = [one(simulator, room, turn, web) for turn in range(number)]
    start = len(known)
    deliver(known, web)
    while worker.measured(work):
        pass
    for booking in made:
        web.measured(lambda own=booking: approve(own))
    events = deliver(known, web) - start
    while worker.measured(work):
        pass
    return events


def one(simulator: StripeSimulator, room: Room, turn: int, web: Meter) -> Booking:
    """Make a booking, and pay it on its page."""
    stay = days_ahead(30 + turn * NIGHTS)
    payment = web.measured(lambda: with_page(BookingFactory(room=room, check_in=stay)))
    return pay(simulator, payment).booking


def approve(booking: Booking) -> None:
    """Approve one, as the desk does."""
    with by_staff():
        decisions.approve(fresh(booking))


def deliver(known: set[str], web: Meter) -> int:
    """Deliver what is new at Stripe; return how much has been delivered so far."""
    for event in reversed(list(gateway.events_since(0))):
        if event["id"] not in known:
            known.add(event["id"])
            answer: Any = web.measured(lambda own=event: post_event(own))
            assert answer.status_code == 200
    return len(known)


def work() -> int:
    """Do what the worker does of it."""
    now = timezone.now()
    return webhooks.process_due(now) + outbox.deliver_due(now)


def stored() -> tuple[int, int]:
    """Return how many rows the database has taken in, and its bytes on disk."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT sum(n_tup_ins), pg_database_size(current_database()) FROM pg_stat_user_tables")
        rows, size = cursor.fetchone()
    return int(rows), int(size)


def backend() -> int:
    """Return the process of the server that serves our connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])
