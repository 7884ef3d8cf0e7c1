"""Bookings brought to where a flow begins, the way people bring them there."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

from django.utils import timezone

from bookings import lifecycle
from bookings.models import Booking, Hotel
from payments import checkout, decisions, operations
from payments.models import ExchangeRate, Payment, RefundRequest
from tests.factories import BookingFactory, HotelFactory, RoomFactory, RoomTypeFactory, days_ahead
from tests.faults.world import World
from tests.stays import (
    REFUSED_CARD,
    by_guest,
    by_staff,
    confirmed,
    fresh,
    guest_cancels,
    in_instant_hotel,
    paid,
    pay,
    submitted,
    with_page,
)

EVERY_TRY = 3  # Stripe's library asks three times by itself.


HOTELS: dict[Any, int] = {}


def hotel_with(**rules: Any) -> Hotel:
    """A hotel with its own rules; the same one while it is there, because it takes long to make."""
    key = frozenset(rules.items())
    found = Hotel.objects.filter(pk=HOTELS.get(key, 0)).first() or HotelFactory(**rules)
    HOTELS[key] = found.pk
    return found


def draft(*, days: int = 10, **rules: Any) -> Booking:
    """A draft in a room of its own, ten days ahead, in a hotel with such rules."""
    room = RoomFactory(room_type=RoomTypeFactory(hotel=hotel_with(**rules)))
    made: Any = BookingFactory(room=room, check_in=days_ahead(days))
    return fresh(made)


def payment_of(booking: Booking) -> Payment:
    """The newest payment."""
    return booking.payments.latest("attempt_number")


def heard(booking: Booking) -> Booking:
    """The desk hears what happened at Stripe."""
    operations.refresh(payment_of(booking))
    return fresh(booking)


def at_dashboard(world: World, booking: Booking, what: str, **body: Any) -> Any:
    """Somebody, or a bank, does something to a payment at Stripe; the desk has not heard of it."""
    intent = payment_of(booking).stripe_payment_intent_id
    return world.simulator.control(f"dashboard/payment_intents/{intent}/{what}", **body)


def offered(_world: World) -> Booking:
    """A booking that waits for its guest to pay."""
    return submitted(draft())


def with_money_held(world: World) -> Booking:
    """A booking that waits for approval."""
    return paid(world.simulator, draft())


def with_money_taken(world: World) -> Booking:
    """A confirmed booking."""
    return confirmed(world.simulator, draft())


def with_money_taken_early(world: World) -> Booking:
    """A confirmed booking that can still be cancelled for nothing."""
    return confirmed(world.simulator, draft(days=16))


def with_news_at_stripe(world: World) -> Booking:
    """A booking whose guest has paid, which the desk has not heard of."""
    return pay(world.simulator, with_page(draft())).booking


def with_news_of_an_instant_stay(world: World) -> Booking:
    """The same in a hotel that confirms at once."""
    return pay(world.simulator, with_page(in_instant_hotel(check_in=days_ahead(10)))).booking


def with_late_money(world: World) -> Booking:
    """A booking that gave up waiting on our side only, and whose guest has paid all the same."""
    booking = fresh(with_news_at_stripe(world))
    lifecycle.record_expired(booking, reason="As if the page had been closed.")
    return booking


def with_hold_over(_world: World) -> Booking:
    """An unpaid booking whose time is over, its payment page still open."""
    booking = with_page(draft()).booking
    Booking.objects.filter(pk=booking.pk).update(hold_expires_at=timezone.now() - timedelta(minutes=1))
    return fresh(booking)


def with_hold_over_and_paid(world: World) -> Booking:
    """The guest pays in the minute in which the hold ends."""
    booking = with_hold_over(world)
    pay(world.simulator, payment_of(booking))
    return booking


def expired(world: World) -> Booking:
    """A booking whose hold has run out."""
    return decisions.expire(with_hold_over(world)).booking


def with_hold_nearly_over(_world: World) -> Booking:
    """A booking whose page is about to end, and whose hold is too short for another one."""
    payment = with_page(draft())
    soon = timezone.now() + timedelta(seconds=30)
    Payment.objects.filter(pk=payment.pk).update(session_expires_at=soon)
    Booking.objects.filter(pk=payment.booking.pk).update(hold_expires_at=timezone.now() + timedelta(minutes=5))
    return fresh(payment.booking)


def with_hold_nearly_over_and_paid(world: World) -> Booking:
    """The same, and the guest has just paid, which the desk has not heard of."""
    booking = with_hold_nearly_over(world)
    pay(world.simulator, payment_of(booking))
    return booking


def with_hold_and_page_over(world: World) -> Booking:
    """A booking whose hold has run out with its page."""
    booking = with_hold_nearly_over(world)
    Booking.objects.filter(pk=booking.pk).update(hold_expires_at=timezone.now() - timedelta(minutes=1))
    return fresh(booking)


def with_refused_card(world: World) -> Booking:
    """A booking whose guest's card was refused."""
    return heard(pay(world.simulator, with_page(draft()), REFUSED_CARD).booking)


def with_refused_card_and_paid(world: World) -> Booking:
    """The card was refused; then the guest has paid on the same page, which the desk has not heard of."""
    booking = with_refused_card(world)
    pay(world.simulator, payment_of(booking))
    return booking


