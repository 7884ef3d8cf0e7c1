"""Each kind of currency through a whole life, and sums that never mix two. Exact amounts by hand."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.refusals import Refused
from cancellations import cancel
from payments import checkout, decisions, gateway, ledger, operations
from payments.models import Payment, Refund
from payments.reopen import reopen
from tests.factories import UserFactory
from tests.payments.rupees import draft, quoted
from tests.stays import (
    at_stripe,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    guest_cancels,
    paid,
    pay,
    with_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


@dataclass(frozen=True)
class Life:
    """A price, what is refunded on the way, and what cancelling for half of it keeps and returns."""

    currency: str
    price: int
    charged: tuple[int, str]
    part: int
    fee: int
    refund: int


LIVES = [
    Life("EUR", 34001, (34001, "EUR"), part=10000, fee=17001, refund=7000),
    Life("JPY", 36001, (36001, "JPY"), part=5000, fee=18001, refund=13000),
    Life("KWD", 123450, (123450, "KWD"), part=10000, fee=61730, refund=51720),
    Life("ISK", 5010100, (5010100, "ISK"), part=1000000, fee=2505100, refund=1505000),
    Life("PKR", 1000000, (3571, "USD"), part=500, fee=1786, refund=1285),
]


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.currency)
def test_whole_life_in_a_currency(no_rupees, life):
    quoted()
    booking = confirmed(no_rupees, draft(life.currency, life.price))
    amount, currency = life.charged
    assert (booking.status, booking.currency, booking.money_currency) == ("CONFIRMED", life.currency, currency)
    with by_staff(UserFactory()):
        decisions.refund(booking, amount=life.part, note="The shower was cold.")
    with clock_at(timezone.now() + timedelta(days=20)):
        quote = cancel.quote(fresh(booking), at=timezone.now())
        outcome = guest_cancels(booking)
    booking, payment = outcome.booking, Payment.objects.get()
    assert (quote.paid, quote.fee, quote.refund, quote.currency) == (amount, life.fee, life.refund, currency)
    assert (booking.status, booking.cancellation_fee, booking.refund_amount) == ("CANCELLED", life.fee, life.refund)
    assert (payment.price, payment.amount, payment.currency) == (life.price, *life.charged)
    assert [(each.amount, each.currency) for each in Refund.objects.order_by("pk")] == [
        (life.part, currency),
        (life.refund, currency),
    ]
    theirs = at_stripe(no_rupees, booking)
    assert (theirs.captured, theirs.refunded, theirs.refunds) == (amount, life.part + life.refund, 2)
    assert (payment.amount_captured, payment.amount_refunded) == (theirs.captured, theirs.refunded)
    assert life.fee + life.refund + life.part == amount
    assert ledger.balance(booking).net == life.fee


def test_approval_and_decline_move_what_was_charged(no_rupees):
    quoted()
    booking = paid(no_rupees, draft())
    assert (booking.status, booking.charged_currency) == ("PENDING_APPROVAL", "USD")
    with by_staff(UserFactory()):
        decisions.decline(booking, reason="No room")
    assert (fresh(booking).status, at_stripe(no_rupees, booking).voids) == ("DECLINED", 1)


def test_staff_fee_is_typed_in_what_was_charged(no_rupees):
    quoted()
    booking = confirmed(no_rupees, draft())
    with by_staff(UserFactory()):
        outcome = cancel.cancel_booking(booking, reason="Flood", fee=1000)
    assert (outcome.booking.cancellation_fee, outcome.booking.refund_amount) == (1000, 2571)
    assert at_stripe(no_rupees, booking).refunded == 2571


def test_staff_fee_that_stripe_cannot_move_is_refused(stripe_simulator):
    booking = confirmed(stripe_simulator, draft("KWD", 123450))
    with by_staff(UserFactory()), pytest.raises(Refused, match="KWD has three decimals"):
        cancel.cancel_booking(booking, reason="Flood", fee=12345)
    assert (fresh(booking).status, at_stripe(stripe_simulator, booking).refunds) == ("CONFIRMED", 0)


def test_guest_who_pays_while_cancelling_gets_back_what_was_charged(no_rupees):
    quoted()
    payment = pay(no_rupees, with_page(draft(booking_mode="instant")))
    booking = guest_cancels(payment.booking).booking
    assert (booking.status, booking.refund_amount, booking.money_currency) == ("CANCELLED", 3571, "USD")
    assert at_stripe(no_rupees, booking).refunded == 3571


def test_money_of_two_currencies_is_never_added_up(no_rupees):
    quoted()
    booking = confirmed(no_rupees, draft())
    beside = Payment(booking=booking, attempt_number=2, price=1000000, amount=1000000, currency="PKR")
    beside.unwanted_since = timezone.now()
    beside.capture(amount=1000000, at=timezone.now())
    beside.save()
    Refund.objects.create(payment=beside, amount=400000, currency="PKR", status="succeeded")
    dollars, rupees = ledger.balances(booking)
    assert (dollars.currency, dollars.captured, dollars.refunded, dollars.left) == ("USD", 3571, 0, 3571)
    assert (rupees.currency, rupees.captured, rupees.refunded, rupees.left) == ("PKR", 1000000, 400000, 600000)
    assert ledger.balance(booking) == dollars == ledger.resting_balance(booking)


def test_booking_that_has_not_learned_of_its_payment_is_quoted_in_what_was_charged(no_rupees):
    quoted()
    payment = pay(no_rupees, with_page(draft(booking_mode="instant")))
    seen = gateway.read(session_id=payment.stripe_checkout_session_id, intent_id=None)
    row = Payment.objects.get()
    row.capture(amount=seen.captured, at=timezone.now())
    row.save()
    quote = cancel.quote(fresh(payment.booking), at=timezone.now())
    assert (quote.paid, quote.refund, quote.currency) == (3571, 3571, "USD")


def test_reopened_booking_begins_in_its_own_currency_again(no_rupees):
    quoted()
    booking = paid(no_rupees, draft())
    with clock_at(timezone.now() + timedelta(days=8)):
        decisions.expire(booking)
        with by_staff(UserFactory()):
            reopened = reopen(fresh(booking), reason="The guest called").booking
        assert (reopened.status, reopened.money_currency) == ("PENDING_PAYMENT", "PKR")
        no_rupees.control("currencies", unsupported=[])
        no_rupees.control("clock", advance=8 * 24 * 3600)
        again = confirmed_again(no_rupees, reopened)
    assert (again.status, again.money_currency, again.total_amount) == ("CONFIRMED", "PKR", 1000000)
    assert [(each.currency, each.captured) for each in ledger.balances(again)] == [("PKR", 1000000)]


def confirmed_again(simulator, booking):
    """The booking, paid once more and approved."""
    _, payment = checkout.open_payment_page(booking)
    operations.refresh(pay(simulator, payment))
    with by_staff(UserFactory()):
        return decisions.approve(fresh(booking)).booking
