"""Every page that a guest can meet, made the way guests meet it, by its name and with its status."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

from django.test import Client
from django.utils import timezone

from bookings import lifecycle
from bookings.models import Booking, Hotel
from cancellations import identity, throttle, tokens
from payments import decisions, operations
from payments.models import Refund
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, days_ahead
from tests.guest.browser import opened, quote_in
from tests.payments import rupees
from tests.simulator_process import StripeSimulator
from tests.stays import REFUSED_CARD, by_staff, clock_at, confirmed, fresh, paid, pay, submitted, with_page

MANAGE, CANCEL, PAY, RETURN = (
    "/booking/manage/",
    "/booking/manage/cancel/",
    "/booking/manage/pay/",
    "/booking/pay/return/",
)

type Answer = Any
type Maker = Callable[[StripeSimulator], Answer]


def draft(days: int = 10) -> Booking:
    """A draft in a hotel with an address and words of its own."""
    hotel = HotelFactory(
        name="Harbour House",
        address="12 Quay Street, Dublin",
        cancellation_fee_policy="Please call us if a flight was cancelled.",
    )
    room = RoomFactory(room_type=RoomTypeFactory(hotel=hotel, name="Double with sea view"))
    return BookingFactory(room=room, check_in=days_ahead(days), guest_name="Ada Guest")


def sure(simulator: StripeSimulator) -> Booking:
    """A confirmed and paid booking, half of which would come back."""
    return confirmed(simulator, draft())


def press(booking: Booking) -> Answer:
    """Press "Cancel booking" on the page that asks once more."""
    browser = opened(booking)
    return browser.post(CANCEL, {"quote": quote_in(browser.get(CANCEL))})


def manage(booking: Booking) -> Answer:
    """The booking's own page."""
    return opened(fresh(booking)).get(MANAGE)


def refused_card(simulator: StripeSimulator) -> Answer:
    """A card was refused."""
    payment = pay(simulator, with_page(draft()), card=REFUSED_CARD)
    operations.refresh(payment)
    return manage(payment.booking)


def refund(simulator: StripeSimulator, status: str) -> Answer:
    """Cancelled; the refund waits or has failed."""
    simulator.control("refund_outcome", mode="pending", times=1)
    booking = sure(simulator)
    press(booking)
    if status == "failed":
        row = Refund.objects.get()
        simulator.control(f"refunds/{row.stripe_refund_id}/resolve", status="failed")
        operations.refresh(row.payment)
    return manage(booking)


def done(simulator: StripeSimulator) -> Answer:
    """Cancelled and refunded."""
    booking = sure(simulator)
    press(booking)
    return manage(booking)


def in_progress(simulator: StripeSimulator) -> Answer:
    """Stripe's answer was lost."""
    booking = sure(simulator)
    simulator.control("faults", kind="drop_after", match={"path_regex": "/v1/refunds"}, times=3)
    return press(booking)


def stripe_refuses(simulator: StripeSimulator) -> Answer:
    """Stripe knows no such payment."""
    booking = sure(simulator)
    simulator.reset()
    return press(booking)


def late(simulator: StripeSimulator) -> Answer:
    """The deadline is over."""
    booking = confirmed(simulator, draft(days=2))
    browser = opened(booking, hours=200)
    with clock_at(booking.check_in_moment - timedelta(hours=23)):
        return browser.get(CANCEL)


def switched_off(simulator: StripeSimulator) -> Answer:
    """The hotel takes no cancellations online."""
    booking = sure(simulator)
    Hotel.objects.filter(pk=booking.hotel_id).update(allow_client_cancellation=False)
    return opened(booking).get(CANCEL)


def declined(simulator: StripeSimulator) -> Booking:
    """The hotel could not take it."""
    with by_staff():
        return decisions.decline(paid(simulator, draft()), reason="Full").booking


def completed(simulator: StripeSimulator) -> Answer:
    """The stay is over."""
    booking = sure(simulator)
    with clock_at(timezone.now() + timedelta(days=20)):
        lifecycle.complete(booking)
    return manage(booking)


def no_such_currency(simulator: StripeSimulator) -> Answer:
    """Stripe refuses the hotel's currency, and there is no other."""
    simulator.control("currencies", unsupported=["eur"])
    return opened(submitted(draft())).post(PAY)


def converted(simulator: StripeSimulator) -> Answer:
    """Stripe takes another currency than the price's."""
    simulator.control("currencies", unsupported=["pkr"])
    rupees.quoted()
    return opened(submitted(rupees.draft())).post(PAY)


