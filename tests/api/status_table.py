"""Which status each address answers, written by hand, and the scene that makes it do so.

What a stranger, a wrong key, an unreadable body or a flood gets is the same everywhere (`COMMON`); the rest has a
scene each: a booking in the state that makes it happen.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone

from bookings import lifecycle
from bookings.models import Booking, PaymentMethod
from payments import decisions, operations
from tests.api.test_new_booking import asked_for
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, days_ahead
from tests.simulator_process import StripeSimulator
from tests.stays import REFUSED_CARD, by_staff, clock_at, confirmed, fresh, paid, pay, submitted, with_page

type Scene = Callable[[StripeSimulator], Booking]
HOTEL: Final = "/api/public/hotel/{slug}/room-bookings/{booking_id}/"
CLIENT: Final = "/api/booking/client/{booking_id}/"
DESK: Final = "/api/staff/hotel/{slug}/room-bookings/"
MANAGE: Final = "/api/booking/manage/"
BOOKING: Final = f"{DESK}{{booking_id}}/"
MANAGED: Final = f"{MANAGE}{{booking_id}}/"


@dataclass(frozen=True)
class Row:
    """One address: which common statuses it has, and its own scenes; `body` is sent where `bodies` has no other."""

    method: str
    path: str
    common: tuple[int, ...]
    scenes: Mapping[int, Scene]
    body: Any = None
    bodies: Mapping[int, Any] = field(default_factory=dict)

    def statuses(self) -> set[int]:
        """Every status of this address."""
        return {*self.common, *self.scenes}

    def sent(self, status: int, booking: Booking) -> Any:
        """What is sent to get a status."""
        body = self.bodies.get(status, self.body)
        return body(booking) if callable(body) else body


def waiting(_: StripeSimulator) -> Booking:
    """It waits for its payment."""
    return submitted(matching())


def held(simulator: StripeSimulator) -> Booking:
    """It waits for the hotel's answer, its money held."""
    return paid(simulator, matching())


def agreed(simulator: StripeSimulator) -> Booking:
    """It is confirmed and paid."""
    return confirmed(simulator, matching())


def arrival(_: StripeSimulator) -> Booking:
    """It is confirmed and paid at the desk."""
    with by_staff():
        return decisions.approve(submitted(matching(payment_method=PaymentMethod.ARRIVAL))).booking


def over(_: StripeSimulator) -> Booking:
    """Nobody paid it in time."""
    booking = submitted(matching())
    with clock_at(timezone.now() + timedelta(days=2)):
        return decisions.expire(booking).booking


def hidden(simulator: StripeSimulator) -> Booking:
    """It is over and deleted."""
    booking = over(simulator)
    with by_staff():
        return decisions.soft_delete(booking, reason="Entered twice").booking


def hidden_and_taken(simulator: StripeSimulator) -> Booking:
    """It is deleted, and its room was given to somebody else."""
    booking = confirmed(simulator)
    with by_staff():
        with clock_at(timezone.now() + timedelta(days=40)):
            lifecycle.complete(booking)
        decisions.soft_delete(fresh(booking), reason="Entered twice")
    submitted(room=booking.room)
    return fresh(booking)


def refused_card(simulator: StripeSimulator) -> Booking:
    """Its guest's card was refused, and the page is gone."""
    payment = pay(simulator, with_page(matching()), REFUSED_CARD)
    simulator.control(f"expire/{payment.stripe_checkout_session_id}")
    operations.refresh(payment)
    return fresh(payment.booking)


def with_open_page(simulator: StripeSimulator) -> Booking:
    """Its guest has a page to pay on."""
    return fresh(with_page(matching()).booking)


def elsewhere(_: StripeSimulator) -> Booking:
    """It is in a hotel that wants more than a match."""
    return submitted()


def matching(**fields: Any) -> Booking:
    """A draft in a hotel that takes a match as proof, and lets owners delete."""
    hotel = HotelFactory(guest_verification="match", allow_admin_deletion=True)
    room = RoomFactory(room_type=RoomTypeFactory(hotel=hotel))
    return BookingFactory(room=room, **fields)


