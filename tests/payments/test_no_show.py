"""No-show: what the terms name after arrival is kept, the rest goes back first, and all of it happens once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Booking
from bookings.refusals import Refused
from cancellations import cancel, no_show
from cancellations.models import CancellationTier
from payments import decisions, payouts, reconcile
from payments.gateway import Declined
from payments.models import PaymentOperation, Refund
from tests import disputes
from tests.factories import BookingFactory, UserFactory
from tests.stays import (
    AtStripe,
    at_stripe,
    by_guest,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    mails,
    paid,
    submitted,
    transitions,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]
REFUNDS = {"method": "POST", "path_regex": "^/v1/refunds$"}
HALF_BACK = AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)


def half_kept(**fields):
    """A draft of a hotel that keeps half of what a guest has paid who never comes."""
    booking = BookingFactory(**fields)
    CancellationTier.objects.filter(policy__hotel=booking.hotel, at_least=0).update(fee_value=50)
    return booking


def after_check_in(booking):
    """The product's clock, an hour into the day of arrival."""
    return clock_at(fresh(booking).check_in_moment + timedelta(hours=1))


def mark(booking, **given):
    with after_check_in(booking), by_staff(UserFactory()):
        return no_show.mark_no_show(booking, **given)


def decided(booking):
    booking = fresh(booking)
    return booking.status, booking.cancellation_fee, booking.refund_amount


def test_no_show_keeps_the_fee_after_arrival_and_returns_the_rest_once(stripe_simulator):
    booking = confirmed(stripe_simulator, half_kept())
    first = mark(booking, reason="Phone is off")
    second = mark(booking)
    assert (first.state, second.state, second.message) == (
        "done",
        "already",
        "Already done. This booking is a no-show.",
    )
    assert decided(booking) == ("NO_SHOW", 17000, 17000)
    assert at_stripe(stripe_simulator, booking) == HALF_BACK
    assert transitions(booking) == ["submit", "authorize", "approve", "mark_no_show"]
    assert booking.history.first().history_change_reason == "Phone is off"
    assert mails(booking) == ["pay_link", "authorized", "approved", "no_show"]
    operation = PaymentOperation.objects.get(kind="refund")
    assert (operation.transition, operation.amount, operation.details["fee"]) == ("mark_no_show", 17000, 17000)


def test_no_show_under_strict_terms_moves_no_money(stripe_simulator):
    booking = confirmed(stripe_simulator)
    assert mark(booking).state == "done"
    assert decided(booking) == ("NO_SHOW", 34000, 0)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)
    assert not PaymentOperation.objects.filter(kind="refund").exists()


def test_no_show_counts_what_was_refunded_before(stripe_simulator):
    booking = confirmed(stripe_simulator, half_kept())
    decisions.refund(booking, amount=10000, note="Noise")
    mark(booking)
    assert decided(booking) == ("NO_SHOW", 17000, 7000)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=2)


def test_no_show_before_check_in_is_refused_in_words(stripe_simulator):
    booking = confirmed(stripe_simulator)
    just_before = fresh(booking).check_in_moment - timedelta(seconds=1)
    with clock_at(just_before), pytest.raises(Refused, match=r"Check-in begins on .* at 15:00 \(Dublin\)\. A guest"):
        no_show.mark_no_show(booking)
    assert decided(booking) == ("CONFIRMED", None, None)
    with clock_at(just_before + timedelta(seconds=1)):
        assert no_show.mark_no_show(booking).booking.status == "NO_SHOW"


def test_no_show_of_a_request_is_refused(stripe_simulator):
    booking = paid(stripe_simulator)
    with after_check_in(booking), pytest.raises(Refused, match="waiting for approval"):
        no_show.mark_no_show(booking)
    assert (fresh(booking).status, at_stripe(stripe_simulator, booking)) == ("PENDING_APPROVAL", AtStripe())


def arrival(**fields) -> Booking:
    booking = submitted(half_kept(payment_method="ARRIVAL", **fields))
    with by_staff(UserFactory()):
        return decisions.approve(booking).booking


