"""Where a simulation plays: a small hotel business, a Stripe, a clock, and the dice of a seed."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from urllib.error import HTTPError

from django.utils import timezone

from bookings import bulk, realtime
from bookings.models import Booking, Room, User
from payments import chores
from payments.models import ExchangeRate, Payment, Refund
from site_config.management.commands import worker
from tests.factories import HotelFactory, RoomFactory, RoomTypeFactory
from tests.faults.forks import Job
from tests.faults.presses import Press
from tests.faults.simulation.clock import Clock
from tests.faults.simulation.mishaps import Post
from tests.faults.state import Row
from tests.faults.world import Event, World

UNPAID: Final = ("PROCESSING", "FAILED")
HOURS_OF_A_YEAR: Final = 365 * 24
BEGIN: Final = datetime(2027, 1, 1, tzinfo=UTC)


class Stage:
    """What is there at a moment. Everything that is drawn is drawn by its dice."""

    def __init__(self, seed: int, world: World) -> None:
        self.dice, self.world, self.simulator = random.Random(seed), world, world.simulator
        self.post, self.number = Post(), 0
        self.rooms: list[Room] = []
        self.heard: list[Event] = []
        self.clock = Clock(BEGIN + timedelta(hours=self.dice.randrange(HOURS_OF_A_YEAR)), world.simulator)
        self.last = dict.fromkeys(range(len(worker.PERIODIC)), BEGIN - timedelta(days=1))

    def build(self) -> None:
        """Open one or two hotels, with rules of their own and three rooms in all."""
        self.clock.tell_stripe()
        self.sign_in()
        dice = self.dice
        is_fallback = dice.random() < 1 / 8
        for number in (1, 2)[: dice.choice((1, 2))]:
            hotel: Any = HotelFactory(
                booking_mode=dice.choice(("request", "request", "instant")),
                external_refunds=dice.choice(("ask", "cancel", "reopen")),
                four_eyes_threshold=dice.choice((None, None, 20000)),
                fallback_currency="USD" if is_fallback else "",
            )
            kind = RoomTypeFactory(hotel=hotel, nightly_rate=17000)
            self.rooms += [RoomFactory(room_type=kind) for _ in range(number, 3)]
        if is_fallback:
            said = {"rate": Decimal("1.1"), "source": "Central bank", "quoted_at": timezone.now()}
            ExchangeRate.objects.create(base="EUR", target="USD", **said)
            self.simulator.control("currencies", unsupported=["eur"])

    def sign_in(self) -> None:
        """Let staff sign in anew: a session ends with the day."""
        self.world.owner = self.world.owner.signed_in_again()

    @property
    def owner(self) -> User:
        """Who presses the buttons."""
        return self.world.owner.user

    @property
    def partner(self) -> User:
        """Who agrees to what they asked for."""
        return self.world.partner.user

    def all_bookings(self) -> list[Booking]:
        """Return every booking, the oldest first."""
        return list(Booking.objects.select_related("hotel", "room", "room_type").order_by("pk"))

    def some(self, *statuses: str) -> Booking | None:
        """Return a booking that has one of the statuses; None where there is none."""
        found = [each for each in self.all_bookings() if each.status in statuses]
        return self.dice.choice(found) if found else None

    def payments(self) -> list[Payment]:
        """Return every attempt to pay, the oldest first."""
        return list(Payment.objects.select_related("booking").order_by("pk"))

    def pages(self, *, is_open: bool) -> list[Payment]:
        """Return the attempts that have a page at Stripe; those that may still be open, or all."""
        found = [each for each in self.payments() if each.stripe_checkout_session_id]
        return [each for each in found if each.status in UNPAID] if is_open else found

    def refunds(self) -> list[Refund]:
        """Return every refund, the oldest first."""
        return list(Refund.objects.select_related("payment__booking").order_by("pk"))

    def name(self, booking: Booking) -> str:
        """Return what the protocol calls a booking: its own reference is another one each time."""
        return f"booking {self.all_bookings().index(booking) + 1} ({booking.status})"

    def name_of(self, row: Row) -> str:
        """Return the same for a PaymentIntent."""
        booking = next(each for each in self.all_bookings() if each.booking_id == row["metadata"]["booking"])
        return f"{self.name(booking)}, {row['status']}"

    def at_stripe(self) -> list[Row]:
        """Return what Stripe says of each PaymentIntent, the oldest first."""
        return list(reversed(self.simulator.look("summary")))

    def events(self) -> list[Event]:
        """Return every event there has been, the oldest first. Stripe forgets them after 30 days; we do not."""
        while new := self.world.ask_stripe(f"/v1/events?limit=100{self.after()}")["data"]:
            self.heard += reversed(new)
        return self.heard

    def after(self) -> str:
        """Which events are new."""
        return f"&ending_before={self.heard[-1]['id']}" if self.heard else ""

    def outside(self, do: Callable[[], Any]) -> str:
        """Do something at Stripe; return what it says, where it says no."""
        try:
            do()
        except HTTPError as no:
            return f"{no.code}"
        return "done"

    def pressed(self, press: Press, booking: Booking) -> Job | None:
        """Open the dialog of a button; None where the booking's page has no such button."""
        try:
            return press(self.world, booking)
        except (KeyError, TypeError, AttributeError):
            return None

    def worker(self) -> None:
        """Let the worker take a turn, with what it does beside."""
        worker.turn(self.last)
        for work in (chores.do_due, bulk.run_due, realtime.publish_due):
            worker.attempt(work, timezone.now())
