"""Choosing bookings, pressing the button, and letting the worker carry the run out."""

from typing import Any, Final

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings import bulk
from bookings.models import Booking, BookingStatus, BulkRun
from payments import decisions
from payments.models import Payment, Refund
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import listing, text
from tests.factories import BookingFactory, RoomFactory, days_ahead

S = BookingStatus
START: Final = "admin:bookings_bulkrun_start"
REASON: Final = {"reason": "Hotel closed"}


def waiting(house: House, number: int = 2, **fields: Any) -> list[Booking]:
    """Requests to be paid on arrival, each in a room of its own."""
    rooms = [RoomFactory(room_type=house.rooms[0].room_type) for _ in range(number)]
    return [stays.submitted(BookingFactory(room=room, payment_method="ARRIVAL", **fields)) for room in rooms]


def choose(client: Client, action: str, *bookings: Booking | int, query: str = "", **more: Any) -> Any:
    """Tick bookings in the list and press "Run"."""
    ids = [getattr(each, "pk", each) for each in bookings]
    data = {"action": action, "_selected_action": ids, "select_across": "0", "index": "0"}
    return client.post(listing(Booking, query), data | more)


def press(client: Client, shown: Any, **data: Any) -> Any:
    """Press the button of a plan's page."""
    return client.post(reverse(START), {"plan": shown.context["sealed"], "note": "", **data})


def run_of(answer: Any) -> BulkRun:
    """The run that a button has led to."""
    assert answer.status_code == 302, text(answer)
    return BulkRun.objects.get(pk=answer.url.rstrip("/").split("/")[-2])


def finished(run: BulkRun) -> list[str]:
    """Let the worker carry it out; return the rows' states."""
    bulk.run_due(timezone.now())
    return list(run.rows.values_list("state", flat=True))


def with_money(house: House, *, captured: int = 34000, **fields: Any) -> Booking:
    """A confirmed booking with a payment, made by hand: Stripe is not asked for a plan."""
    (booking,) = waiting(house, 1, check_in=days_ahead(10), **fields)
    decisions.approve(booking)
    payment = Payment(booking=booking, amount=captured, price=captured, currency=booking.currency)
    payment.authorize(amount=captured, at=timezone.now(), capture_before=None)
    payment.capture(amount=captured, at=timezone.now())
    payment.save()
    Refund.objects.create(payment=payment, amount=1000, currency=booking.currency, status="succeeded")
    return stays.fresh(booking)


def many(house: House, number: int, status: str = S.CONFIRMED) -> list[Booking]:
    """Bookings with a payment and a refund each, made at once."""
    terms = with_money(house).terms
    dates = {"check_in": days_ahead(10), "check_out": days_ahead(12)}
    every = {"hotel": house.hotel, "room_type": house.rooms[0].room_type, "total_amount": 34000, "currency": "EUR"}
    bookings = Booking.objects.bulk_create(
        Booking(status=status, terms=terms, guest_email="g@guest.example", **dates, **every) for _ in range(number)
    )
    sums = {"amount": 34000, "price": 34000, "currency": "EUR", "status": "PARTIALLY_REFUNDED"}
    payments = Payment.objects.bulk_create(
        Payment(booking=each, amount_authorized=34000, amount_captured=34000, **sums) for each in bookings
    )
    Refund.objects.bulk_create(
        Refund(payment=each, amount=1000, currency="EUR", status="succeeded") for each in payments
    )
    return bookings
