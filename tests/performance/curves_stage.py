"""The life of a booking, step by step, and what each step costs; the worker's rounds when there is nothing to do."""

import logging
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any, Final

from django.db import connection
from django.test import Client
from django.utils import timezone

from bookings import access_tokens, bulk, outbox, realtime
from bookings.models import Booking, Hotel, Message, MessageStatus, RoomType
from payments import checkout, decisions, gateway, reconcile, webhooks
from payments.models import Payment, PaymentOperation, StripeWebhookEvent
from site_config.management.commands import worker
from tests.factories import BookingFactory, RoomFactory, RoomTypeFactory, UserFactory, days_ahead
from tests.performance.bulk_stage import owner, stripe
from tests.performance.curves import Cost
from tests.performance.drain_stage import take
from tests.simulator_process import StripeSimulator
from tests.stays import GOOD_CARD, by_guest, by_staff, fresh, guest_cancels, paid, transitions

__all__ = ["lives", "on_disk", "rounds", "stripe"]

WARM: Final = 1
ROUNDS: Final = 5
WHOLE_LIFE: Final = ["submit", "authorize", "approve", "cancel", "refund"]
BLOCKS: Final = """SELECT sum(heap_blks_hit + heap_blks_read + coalesce(idx_blks_hit + idx_blks_read, 0)
 + coalesce(toast_blks_hit + toast_blks_read + tidx_blks_hit + tidx_blks_read, 0)) FROM pg_statio_user_tables"""

type Taken = tuple[int, int, float, float]


@dataclass
class Scene:
    """The first hotel, whose chain is the longest there is, a program that books in it, and Stripe."""

    simulator: StripeSimulator
    hotel: Any = field(default_factory=lambda: Hotel.objects.earliest("pk"))
    booked: int = 0
    heard: int = 0

    def __post_init__(self) -> None:
        person: Any = UserFactory(role="owner")
        self.key = access_tokens.create(person, name="Website", hotel=None, expires_at=None)[1]
        self.kind = RoomType.objects.filter(hotel=self.hotel).earliest("pk").name
        self.client = Client(SERVER_NAME="127.0.0.1")

    def book(self) -> Booking:
        """Book by the API, each time for other nights a year ahead."""
        self.booked += 1
        start = 400 + 2 * self.booked
        said = {
            "room_type": self.kind,
            "check_in": days_ahead(start).isoformat(),
            "check_out": days_ahead(start + 2).isoformat(),
            "guest_name": "Ada Guest",
            "guest_email": "ada@guest.example",
        }
        headers = {"Authorization": f"Bearer {self.key}"}
        path = f"/api/staff/hotel/{self.hotel.slug}/room-bookings/"
        answer = self.client.post(path, said, "application/json", headers=headers)
        assert answer.status_code == 201, answer.content
        return Booking.objects.get(booking_id=answer.json()["booking"]["booking_id"])

    def events(self) -> list[dict[str, Any]]:
        """Return what Stripe would have sent since the last time, the oldest first."""
        known = set(StripeWebhookEvent.objects.values_list("event_id", flat=True))
        return [event for event in gateway.events_since(0) if event["id"] not in known][::-1]


def lives(scene: Scene, number: int) -> dict[str, Cost]:
    """Return what each step of some lives has cost in the middle."""
    logging.disable(logging.INFO)
    found: dict[str, list[Taken]] = {}
    for turn in range(WARM + number):
        for name, taken in life(scene):
            found.setdefault(name, [])
            if turn >= WARM:
                found[name].append(taken)
    return {name: middle(taken) for name, taken in found.items()}


def life(scene: Scene) -> Iterator[tuple[str, Taken]]:
    """Live one life; yield each step with what it has cost. What Stripe does by itself is nobody's cost here."""
    made: list[Booking] = []
    yield "book by the API", cost(lambda: made.append(scene.book()))
    pages: list[Payment] = []
    yield "open the payment page", cost(lambda: pages.append(opened(made[0])))
    scene.simulator.control(f"pay/{pages[0].stripe_checkout_session_id}", card=GOOD_CARD)
    yield "events: authorized", cost(heard(scene))
    yield "approve", cost(lambda: approve(made[0]))
    yield "events: captured", cost(heard(scene))
    yield "cancel with a refund", cost(lambda: guest_cancels(fresh(made[0])))
    yield "events: refunded", cost(heard(scene))
    yield "send the mails", cost(lambda: outbox.deliver_due(timezone.now()))
    assert transitions(made[0])[:4] == WHOLE_LIFE[:4], transitions(made[0])
    unsent = Message.objects.filter(booking=made[0]).exclude(status=MessageStatus.SENT)
    assert not unsent.exists(), [(each.kind, each.status, each.last_error) for each in unsent]


