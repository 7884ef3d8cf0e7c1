"""The dialog that notes that nobody came: exact amounts before and after, and no way past the check-in time."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from bookings.models import Booking
from cancellations.models import CancellationTier
from payments import decisions
from tests import stays
from tests.admin.conftest import House
from tests.admin.pages import do, page, said, text
from tests.factories import days_ahead
from tests.simulator_process import StripeSimulator

pytestmark = pytest.mark.usefixtures("stripe_simulator")


def arrived(simulator: StripeSimulator, own: House, **fields: Any) -> Booking:
    """A confirmed stay whose check-in began yesterday."""
    CancellationTier.objects.filter(policy__hotel=own.hotel, at_least=0).update(fee_value=50)
    booking = stays.confirmed(simulator, own.booking(check_in=days_ahead(-1), check_out=days_ahead(2), **fields))
    return stays.fresh(booking)


def seen(client: Client, booking: Booking) -> str:
    """What the dialog has in its hidden field."""
    return str(client.get(page(booking, "mark_no_show")).context["form"]["seen"].value())


def test_no_show_dialog_names_what_is_kept_and_returned(
    own: House, staff: Callable[[str], Client], stripe_simulator: StripeSimulator
) -> None:
    booking, desk = arrived(stripe_simulator, own), staff("Front desk")
    shown = text(desk.get(page(booking, "mark_no_show")))
    for words in ("Kept by policy", "Guest gets back", "No-show: €170.00 kept, €170.00 back", "cannot be undone"):
        assert words in shown
    answer = do(desk, booking, "mark_no_show", seen=seen(desk, booking), note="Called twice")
    words = "The booking is a no-show. €170.00 is kept, €170.00 goes back. The guest gets a mail."
    assert said(answer) == [("success", words)]
    assert stays.fresh(booking).status == "NO_SHOW"
    assert booking.history.first().history_change_reason == "Called twice"
    assert "Already done" in said(do(desk, booking, "mark_no_show", seen="17000-17000"))[-1][1]


def test_no_show_asks_again_when_the_amounts_have_moved(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = arrived(stripe_simulator, own)
    before = seen(manager, booking)
    decisions.refund(booking, amount=10000, note="Noise")
    answer = do(manager, booking, "mark_no_show", seen=before)
    assert "The amounts have changed" in text(answer)
    assert "No-show: €170.00 kept, €70.00 back" in text(answer)
    assert (stays.fresh(booking).status, stays.mails(booking)[-1]) == ("CONFIRMED", "refund_sent")


def test_no_show_is_not_offered_before_check_in(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking(check_in=days_ahead(1)))
    assert "Check-in begins on" in text(manager.get(page(booking, "mark_no_show")))
    assert said(do(manager, booking, "mark_no_show"))[0][0] == "error"
    assert stays.fresh(booking).status == "CONFIRMED"


def test_no_show_of_an_unpaid_arrival_says_that_nothing_is_collected(own: House, manager: Client) -> None:
    booking = stays.submitted(own.booking(check_in=days_ahead(-1), check_out=days_ahead(2), payment_method="ARRIVAL"))
    decisions.approve(booking)
    assert "€340.00, not collected" in text(manager.get(page(booking, "mark_no_show")))
    answer = do(manager, booking, "mark_no_show", seen=seen(manager, booking))
    assert said(answer) == [("success", "The booking is a no-show. The guest gets a mail.")]
    assert (stays.fresh(booking).status, stays.fresh(booking).cancellation_fee) == ("NO_SHOW", 0)


def test_history_shows_a_no_show_with_its_decision(
    own: House, manager: Client, stripe_simulator: StripeSimulator
) -> None:
    booking = arrived(stripe_simulator, own)
    do(manager, booking, "mark_no_show", seen=seen(manager, booking), note="Called twice")
    shown = text(manager.get(page(booking, "history")))
    for words in ("No-show", "Called twice", "€170.00"):
        assert words in shown


def test_check_in_time_is_the_hotels_own(own: House, manager: Client, stripe_simulator: StripeSimulator) -> None:
    booking = stays.confirmed(stripe_simulator, own.booking(check_in=days_ahead(0)))
    moment = stays.fresh(booking).check_in_moment
    # A session lasts twelve hours, and check-in may be further away than that.
    session = manager.session
    session.set_expiry(timedelta(days=2))
    session.save()
    with stays.clock_at(moment - timedelta(minutes=1)):
        assert "Check-in begins on" in text(manager.get(page(booking, "mark_no_show")))
    with stays.clock_at(moment):
        assert "No-show: €340.00 kept, €0.00 back" in text(manager.get(page(booking, "mark_no_show")))