def with_two_pages_paid(world: World) -> Booking:
    """The guest paid on two pages. The product never opens a second one: its checks are left out here."""
    first = with_page(draft())
    Payment.objects.filter(pk=first.pk).update(session_expires_at=timezone.now())
    nothing: Any = dict.fromkeys(("close_old_page", "refuse_unfinished"), lambda *_, **__: None)
    with mock.patch.multiple(checkout, **nothing), by_guest():
        _, second = checkout.open_payment_page(fresh(first.booking))
    assert second is not None
    for payment in (first, second):
        pay(world.simulator, payment)
    return fresh(first.booking)


def with_part_refunded(world: World) -> Booking:
    """A confirmed booking of which 100.00 went back."""
    booking = with_money_taken(world)
    with by_staff():
        return decisions.refund(booking, amount=10000, stripe_reason="duplicate", note="Noise").booking


def with_refund_coming_back(world: World) -> Booking:
    """A cancelled booking whose refund the guest's bank sent back, which the desk has not heard of."""
    booking = with_money_taken(world)
    world.simulator.control("refund_outcome", mode="pending", times=1)
    guest_cancels(booking)
    refund = payment_of(booking).refunds.get()
    world.simulator.control(f"refunds/{refund.stripe_refund_id}/resolve", status="failed")
    return fresh(booking)


def with_refund_owed(world: World) -> Booking:
    """The same, and the desk knows."""
    return heard(with_refund_coming_back(world))


def with_refund_at_stripe(answer: str) -> Any:
    """A confirmed booking whose payment somebody refunded at Stripe, in a hotel with its answer to that."""

    def prepare(world: World) -> Booking:
        booking = confirmed(world.simulator, draft(external_refunds=answer))
        at_dashboard(world, booking, "refund")
        return booking

    return prepare


def with_capture_at_stripe(world: World) -> Booking:
    """A request whose money somebody captured at Stripe."""
    booking = with_money_held(world)
    at_dashboard(world, booking, "capture")
    return booking


def with_dispute_at_stripe(world: World) -> Booking:
    """A confirmed booking whose guest's bank has just taken the money back."""
    booking = with_money_taken(world)
    at_dashboard(world, booking, "dispute")
    return booking


def in_dispute(world: World) -> Booking:
    """The same, and the desk knows."""
    return heard(with_dispute_at_stripe(world))


def with_dispute_lost_at_stripe(world: World) -> Booking:
    """A disputed booking of which the bank has just decided for the guest."""
    booking = in_dispute(world)
    dispute = payment_of(booking).disputes.get()
    world.simulator.control(f"dashboard/disputes/{dispute.stripe_dispute_id}/close", status="lost")
    return booking


def in_hotel_with_fallback(world: World) -> Booking:
    """An offered booking in euro, which Stripe does not take, in a hotel that then charges dollars."""
    ExchangeRate.objects.update_or_create(
        base="EUR",
        target="USD",
        defaults={"rate": Decimal("1.1"), "source": "Central bank", "quoted_at": timezone.now()},
    )
    world.simulator.control("currencies", unsupported=["eur"])
    return submitted(draft(fallback_currency="USD"))


def with_news_of_dollars(world: World) -> Booking:
    """The same, and the guest has paid."""
    booking = in_hotel_with_fallback(world)
    with by_guest():
        _, payment = checkout.open_payment_page(booking)
    assert payment is not None
    return pay(world.simulator, payment).booking


def in_careful_hotel(world: World) -> Booking:
    """A confirmed booking in a hotel where nobody returns more than 200.00 alone."""
    return confirmed(world.simulator, draft(four_eyes_threshold=20000))


def with_refund_asked(world: World) -> Booking:
    """There somebody has asked for a refund of 300.00."""
    booking = in_careful_hotel(world)
    with by_staff(world.partner.user):
        decisions.refund(booking, amount=30000, stripe_reason="duplicate", note="Broken shower")
    return fresh(booking)


def request_of(booking: Booking) -> RefundRequest:
    """What was asked for."""
    return booking.refund_requests.get()


def with_authorization_over(world: World) -> Booking:
    """A request that nobody decided in time; Stripe still shows the hold."""
    return with_authorization_until(world, timezone.now() - timedelta(minutes=1))


def with_authorization_ending(world: World) -> Booking:
    """A request whose held money is lost in some hours."""
    return with_authorization_until(world, timezone.now() + timedelta(hours=5))


def with_authorization_until(world: World, moment: Any) -> Booking:
    """A request whose authorization ends at a moment."""
    booking = with_money_held(world)
    Payment.objects.filter(booking=booking).update(capture_before=moment)
    return booking


def with_authorization_gone(world: World) -> Booking:
    """A request whose authorization Stripe has given up by itself."""
    booking = with_money_held(world)
    at_dashboard(world, booking, "cancel", reason="automatic")
    return booking


def with_unanswered_approval(world: World) -> Booking:
    """A request whose capture got no answer: it was done, and nobody here knows."""
    return without_answer(world, "drop_after")


def with_unheard_approval(world: World) -> Booking:
    """A request whose capture never reached Stripe."""
    return without_answer(world, "drop_before")


def without_answer(world: World, fault: str) -> Booking:
    """A request whose capture got no answer."""
    booking = with_money_held(world)
    world.plan_fault(fault, times=EVERY_TRY)
    with by_staff(world.owner.user):
        assert decisions.approve(booking).state == "in_progress"
    return booking