def trouble(kind: str, scene: Scene, path: str = "/v1/", method: str = "POST") -> Scene:
    """The same scene, and from then on Stripe does not do what it is asked."""

    def then(simulator: StripeSimulator) -> Booking:
        booking = scene(simulator)
        simulator.control("faults", kind=kind, match={"method": method, "path_regex": path}, times=9)
        return booking

    return then


def moves(scene: Scene, path: str = "/v1/") -> dict[int, Scene]:
    """What moves money at Stripe: done, unanswered, refused."""
    return {200: scene, 202: trouble("drop_after", scene, path), 502: trouble("refused", scene, path)}


def taken_room(booking: Booking) -> dict[str, Any]:
    """A new booking in the room that this one has."""
    stay = {"check_in": booking.check_in.isoformat(), "check_out": booking.check_out.isoformat()}
    return asked_for(booking.room, room=booking.room.number, **stay)


def free_room(booking: Booking) -> dict[str, Any]:
    """A new booking when this one is long over."""
    stay = {"check_in": days_ahead(60).isoformat(), "check_out": days_ahead(61).isoformat()}
    return asked_for(booking.room, **stay)


LOOKS: Final = (400, 401, 403, 429)
ACTS: Final = (*LOOKS, 422)
DESK_LOOKS: Final = (*LOOKS, 404)
DESK_ACTS: Final = (*ACTS, 404)
WHY: Final = {"reason": "Ill"}
CASH: Final = {"method": "Cash", "note": "Receipt 12"}
TABLE: Final = (
    Row("GET", HOTEL, LOOKS, {200: waiting}),
    Row("POST", HOTEL, ACTS, {**moves(agreed, "/v1/refunds"), 409: over}, WHY),
    Row("POST", f"{HOTEL}cancel/", ACTS, {**moves(agreed, "/v1/refunds"), 409: over}, WHY),
    Row("POST", f"{HOTEL}payment/session/", DESK_ACTS, {**moves(waiting), 409: arrival}),
    Row("POST", f"{HOTEL}payment/retry/", DESK_ACTS, {**moves(refused_card), 409: arrival}),
    Row("GET", f"{HOTEL}payment/status/", DESK_LOOKS, {200: waiting}),
    Row(
        "GET",
        f"{HOTEL}payment/verify/",
        DESK_LOOKS,
        {200: with_open_page, 502: trouble("drop_before", with_open_page, method="GET")},
    ),
    Row("GET", CLIENT, (400, 429), {200: waiting, 202: elsewhere}),
    Row(
        "POST",
        f"{CLIENT}cancel/",
        (400, 422, 429),
        {**moves(agreed, "/v1/refunds"), 409: over},
        {"client_email": "ada@guest.example"},
    ),
    Row("GET", DESK, (*DESK_LOOKS, 422), {200: waiting}),
    Row(
        "POST",
        DESK,
        DESK_ACTS,
        {200: waiting, 201: waiting, 409: waiting},
        free_room,
        {409: taken_room},
    ),
    Row("GET", BOOKING, DESK_LOOKS, {200: waiting}),
    Row("POST", f"{BOOKING}approve/", DESK_ACTS, {**moves(held), 409: over}),
    Row("POST", f"{BOOKING}decline/", DESK_ACTS, {**moves(held), 409: over}, WHY),
    Row("POST", f"{BOOKING}cancel/", DESK_ACTS, {**moves(agreed), 409: over}, WHY),
    Row("POST", f"{BOOKING}refund/", DESK_ACTS, {**moves(agreed), 409: waiting}, WHY),
    Row("POST", f"{BOOKING}mark-paid/", DESK_ACTS, {200: arrival, 409: over}, CASH),
    Row("POST", f"{BOOKING}soft-delete/", DESK_ACTS, {200: over, 409: agreed}, WHY),
    Row("POST", f"{BOOKING}restore/", DESK_ACTS, {200: hidden, 409: hidden_and_taken}),
    Row("GET", MANAGE, (*LOOKS, 422), {200: waiting}),
    Row("GET", MANAGED, DESK_LOOKS, {200: waiting}),
    Row("PATCH", MANAGED, DESK_ACTS, {**moves(held), 409: over}, {"action": "approve"}),
    Row(
        "DELETE",
        MANAGED,
        DESK_ACTS,
        {200: hidden, 409: agreed},
        lambda booking: {"confirm": booking.booking_id, "reason": "Entered twice"},
    ),
)
