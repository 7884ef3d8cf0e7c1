"""What a guest was shown is what happens, or they are asked again."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.refusals import Refused
from cancellations import cancel
from cancellations.models import CancellationTier
from payments import decisions
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
