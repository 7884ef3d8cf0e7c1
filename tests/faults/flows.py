"""The flows that are killed. What each must come to is declared by hand, not taken from the code."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from django.utils import timezone

from bookings.models import Booking
from tests.factories import BookingFactory, days_ahead
from tests.faults.forks import Job
from tests.faults.invariants import State
from tests.faults.world import World
from tests.stays import confirmed, in_instant_hotel, paid, pay, submitted, with_page

PAGE, CAPTURE, VOID, REFUND = (f"{kind} succeeded" for kind in ("create_session", "capture", "void", "refund"))

OFFERED = State(
    status="PENDING_PAYMENT",
    payments=("PROCESSING",),
    transitions=("submit",),
    steps=("open_session",),
    operations=(PAGE,),
    mails=("pay_link",),
)
WAITING = State(
    status="PENDING_APPROVAL",
    payments=("AUTHORIZED",),
    transitions=("submit", "authorize"),
    steps=("open_session", "authorize"),
    operations=(PAGE,),
    mails=("pay_link", "authorized"),
)
APPROVED = State(
    status="CONFIRMED",
    payments=("SUCCEEDED",),
    captured=34000,
    captures=1,
    transitions=("submit", "authorize", "approve"),
    steps=("open_session", "authorize", "capture"),
    operations=(PAGE, CAPTURE),
    mails=("pay_link", "authorized", "approved"),
)
DECLINED = State(
    status="DECLINED",
    payments=("VOIDED",),
    voids=1,
    transitions=("submit", "authorize", "decline"),
    steps=("open_session", "authorize", "void"),
    operations=(PAGE, VOID),
    mails=("pay_link", "authorized", "declined"),
)
RELEASED_BY_STAFF = replace(
    DECLINED,
    status="CANCELLED",
    transitions=("submit", "authorize", "cancel"),
    mails=("pay_link", "authorized", "cancelled_by_hotel"),
)
RELEASED_BY_GUEST = replace(RELEASED_BY_STAFF, mails=("pay_link", "authorized", "cancelled_by_guest"))
PARTLY_REFUNDED = replace(
    APPROVED,
    payments=("PARTIALLY_REFUNDED",),
    refunded=10000,
    refunds=1,
    transitions=(*APPROVED.transitions, "refund"),
    steps=(*APPROVED.steps, "follow_refunds"),
    operations=(*APPROVED.operations, REFUND),
    mails=(*APPROVED.mails, "refund_sent"),
)
REFUNDED = replace(PARTLY_REFUNDED, payments=("REFUNDED",), refunded=34000)
# Ten days before check-in the 14/7 policy keeps half.
CANCELLED = replace(
    PARTLY_REFUNDED,
    status="CANCELLED",
    refunded=17000,
    transitions=(*APPROVED.transitions, "cancel"),
    mails=(*APPROVED.mails, "cancelled_by_guest"),
)
EXPIRED = replace(
    OFFERED,
    status="EXPIRED",
    payments=("EXPIRED",),
    transitions=("submit", "expire"),
    steps=("open_session", "expire"),
    operations=(PAGE, "expire_session succeeded"),
    mails=("pay_link", "expired"),
)
# An instant hotel in Tokyo: two nights at 18,000 yen.
PAID_AT_ONCE = State(
    status="CONFIRMED",
    payments=("SUCCEEDED",),
    captured=36000,
    captures=1,
    transitions=("submit", "confirm_paid"),
    steps=("open_session", "capture"),
    operations=(PAGE,),
    mails=("pay_link", "approved"),
)
SENT_BACK = State(
    status="EXPIRED",
    payments=("VOIDED",),
    voids=1,
    transitions=("submit",),
    steps=("open_session", "authorize", "unwanted", "void"),
    operations=(PAGE, VOID),
    mails=("pay_link",),
)


@dataclass(frozen=True)
class Flow:
    """One action: the booking it begins with, the job that performs it, and what it comes to."""

    name: str
    prepare: Callable[[World], Booking]
    job: Callable[[World, Booking], Job]
    result: State
    # The answer to whoever presses the same button again after it was done.
    again: tuple[str, ...] = ("already",)
    is_named: bool = False


def with_money_held(world: World) -> Booking:
    """A booking that waits for approval."""
    return paid(world.simulator, check_in=days_ahead(10))


def with_money_taken(world: World) -> Booking:
    """A confirmed booking."""
    return confirmed(world.simulator, check_in=days_ahead(10))


def with_news_at_stripe(world: World) -> Booking:
    """A booking whose guest has paid, which the desk has not heard of."""
    return pay(world.simulator, with_page(check_in=days_ahead(10))).booking


def with_news_of_an_instant_stay(world: World) -> Booking:
    """The same in a hotel that confirms at once."""
    return pay(world.simulator, with_page(in_instant_hotel(check_in=days_ahead(10)))).booking


def with_late_money(world: World) -> Booking:
    """A booking that gave up waiting on our side only, and whose guest has paid all the same."""
    booking = with_news_at_stripe(world)
    booking.expire()
    booking.save()
    return booking


def with_hold_over(_world: World) -> Booking:
    """An unpaid booking whose time is over, its payment page still open."""
    booking = with_page(check_in=days_ahead(10)).booking
    Booking.objects.filter(pk=booking.pk).update(hold_expires_at=timezone.now() - timedelta(minutes=1))
    return booking


def offered(_world: World) -> Booking:
    """A booking that waits for its guest to pay."""
    return submitted(BookingFactory(check_in=days_ahead(10)))


def authorized_event(world: World, booking: Booking) -> Job:
    """Stripe says that the guest has paid."""
    return world.webhook_job(booking, "checkout.session.completed")


def approve(world: World, booking: Booking) -> Job:
    """Staff agree."""
    return world.staff_job(booking, "approve")


def decline(world: World, booking: Booking) -> Job:
    """Staff refuse."""
    return world.staff_job(booking, "decline", reason="No room available", note="Full house")


def staff_cancel(world: World, booking: Booking) -> Job:
    """Staff cancel."""
    return world.staff_job(booking, "cancel", reason="Hotel closed", note="")


def refund_part(world: World, booking: Booking) -> Job:
    """Staff give back a part."""
    return world.staff_job(booking, "refund", amount="100.00", stripe_reason="duplicate", note="Noise")


def refund_whole(world: World, booking: Booking) -> Job:
    """Staff give everything back."""
    return world.staff_job(booking, "refund", amount="340.00", stripe_reason="duplicate", note="Noise")


def guest_cancel(world: World, booking: Booking) -> Job:
    """The guest cancels."""
    return world.guest_job(booking, "guest_cancel")


def guest_pay(world: World, booking: Booking) -> Job:
    """The guest asks for the payment page."""
    return world.guest_job(booking, "guest_pay")


def expire(_world: World, booking: Booking) -> Job:
    """The worker finds the hold over."""
    return {"do": "expire", "booking": booking.pk}


APPROVE: Final = Flow("approve", with_money_held, approve, APPROVED, is_named=True)
DECLINE: Final = Flow("decline", with_money_held, decline, DECLINED, is_named=True)
GUEST_CANCEL: Final = Flow("guest cancel", with_money_taken, guest_cancel, CANCELLED, is_named=True)
STAFF_REFUND: Final = Flow(
    "staff refund", with_money_taken, refund_part, PARTLY_REFUNDED, ("refused",), is_named=True
)
NAMED: Final = (APPROVE, DECLINE, GUEST_CANCEL, STAFF_REFUND)
FLOWS: Final = (
    *NAMED,
    Flow("staff cancel", with_money_held, staff_cancel, RELEASED_BY_STAFF),
    Flow("authorize by webhook", with_news_at_stripe, authorized_event, WAITING, ("done",)),
    Flow("confirm by webhook", with_news_of_an_instant_stay, authorized_event, PAID_AT_ONCE, ("done",)),
    Flow("send late money back", with_late_money, authorized_event, SENT_BACK, ("done",)),
    Flow("open payment page", offered, guest_pay, OFFERED, ("done",)),
    Flow("expire hold", with_hold_over, expire, EXPIRED, ("done",)),
)
