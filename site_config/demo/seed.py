"""Bring the demo's stays to life with the product's own functions, the clock turned back to when each happened.

Money goes through the simulated Stripe, whose clock moves along, so that every booking of the demo can really be
approved, cancelled and refunded.
"""

import json
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Group
from django.utils import timezone

from bookings import audit, lifecycle, pricing
from bookings.audit import Actor, ActorKind
from bookings.models import BLOCKING, Booking, BookingStatus, Hotel, Room, RoomType, User
from cancellations import cancel
from cancellations.models import CancellationPolicy, CancellationTier
from payments import checkout, decisions, ledger, operations
from payments.models import ExchangeRate, Payment
from site_config.demo.accounts import ACCOUNTS, PASSWORD
from site_config.demo.seed_stays import (
    HOTELS,
    INSTANT_SKIPS,
    LIVES,
    REFUSED,
    WITHOUT_STRIPE,
    HotelPlan,
    Stay,
)

type Action = Callable[[Booking, User], Any]

GOOD_CARD, REFUSED_CARD = "4242424242424242", "4000000000009995"
DESK_ADDRESS, GUEST_ADDRESS = "192.0.2.10", "198.51.100.7"  # reserved for documentation (RFC 5737)


@dataclass(frozen=True)
class Happening:
    """One thing that happens to one booking at a moment; a booking is made by its first."""

    at: datetime
    stay: int
    do: str


def seed() -> int:
    """Fill an empty database; return how many bookings it has. A filled one stays as it is."""
    if Hotel.objects.exists():
        return Booking.objects.count()
    hotels = [make_hotel(plan) for plan in HOTELS]
    people = make_people(hotels)
    with sent_nowhere():
        for hotel, plan in zip(hotels, HOTELS, strict=True):
            live(hotel, plan, people["frontdesk"])
    return Booking.objects.count()


def make_hotel(plan: HotelPlan) -> Hotel:
    """Make a hotel with its rooms and the 14/7 policy."""
    hotel = Hotel.objects.create(**plan.fields)
    for name, rate, capacity, numbers in plan.room_types:
        kind = RoomType.objects.create(hotel=hotel, name=name, nightly_rate=rate, capacity=capacity)
        for number in numbers:
            Room.objects.create(hotel=hotel, room_type=kind, number=number)
    policy = CancellationPolicy.objects.create(
        hotel=hotel,
        name="14/7",
        is_default=True,
        description="Full refund until 14 days before check-in, half until 7 days, nothing after that.",
    )
    for days, percent in ((14, 0), (7, 50), (0, 100)):
        CancellationTier.objects.create(policy=policy, at_least=days, fee_kind="percent", fee_value=percent)
    return hotel


def make_people(hotels: list[Hotel]) -> dict[str, User]:
    """Make one person per role; all but the owner belong to every hotel."""
    people = {}
    for account in ACCOUNTS:
        owner = account.role == "Owner"
        person = User(username=account.username, first_name=account.role, is_staff=True, is_superuser=owner)
        person.set_password(PASSWORD)
        person.save()
        person.hotels.set(hotels)
        if not owner:
            person.groups.add(Group.objects.get(name=account.role))
        people[account.username] = person
    return people


def live(hotel: Hotel, plan: HotelPlan, person: User) -> None:
    """Let everything happen to one hotel's stays in the order of time."""
    stays = [stay for stay in plan.stays if is_possible(stay, hotel)]
    now = timezone.now()
    bookings: dict[int, Booking] = {}
    for happening in sorted(happenings(stays, now), key=lambda each: each.at):
        with clock_at(happening.at):
            if plan.exchange_rate:
                enter_rate(hotel, plan.exchange_rate, person)
            if happening.do == "make":
                bookings[happening.stay] = make_booking(hotel, plan, happening.stay, stays, now, person)
            else:
                ACTIONS[happening.do](bookings[happening.stay], person)
    with clock_at(now):
        close_stays(hotel)