def test_no_show_of_an_unpaid_arrival_collects_nothing():
    booking = arrival()
    assert no_show.uncollected_fee(booking) == 17000
    mark(booking)
    assert decided(booking) == ("NO_SHOW", 0, 0)
    assert not PaymentOperation.objects.exists()
    text = booking.messages.get(kind="no_show").text
    assert "Nothing was charged." in text
    assert "The policy names a fee of €170.00. You have not paid yet, and it is not collected." in text


def test_no_show_of_money_taken_by_hand_owes_the_rest_by_hand():
    booking = arrival()
    decisions.mark_paid(booking, method="Cash")
    mark(booking)
    assert decided(booking) == ("NO_SHOW", 17000, 17000)
    owed = Refund.objects.get()
    assert (owed.provider, owed.status, owed.amount) == ("manual", "pending", 17000)
    payouts.pay_out(owed, method="Cash")
    assert booking.payments.get().amount_refunded == 17000


def test_no_show_of_disputed_money_owes_the_rest(stripe_simulator):
    booking = confirmed(stripe_simulator, half_kept())
    disputes.dispute(stripe_simulator, booking)
    disputes.refresh(booking)
    mark(booking)
    assert decided(booking) == ("NO_SHOW", 17000, 17000)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)
    assert [(each.provider, each.amount) for each in Refund.objects.all()] == [("manual", 17000)]
    assert "Your bank is looking at this payment" in booking.messages.get(kind="no_show").text


def test_no_show_into_a_dispute_that_nobody_has_heard_of_owes_the_rest(stripe_simulator):
    booking = confirmed(stripe_simulator, half_kept())
    disputes.dispute(stripe_simulator, booking)
    assert mark(booking).state == "done"
    assert decided(booking) == ("NO_SHOW", 17000, 17000)
    assert [(each.provider, each.amount) for each in Refund.objects.all()] == [("manual", 17000)]


def test_no_show_that_stripe_refuses_changes_nothing(stripe_simulator):
    booking = confirmed(stripe_simulator, half_kept())
    stripe_simulator.control("faults", kind="refused", match=REFUNDS)
    with pytest.raises(Declined):
        mark(booking)
    assert decided(booking) == ("CONFIRMED", None, None)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1)
    assert mails(booking)[-1] == "approved"


def test_no_show_without_an_answer_is_finished_by_the_janitor(stripe_simulator):
    booking = confirmed(stripe_simulator, half_kept())
    stripe_simulator.control("faults", kind="drop_after", match=REFUNDS, times=3)
    assert mark(booking).state == "in_progress"
    assert decided(booking) == ("CONFIRMED", None, None)
    with after_check_in(booking):
        reconcile.reconcile(timezone.now() + reconcile.GRACE)
    assert decided(booking) == ("NO_SHOW", 17000, 17000)
    assert at_stripe(stripe_simulator, booking) == HALF_BACK
    assert transitions(booking).count("mark_no_show") == 1


def test_no_show_is_settled_by_the_news_that_come_first(stripe_simulator):
    booking = confirmed(stripe_simulator, half_kept())
    stripe_simulator.control("faults", kind="drop_after", match=REFUNDS, times=3)
    mark(booking)
    disputes.refresh(booking)
    assert decided(booking) == ("NO_SHOW", 17000, 17000)
    assert mark(booking).state == "already"
    assert mails(booking).count("no_show") == 1


def test_mail_about_a_no_show_names_fee_refund_and_whom_to_ask(stripe_simulator):
    booking = confirmed(stripe_simulator, half_kept())
    mark(booking, reason="Drunk again")
    mail = booking.messages.get(kind="no_show")
    assert mail.subject == f"You did not arrive ({booking.booking_id})"
    for words in (
        "By the agreed policy €170.00 of what you paid is kept.",
        "You get back €170.00, the way you paid.",
        "please contact us right away: +353 1 555 0100, desk@hotel.example",
    ):
        assert words in mail.text
        assert words in mail.html
    assert "Drunk" not in mail.text


def test_guest_reads_that_the_stay_is_closed_and_cannot_cancel(stripe_simulator):
    booking = confirmed(stripe_simulator)
    mark(booking)
    with by_guest(), pytest.raises(Refused, match="is a no-show"):
        cancel.cancel_booking(booking, reason="")
    assert decided(booking) == ("NO_SHOW", 34000, 0)
