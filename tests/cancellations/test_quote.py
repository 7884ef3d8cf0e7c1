"""What a guest was shown is what happens, or they are asked again."""

from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.refusals import Refused
from cancellations import cancel
from cancellations.calculator import CancellationCalculator
from cancellations.models import CancellationTier
from payments import decisions
from payments.models import Refund
from tests.factories import BookingFactory, UserFactory
from tests.stays import at_stripe, by_guest, by_staff, clock_at, confirmed, fresh, paid, submitted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def days_later(days):
    return clock_at(timezone.now() + timedelta(days=days))


def test_free_quote_of_a_request_does_not_cancel_a_confirmed_stay_for_a_fee(stripe_simulator):
    with days_later(0):
        booking = paid(stripe_simulator)
    free = cancel.quote(booking, at=timezone.now())
    with by_staff(UserFactory()):
        decisions.approve(booking)
    assert (free.fee, free.refund, free.paid) == (0, 0, 0)
    with days_later(20), by_guest(), pytest.raises(cancel.QuoteChanged) as asked:
        cancel.cancel_booking(booking, reason="", signed_quote=free.signed(booking))
    assert (asked.value.quote.fee, asked.value.quote.refund) == (17000, 17000)
    assert (fresh(booking).status, at_stripe(stripe_simulator, booking).refunds) == ("CONFIRMED", 0)


def test_promised_refund_is_not_given_twice_when_staff_refunded_it_in_between(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with days_later(20):
        promise = cancel.quote(booking, at=timezone.now())
        with by_staff(UserFactory()):
            decisions.refund(booking, amount=17000, note="Goodwill")
        with by_guest(), pytest.raises(cancel.QuoteChanged) as asked:
            cancel.cancel_booking(booking, reason="", signed_quote=promise.signed(booking))
    assert (promise.fee, promise.refund) == (17000, 17000)
    assert (asked.value.quote.fee, asked.value.quote.refund) == (17000, 0)
    assert at_stripe(stripe_simulator, booking).refunded == 17000


def test_staff_who_give_no_reason_do_not_speak_for_the_guest():
    booking = submitted(payment_method="ARRIVAL")
    with by_staff(UserFactory()), pytest.raises(Refused, match="Please give a reason"):
        cancel.cancel_booking(booking, reason=" ")
    assert fresh(booking).status == "PENDING_APPROVAL"


def test_policy_without_tiers_agrees_to_nothing():
    booking = BookingFactory()
    CancellationTier.objects.all().delete()
    with pytest.raises(Refused, match="cancellation policy 14/7 has no tiers"):
        lifecycle.submit(booking)
    assert fresh(booking).status == "DRAFT"


@pytest.mark.parametrize(("seconds", "counts"), [(0, True), (900, True), (901, False)])
def test_a_quote_counts_for_15_minutes(seconds, counts):
    booking = submitted()
    with mock.patch("django.core.signing.time.time", side_effect=[1_800_000_000, 1_800_000_000 + seconds]):
        signed = cancel.quote(booking, at=timezone.now()).signed(booking)
        assert (cancel.read_quote(booking, signed) is not None) is counts


def test_a_tier_that_moved_in_the_guests_favour_counts_at_once(stripe_simulator):
    draft = BookingFactory()
    # Half is kept early and nothing later: odd, but a hotel may want to fill a quiet week.
    for at_least, percent in ((14, 50), (7, 0)):
        draft.hotel.policies.get().tiers.filter(at_least=at_least).update(fee_value=percent)
    booking = confirmed(stripe_simulator, draft)
    promise = cancel.quote(booking, at=timezone.now())
    with days_later(20), by_guest():
        cancelled = cancel.cancel_booking(booking, reason="", signed_quote=promise.signed(booking)).booking
    assert (promise.fee, promise.refund) == (17000, 17000)
    assert (cancelled.cancellation_fee, cancelled.refund_amount) == (0, 34000)
    assert at_stripe(stripe_simulator, booking).refunded == 34000


def test_a_promise_is_kept_when_the_tier_moved_and_the_deadline_has_passed(stripe_simulator):
    booking = confirmed(stripe_simulator)
    promise = cancel.quote(booking, at=timezone.now())
    with clock_at(booking.check_in_moment), by_guest():
        cancelled = cancel.cancel_booking(booking, reason="", signed_quote=promise.signed(booking)).booking
    assert (promise.fee, promise.refund) == (0, 34000)
    assert (cancelled.cancellation_fee, cancelled.refund_amount) == (0, 34000)


def test_more_refunded_than_was_ever_taken_keeps_nothing_and_returns_nothing(stripe_simulator):
    booking = confirmed(stripe_simulator)
    payment = booking.payments.get()
    Refund.objects.create(payment=payment, amount=35000, currency="EUR", provider="manual", status="pending")
    found = cancel.quote(booking, at=timezone.now())
    assert (found.paid, found.fee, found.refund) == (34000, 0, 0)


def test_calculator_of_a_booking_says_what_the_quote_says(stripe_simulator):
    waiting = paid(stripe_simulator)
    booking = confirmed(stripe_simulator)
    at = booking.check_in_moment - timedelta(days=10)
    free, half = (CancellationCalculator(row, at=at).calculate() for row in (waiting, booking))
    assert (free.fee_amount, free.refund_amount, free.applied_rule) == (0, 0, "not confirmed")
    assert (half.fee_amount, half.refund_amount, half.applied_rule) == (17000, 17000, "from 7 days: 50 percent")
    assert half.description == "50 % of the price is kept."
    assert half.next_change_at == booking.hotel.local(at).replace(hour=0) + timedelta(days=4)
    shown = cancel.quote(booking, at=at)
    assert (shown.fee, shown.refund, shown.next_change_at) == (17000, 17000, half.next_change_at)