def enter_rate(hotel: Hotel, value: str, person: User) -> None:
    """Enter the day's exchange rate, once a day."""
    now = timezone.now()
    row = ExchangeRate.objects.filter(base=hotel.currency, target=hotel.fallback_currency).first()
    if row is not None and now - row.quoted_at < timedelta(days=1):
        return
    row = row or ExchangeRate(base=hotel.currency, target=hotel.fallback_currency, source="Example Bank")
    row.rate, row.quoted_at = Decimal(value), now
    with by_staff(person):
        row.save()


def is_possible(stay: Stay, hotel: Hotel) -> bool:
    """Whether the hotel can have such a stay: an instant one decides nothing, and money needs the simulator."""
    if hotel.booking_mode == "instant" and stay.life in INSTANT_SKIPS:
        return False
    return bool(settings.STRIPE_API_BASE) or stay.life in WITHOUT_STRIPE


def happenings(stays: list[Stay], now: datetime) -> Iterator[Happening]:
    """Yield what happens to the stays until now."""
    for number, stay in enumerate(stays):
        made = now - stay.made
        yield Happening(made, number, "make")
        for step in LIVES[stay.life]:
            if made + step.after < now:
                yield Happening(made + step.after, number, step.do)


def make_booking(
    hotel: Hotel, plan: HotelPlan, number: int, stays: list[Stay], now: datetime, person: User
) -> Booking:
    """Enter one booking as the front desk does, in a room that is free."""
    stay = stays[number]
    check_in = hotel.today(now) + timedelta(days=stay.check_in)
    check_out = check_in + timedelta(days=stay.nights)
    room = free_room(hotel, number, check_in, check_out)
    first_name = plan.guests[number % len(plan.guests)]
    price = pricing.stay_price(nightly_rate=room.room_type.nightly_rate, check_in=check_in, check_out=check_out)
    with by_staff(person), audit.change("create"):
        return Booking.objects.create(
            hotel=hotel,
            room_type=room.room_type,
            room=room,
            check_in=check_in,
            check_out=check_out,
            guest_name=f"{first_name} Sample",
            guest_email=f"{first_name.lower()}{number}@guest.example",
            guest_phone=f"+353 86 555 {1000 + number}",
            guest_language="de" if number % 5 == 2 else "en",
            payment_method="ARRIVAL" if stay.is_on_arrival else "ONLINE",
            total_amount=price,
            currency=hotel.currency,
        )


def free_room(hotel: Hotel, number: int, check_in: Any, check_out: Any) -> Room:
    """Return a room that no booking of the demo has for the nights; every fourth stay begins with the suites."""
    rooms = list(hotel.rooms.select_related("room_type").order_by("number"))
    rooms = rooms[::-1] if number % 4 == 3 else rooms
    statuses = (*BLOCKING, BookingStatus.DRAFT)
    taken = set(
        Booking.objects.filter(
            room__in=rooms, status__in=statuses, check_in__lt=check_out, check_out__gt=check_in
        ).values_list("room_id", flat=True)
    )
    return next(room for room in rooms if room.pk not in taken)


def pay(booking: Booking, card: str) -> None:
    """Let the guest open the payment page and pay there; then let us learn of it."""
    with by_guest():
        _, payment = checkout.open_payment_page(booking)
    assert payment is not None  # a page was opened
    simulator(f"pay/{payment.stripe_checkout_session_id}", {"card": card})
    with audit.acting_as(ActorKind.STRIPE):
        operations.refresh(Payment.objects.select_related("booking").get(pk=payment.pk))


def approve(booking: Booking, person: User) -> None:
    """Agree, unless payment has confirmed the booking already."""
    if Booking.objects.get(pk=booking.pk).status == BookingStatus.PENDING_APPROVAL:
        with by_staff(person):
            decisions.approve(booking)


