"""Every page that a guest can meet, each as a function that looks at it in a language."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.test import Client
from django.utils import timezone

from bookings import lifecycle
from bookings.models import Booking, Hotel
from cancellations import cancel, identity
from payments import decisions, operations
from payments.models import ExchangeRate, Refund
from tests.factories import BookingFactory, HotelFactory, PolicyFactory, RoomFactory, RoomTypeFactory, days_ahead
from tests.guest.browser import link_of, opened, quote_in
from tests.payments import moving
from tests.simulator_process import StripeSimulator
from tests.stays import (
    REFUSED_CARD,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    guest_cancels,
    paid,
    pay,
    submitted,
    with_page,
)

type Look = Callable[[str], Any]
type Scene = Callable[[StripeSimulator], Look]

MANAGE, CANCEL, PAY = "/booking/manage/", "/booking/manage/cancel/", "/booking/manage/pay/"
RETURN = "/booking/pay/return/"
ASKED: Final = {"reference": "ABCDEFGH23", "contact": "a@b.example"}


def draft(*, days: int = 30, hotel: dict[str, Any] | None = None, **fields: Any) -> Booking:
    """A draft in which no word but ours is English."""
    house = HotelFactory(policy=None, **(hotel or {}))
    PolicyFactory(hotel=house, name="14/7", description="Zwölf Regeln.")
    room = RoomFactory(room_type=RoomTypeFactory(hotel=house, name="Musterzimmer"))
    return BookingFactory(room=room, check_in=days_ahead(days), guest_name="Zoë Ødegård", **fields)


def page(booking: Booking, path: str = MANAGE, *, at: Any = None, **posted: Any) -> Look:
    """Look at a booking's page, or post to it, in a browser with its link open."""
    browser = opened(booking, hours=24 * 60)

    def look(language: str) -> Any:
        Booking.objects.filter(pk=booking.pk).update(guest_language=language)
        with clock_at(at or timezone.now()):
            return browser.post(path, posted["data"]) if posted else browser.get(path)

    return look


def stranger(path: str, *, code: bool = False, **posted: Any) -> Look:
    """Look at a page without a link."""

    def look(language: str) -> Any:
        browser = Client(headers={"accept-language": language}, enforce_csrf_checks=code)
        browser.raise_request_exception = False
        return browser.post(path, posted["data"]) if posted else browser.get(path)

    return look


def failing(error: Exception) -> Scene:
    """Break what the first page calls."""

    def scene(_: StripeSimulator) -> Look:
        def look(language: str) -> Any:
            kept, identity.ask_for_link = identity.ask_for_link, raises(error)
            try:
                return stranger("/booking/", data=ASKED)(language)
            finally:
                identity.ask_for_link = kept

        return look

    return scene


def raises(error: Exception) -> Callable[..., None]:
    """A function that fails."""

    def fail(**_: Any) -> None:
        raise error

    return fail


def flooded(_: StripeSimulator) -> Look:
    for number in range(10):
        Client(REMOTE_ADDR=f"198.51.100.{number}").post("/booking/", ASKED)
    return stranger("/booking/", data=ASKED)


def matching(_: StripeSimulator) -> Look:
    booking = submitted(draft(hotel={"guest_verification": "match"}))
    return stranger(f"/booking/cancel/{booking.booking_id}/")


def revoked(_: StripeSimulator) -> Look:
    return stranger(link_of(submitted(draft()), hours=-1))


def refused_card(simulator: StripeSimulator) -> Look:
    payment = pay(simulator, with_page(draft()), REFUSED_CARD)
    operations.refresh(payment)
    return page(payment.booking)


def used_up(simulator: StripeSimulator) -> Look:
    payment = with_page(draft(hotel={"payment_attempts": 1}))
    simulator.control(f"expire/{payment.stripe_checkout_session_id}")
    operations.refresh(payment)
    return page(payment.booking, PAY, data={})


def short_hold(_: StripeSimulator) -> Look:
    booking = submitted(draft())
    assert booking.hold_expires_at is not None
    return page(booking, PAY, at=booking.hold_expires_at - timedelta(minutes=20), data={})


def over(_: StripeSimulator) -> Look:
    booking = submitted(draft())
    assert booking.hold_expires_at is not None
    return page(booking, at=booking.hold_expires_at - timedelta(minutes=20))


def arrival(_: StripeSimulator) -> Look:
    booking = submitted(draft(days=10, payment_method="ARRIVAL"))
    with by_staff():
        decisions.approve(booking)
    return page(booking)


def late(path: str) -> Scene:
    def scene(simulator: StripeSimulator) -> Look:
        booking = confirmed(simulator, draft())
        return page(booking, path, at=booking.check_in_moment - timedelta(hours=23))

    return scene


def switched_off(path: str) -> Scene:
    def scene(simulator: StripeSimulator) -> Look:
        booking = confirmed(simulator, draft())
        Hotel.objects.filter(pk=booking.hotel_id).update(allow_client_cancellation=False)
        return page(booking, path)

    return scene