def waiting(simulator: StripeSimulator) -> Answer:
    """Back from Stripe, which says nothing yet."""
    payment = with_page(draft())
    return opened(payment.booking).get(RETURN)


def match(simulator: StripeSimulator) -> Answer:
    """A hotel that takes a match."""
    booking = sure(simulator)
    Hotel.objects.filter(pk=booking.hotel_id).update(guest_verification="match")
    return Client().get(f"/booking/cancel/{booking.booking_id}/")


def matched(simulator: StripeSimulator) -> Answer:
    """What a match may cancel."""
    booking = sure(simulator)
    browser = Client()
    token = tokens.issue(booking, expires_at=timezone.now() + timedelta(minutes=30), only_cancels=True)
    browser.get(f"/booking/manage/{tokens.reveal(token)}/")
    return browser.get(CANCEL)


def too_many(_: StripeSimulator) -> Answer:
    """An address that opens too many wrong links."""
    answers = [Client().get(f"/booking/manage/x{n}/") for n in range(throttle.GUESSES_PER_ADDRESS + 1)]
    return answers[-1]


def broken(_: StripeSimulator) -> Answer:
    """Something of ours fails."""
    with mock.patch.object(identity, "ask_for_link", side_effect=RuntimeError):
        browser = Client(raise_request_exception=False)
        return browser.post("/booking/", {"reference": "ABCDEFGH23", "contact": "a@b.example"})


def forged(simulator: StripeSimulator) -> Answer:
    """A form without its token."""
    browser = Client(enforce_csrf_checks=True)
    browser.cookies = opened(sure(simulator)).cookies
    return browser.post(CANCEL)


EVERY_PAGE: dict[str, tuple[int, Maker]] = {
    "ask": (200, lambda _: Client().get("/booking/")),
    "ask, filled in wrongly": (400, lambda _: Client().post("/booking/", {})),
    "sent": (200, lambda _: Client().get("/booking/sent/")),
    "match": (200, match),
    "matched": (200, matched),
    "no link": (401, lambda _: Client().get(MANAGE)),
    "bad link": (403, lambda _: Client().get("/booking/manage/ikg_x/")),
    "too many": (429, too_many),
    "wrong method": (405, lambda _: Client().delete("/booking/")),
    "pay": (200, lambda _: manage(submitted(draft()))),
    "pay on arrival": (200, lambda _: manage(submitted(BookingFactory(payment_method="ARRIVAL")))),
    "retry": (200, refused_card),
    "nothing to pay": (409, lambda simulator: opened(sure(simulator)).post(PAY)),
    "payment refused": (502, no_such_currency),
    "another currency": (200, converted),
    "payment awaited": (200, waiting),
    "returned": (200, lambda simulator: opened(paid(simulator, draft())).get(RETURN)),
    "returned without a link": (200, lambda _: Client().get(RETURN)),
    "requested": (200, lambda simulator: manage(paid(simulator, draft()))),
    "confirmed": (200, lambda simulator: manage(sure(simulator))),
    "cancel": (200, lambda simulator: opened(sure(simulator)).get(CANCEL)),
    "cancel, asked again": (409, lambda simulator: opened(sure(simulator)).post(CANCEL)),
    "in progress": (202, in_progress),
    "not cancelled": (502, stripe_refuses),
    "late": (409, late),
    "switched off": (409, switched_off),
    "declined": (200, lambda simulator: manage(declined(simulator))),
    "declined, not cancelled": (409, lambda simulator: opened(declined(simulator)).get(CANCEL)),
    "completed": (200, completed),
    "done": (200, done),
    "done, nothing charged": (200, lambda simulator: manage(cancelled_request(simulator))),
    "refund on its way": (200, lambda simulator: refund(simulator, "pending")),
    "refund failed": (200, lambda simulator: refund(simulator, "failed")),
    "not found": (404, lambda _: Client().get("/booking/nowhere/else/")),
    "not found, elsewhere": (404, lambda _: Client().get("/nowhere/")),
    "forged": (403, forged),
    "broken": (500, broken),
    "unreadable": (400, lambda _: Client().get("/booking/?x=%00")),
}


def cancelled_request(simulator: StripeSimulator) -> Booking:
    """Cancelled before the hotel had answered."""
    booking = paid(simulator, draft())
    press(booking)
    return booking