def by_guest_cancel(booking: Booking, person: User) -> None:
    """Cancel as the guest, at the amount shown. A staff member helps where the deadline has passed."""
    fresh = Booking.objects.select_related("hotel").get(pk=booking.pk)
    shown = cancel.quote(fresh, at=timezone.now()).signed(fresh)
    with by_guest():
        cancel.cancel_booking(fresh, reason="Change of plans", signed_quote=shown)


def acted(function: Callable[..., Any], **arguments: Any) -> Action:
    """Return the action in which staff call a function of the product."""

    def action(booking: Booking, person: User) -> None:
        with by_staff(person):
            function(booking, **arguments)

    return action


def refund_part(booking: Booking, person: User) -> None:
    """Return a tenth of what was charged for a broken shower."""
    with by_staff(person):
        amount = ledger.balance(Booking.objects.get(pk=booking.pk)).captured // 1000 * 100
        decisions.refund(booking, amount=amount, note="The shower was out of order.")


def expire(booking: Booking, person: User) -> None:
    """Let the worker give the room back."""
    with audit.acting(Actor(kind=ActorKind.WORKER, request_id=audit.new_request_id())):
        decisions.expire(booking)


ACTIONS: dict[str, Action] = {
    "submit": acted(lifecycle.submit),
    "pay": lambda booking, person: pay(booking, GOOD_CARD),
    "pay_refused": lambda booking, person: pay(booking, REFUSED_CARD),
    "approve": approve,
    "decline": acted(decisions.decline, reason="No room: the floor is being repaired."),
    "delete": acted(decisions.soft_delete, reason="Entered twice."),
    "cancel_by_guest": by_guest_cancel,
    "cancel_by_hotel": acted(cancel.cancel_booking, reason="Burst pipe, the room is closed.", fee=0),
    "refund_part": refund_part,
    "mark_paid": acted(decisions.mark_paid, method="Card terminal", note="Receipt 0042"),
    "expire": expire,
}


def close_stays(hotel: Hotel) -> None:
    """Complete the stays whose guests have left."""
    left = hotel.bookings.filter(status=BookingStatus.CONFIRMED, check_out__lte=hotel.today(timezone.now()))
    with audit.acting(Actor(kind=ActorKind.WORKER, request_id=audit.new_request_id())):
        for booking in left:
            lifecycle.complete(booking)


@contextmanager
def by_staff(person: User) -> Iterator[None]:
    """Act as a member of staff at the hotel's desk."""
    actor = Actor(ActorKind.STAFF, person.pk, DESK_ADDRESS, "Demo desk", audit.new_request_id())
    with audit.acting(actor):
        yield


@contextmanager
def by_guest() -> Iterator[None]:
    """Act as a guest on a phone."""
    actor = Actor(ActorKind.GUEST, None, GUEST_ADDRESS, "Demo phone", audit.new_request_id())
    with audit.acting(actor):
        yield


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    """Turn the product's clock, and the simulated Stripe's, to a moment."""
    real = timezone.now
    simulator("clock", {"set": int(moment.timestamp())})
    timezone.now = lambda: moment
    try:
        yield
    finally:
        timezone.now = real


@contextmanager
def sent_nowhere() -> Iterator[None]:
    """Hold the webhooks back while the past is told, and set the simulator's clock right again at the end.

    The simulated Stripe refuses one hotel's currency, then and later.
    """
    simulator("deliveries", {"mode": "hold"})
    simulator("currencies", {"unsupported": [REFUSED]})
    try:
        yield
    finally:
        simulator("clock", {"set": int(timezone.now().timestamp())})
        simulator("deliveries", {"mode": "normal"})
        simulator("deliveries/release", {})


def simulator(command: str, body: dict[str, Any]) -> None:
    """Ask the simulated Stripe for something; nothing where the demo runs against Stripe's test mode."""
    if not settings.STRIPE_API_BASE:
        return
    request = urllib.request.Request(  # noqa: S310  (a loopback address from the settings)
        f"{settings.STRIPE_API_BASE}/_sim/{command}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        answer.read()
