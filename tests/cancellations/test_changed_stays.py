"""Cancelling a stay that was changed or paid in two parts: the deadline, the rule and the refund that are told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.admin.reports import cancelled
from bookings.admin.reports.scope import Scope
from bookings.stay import Stay
from cancellations import calculator, cancel
from payments import ledger
from tests.api.calls import address, guest
from tests.factories import BookingFactory, UserFactory, days_ahead
from tests.guest.browser import opened, text_of
from tests.payments.moving import move
from tests.payments.test_several_payments import decided, in_two_parts, refunds_of
from tests.stays import by_staff, clock_at, confirmed, fresh, guest_cancels

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]
PAGE = "/booking/manage/"
HALF = ("from 7 days: 50 percent", "50 % of the price is kept.")
WHOLE = ("from 0 days: 100 percent", "The full price is kept.")


def not_paid_yet(simulator, **wish):
    """A confirmed stay in ten days that was moved to three nights; the difference is not paid."""
    booking = confirmed(simulator, BookingFactory(check_in=days_ahead(10)))
    move(booking, nights=3, **wish)
    return fresh(booking)


def told(booking):
    """The result as the API and the page tell it: the rule, its sentence, how far the refund is."""
    said = guest(booking).get(address(booking)).json()["cancellation"]
    return said["applied_rule"], said["description"], said["refund_status"]


def reported(booking):
    """The rule under which the report of cancellations counts a booking."""
    today = booking.hotel.today(timezone.now())
    (row,) = cancelled.cancelled(Scope((booking.hotel,), today, today))
    return cancelled.tier_of(row)


@pytest.mark.parametrize(
    ("days", "rule", "money"),
    [(10, HALF, (25500, 25500)), (5, WHOLE, (51000, 0)), (30, ("from 14 days: 0 percent",), (0, 51000))],
)
def test_stay_paid_in_two_parts_is_cancelled_by_its_policy(stripe_simulator, days, rule, money):
    booking = in_two_parts(stripe_simulator, days=days)
    guest_cancels(booking)
    assert decided(booking) == ("CANCELLED", *money)
    assert told(booking)[: len(rule)] == rule
    assert reported(booking) == rule[0]


def test_fee_that_staff_chose_for_two_parts_is_by_agreement(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    with by_staff(UserFactory(role="owner")):
        cancel.cancel_booking(booking, reason="Water damage", fee=0)
    assert told(booking) == ("by agreement", "The hotel decided on the fee.", "SENT")


@pytest.mark.parametrize(("late", "rule", "money"), [(0, HALF, (17000, 17000)), (5, WHOLE, (34000, 0))])
def test_cancelling_before_the_difference_is_paid_ends_the_stay_that_was_agreed(stripe_simulator, late, rule, money):
    booking = confirmed(stripe_simulator, BookingFactory(check_in=days_ahead(10)))
    agreed = Stay.of(fresh(booking))
    with clock_at(timezone.now() + timedelta(days=late)):
        move(booking, nights=3, days=20)
        guest_cancels(fresh(booking))
    booking = fresh(booking)
    assert decided(booking) == ("CANCELLED", *money)
    assert Stay.of(booking) == agreed
    assert told(booking)[:2] == rule
    mail = booking.messages.get(kind="cancelled_by_guest")
    assert "Price: €340.00" in mail.text


def test_deadline_is_that_of_the_stay_that_is_paid(stripe_simulator):
    booking = not_paid_yet(stripe_simulator, days=20)
    agreed = ledger.agreed_stay(booking)
    deadline = calculator.deadline(agreed.terms, agreed.check_in)
    assert deadline == booking.check_in_moment - timedelta(days=20, hours=24)
    assert guest(booking).get(address(booking)).json()["policy"]["deadline"] == deadline.isoformat()
    with clock_at(deadline + timedelta(seconds=1)):
        refused = guest(booking).post(address(booking)).json()
        page = text_of(opened(booking).post(f"{PAGE}cancel/"))
    begins = booking.hotel.check_in_moment(agreed.check_in)
    assert (refused["code"], refused["session_time"]) == ("ERR_DEADLINE", begins.isoformat())
    assert f"Check-in</dt><dd>{begins:%a} {begins.day} {begins:%b}" in page


def test_refund_is_on_its_way_until_all_of_it_is_sent(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    stripe_simulator.control("refund_outcome", mode="pending", times=1)
    guest_cancels(booking)
    assert [row[1:] for row in refunds_of(booking)] == [("pending", "difference", 17000), ("succeeded", "stay", 8500)]
    assert told(booking)[2] == "ON_THE_WAY"
    assert "€255.00 is on its way to your Visa ending in 4242." in text_of(opened(booking).get(PAGE))