def rupees() -> Booking:
    at = timezone.now() - timedelta(hours=1)
    ExchangeRate.objects.create(base="PKR", target="USD", rate=Decimal("0.003571"), source="Stripe", quoted_at=at)
    return draft(hotel={"currency": "PKR", "fallback_currency": "USD"}, days=10)


def converted(simulator: StripeSimulator) -> Look:
    simulator.control("currencies", unsupported=["pkr"])
    return page(submitted(rupees()), PAY, data={})


def converted_and(make: Callable[..., Booking], path: str = MANAGE) -> Scene:
    def scene(simulator: StripeSimulator) -> Look:
        simulator.control("currencies", unsupported=["pkr"])
        return page(make(simulator, rupees()), path)

    return scene


def not_started(simulator: StripeSimulator) -> Look:
    simulator.control("currencies", unsupported=["eur"])
    return page(submitted(draft()), PAY, data={})


def stripe_refuses(simulator: StripeSimulator) -> Look:
    booking = confirmed(simulator, draft())
    browser = opened(booking)
    quote = quote_in(browser.get(CANCEL))
    simulator.reset()
    return page(booking, CANCEL, data={"quote": quote})


def silent(simulator: StripeSimulator) -> Look:
    booking = confirmed(simulator, draft())
    simulator.control("faults", kind="drop_after", match={"path_regex": "/v1/refunds"}, times=9)
    guest_cancels(booking)
    return page(booking)


def returned(*, look: str = "", faulty: bool = True) -> Scene:
    def scene(simulator: StripeSimulator) -> Look:
        payment = pay(simulator, with_page(draft()))
        if faulty:
            simulator.control("faults", kind="error_429", match={"path_regex": "/v1/checkout"}, times=99)
        return page(payment.booking, RETURN + look)

    return scene


def returned_unpaid(simulator: StripeSimulator) -> Look:
    payment = with_page(draft())
    simulator.control(f"expire/{payment.stripe_checkout_session_id}")
    return page(payment.booking, RETURN)


def instant(simulator: StripeSimulator) -> Look:
    return page(paid(simulator, draft(hotel={"booking_mode": "instant"})), RETURN)


def ended(by: Callable[[Booking], Any], make: Callable[..., Booking], path: str = MANAGE) -> Scene:
    """A booking after something that staff or the clock did."""

    def scene(simulator: StripeSimulator) -> Look:
        booking = make(simulator)
        with by_staff():
            by(booking)
        return page(booking, path)

    return scene


def expire(booking: Booking) -> None:
    with clock_at(timezone.now() + timedelta(days=2)):
        decisions.expire(booking)


def complete(booking: Booking) -> None:
    with clock_at(timezone.now() + timedelta(days=40)):
        lifecycle.complete(booking)


def no_show(booking: Booking) -> None:
    Booking.objects.filter(pk=booking.pk).update(status="NO_SHOW")


def waiting(_: StripeSimulator) -> Booking:
    return submitted(draft())


def held(simulator: StripeSimulator) -> Booking:
    return paid(simulator, draft())


def agreed(simulator: StripeSimulator) -> Booking:
    return confirmed(simulator, draft())


def dearer(simulator: StripeSimulator) -> Booking:
    """A confirmed stay that was made longer; the guest has not paid the difference yet."""
    booking = agreed(simulator)
    moving.move(booking, nights=3)
    return fresh(booking)


def half(simulator: StripeSimulator) -> Booking:
    return confirmed(simulator, draft(days=10))


def cancelled(outcome: str = "", status: str = "") -> Scene:
    """A cancelled booking whose refund stands as said."""

    def scene(simulator: StripeSimulator) -> Look:
        booking = agreed(simulator)
        if outcome:
            simulator.control("refund_outcome", mode=outcome, times=1)
        guest_cancels(booking)
        if status:
            refund = Refund.objects.get()
            simulator.control(f"refunds/{refund.stripe_refund_id}/resolve", status=status)
            operations.refresh(refund.payment)
        return page(booking)

    return scene


def disputed(path: str, *, cancels: bool, verdict: str = "") -> Scene:
    """A booking whose payment the guest's bank holds."""

    def scene(simulator: StripeSimulator) -> Look:
        booking = half(simulator)
        payment = booking.payments.get()
        given = f"dashboard/payment_intents/{payment.stripe_payment_intent_id}/dispute"
        name = simulator.control(given, reason="fraudulent")["id"]
        operations.refresh(payment)
        if cancels:
            guest_cancels(booking)
        if verdict:
            simulator.control(f"dashboard/disputes/{name}/close", status=verdict)
            operations.refresh(payment)
        return page(booking, path)

    return scene


def in_cash(_: StripeSimulator) -> Look:
    booking = submitted(draft(payment_method="ARRIVAL"))
    with by_staff():
        decisions.approve(booking)
        decisions.mark_paid(booking, method="Cash")
        cancel.cancel_booking(booking, reason="Hotel closed", fee=0)
    return page(booking)