def opened(booking: Booking) -> Payment:
    """Open the payment page as the guest does."""
    with by_guest():
        _, payment = checkout.open_payment_page(booking)
    assert payment is not None
    return payment


def approve(booking: Booking) -> None:
    """Approve as the dialog does."""
    with by_staff(owner()):
        assert decisions.approve(fresh(booking)).state == "done"


def heard(scene: Scene) -> Callable[[], object]:
    """Return the step in which Stripe's events so far are stored and processed."""
    events = scene.events()
    scene.heard += len(events)

    def work() -> None:
        for event in events:
            take(event)
        while webhooks.process_due(timezone.now()):
            pass

    return work


def rounds(axis: str) -> dict[str, Cost]:
    """Return what the worker's rounds cost when nothing is due."""
    now = timezone.now()
    last = dict.fromkeys(range(len(worker.PERIODIC)), now)
    works: dict[str, Callable[[], object]] = {
        "a turn of the worker": lambda: (worker.turn(last), bulk.unfinished(now), realtime.waiting(now)),
    }
    if axis != "open operations":
        works["a round of reconcile"] = lambda: reconcile.reconcile(now)
    return {name: middle([cost(work) for _ in range(ROUNDS)]) for name, work in works.items()}


def looked_up(simulator: StripeSimulator, number: int) -> dict[str, Cost]:
    """Return what it costs to find out what became of each of so many steps whose answers were lost."""
    logging.disable(logging.WARNING)
    waiting = [paid(simulator, BookingFactory(room=RoomFactory(room_type=RoomTypeFactory()))) for _ in range(number)]
    for booking in waiting:
        # Stripe has done it, and says so to none of the library's tries.
        simulator.control("faults", kind="drop_after", times=1 + gateway.MAX_RETRIES, match={"path_regex": "capture"})
        with by_staff(owner()):
            decisions.approve(booking)
    assert PaymentOperation.objects.filter(status="pending").count() == number
    whole = cost(lambda: reconcile.resolve_open(timezone.now() + reconcile.GRACE))
    assert not PaymentOperation.objects.filter(status="pending").exists()
    return {"reconcile, for each open operation": Cost(*(each / number for each in whole))}


def on_disk(scene: Scene, number: int) -> float:
    """Return by how many bytes each of some lives lets the database grow: all tables and indexes."""
    before = size_of_database()
    for _ in range(number):
        for _step in life(scene):
            pass
    return (size_of_database() - before) / number


def size_of_database() -> int:
    """Return the size in bytes, with everything written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND oid >= 16384")
        return int(cursor.fetchone()[0])


def cost(work: Callable[[], object]) -> Taken:
    """Return what a piece of work took: statements, blocks, milliseconds of our CPU and of PostgreSQL's."""
    statements = 0

    def counted(execute: Callable[..., Any], *said: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*said)

    blocks = blocks_read()
    spent, begun = backend_seconds(), time.process_time()
    with connection.execute_wrapper(counted):
        work()
    ours = time.process_time() - begun
    theirs = backend_seconds() - spent
    return statements, blocks_read() - blocks, 1000 * ours, 1000 * theirs


def blocks_read() -> int:
    """Return how many blocks of our tables and their indexes were looked at so far, wherever they were."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(BLOCKS)
        return int(cursor.fetchone()[0])


def backend_seconds() -> float:
    """Return for how long PostgreSQL's process for this connection has kept a core busy."""
    connection.ensure_connection()
    number = connection.connection.info.backend_pid
    return int(Path(f"/proc/{number}/schedstat").read_text().split()[0]) / 1e9


def middle(taken: list[Taken]) -> Cost:
    """Return the medians."""
    return Cost(*(float(median(each)) for each in zip(*taken, strict=True)))
