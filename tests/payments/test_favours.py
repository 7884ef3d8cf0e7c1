"""Giving money away by a move: it takes the right to decide about fees, and beyond a limit a second person."""

import pytest
from django.utils import timezone

from bookings.refusals import Refused
from cancellations import cancel
from cancellations.models import CancellationTier
from tests.factories import UserFactory, days_ahead
from tests.payments import two_people
from tests.payments.moving import press, stay, wish_for
from tests.stays import AtStripe, at_stripe, confirmed, fresh, paid, submitted, transitions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]
TAKEN = AtStripe(captured=34000, captures=1)
NOT_YOURS = "Your role does not include a price of your own or today's cancellation terms"


def percent(booking, fee, *, days=7):
    """Today's default policy keeps another share from so many days on."""
    CancellationTier.objects.filter(policy__hotel=booking.hotel, at_least=days).update(fee_value=fee)


def agreed(booking):
    """What the frozen terms keep, tier by tier."""
    return [tier["value"] for tier in fresh(booking).terms["tiers"]]


def desk(booking):
    """Somebody at the hotel's front desk."""
    return UserFactory(role="Front desk", hotels=[booking.hotel])


def ten_days_ahead(simulator, **hotel):
    """A confirmed stay of 340.00 of which cancelling now keeps half."""
    return confirmed(simulator, two_people.draft(**hotel))


def quoted(booking):
    offer = cancel.quote(fresh(booking), at=timezone.now())
    return offer.fee, offer.refund


@pytest.mark.parametrize("favour", [{"keeps_terms": False}, {"price": 10000}])
def test_front_desk_gives_nothing_away_by_a_move(stripe_simulator, favour):
    booking = ten_days_ahead(stripe_simulator, threshold=None)
    percent(booking, 0)
    with pytest.raises(Refused, match=NOT_YOURS):
        press(booking, wish_for(booking, **favour), person=desk(booking))
    assert (stay(booking)[:2], agreed(booking), quoted(booking)) == ((2, 34000), [0, 50, 100], (17000, 17000))
    assert (at_stripe(stripe_simulator, booking), transitions(booking)[-1]) == (TAKEN, "approve")


def test_front_desk_moves_on_the_terms_as_agreed(stripe_simulator):
    booking = ten_days_ahead(stripe_simulator, threshold=None)
    percent(booking, 0)
    assert press(booking, wish_for(booking, days=1), person=desk(booking)).state == "done"
    assert agreed(booking) == [0, 50, 100]


def test_unpaid_booking_keeps_its_terms_at_the_front_desk_too():
    booking = submitted()
    percent(booking, 0)
    with pytest.raises(Refused, match=NOT_YOURS):
        press(booking, wish_for(booking, keeps_terms=False), person=desk(booking))
    assert (agreed(booking), transitions(booking)) == ([0, 50, 100], ["submit"])


def test_today_s_terms_that_waive_more_than_one_person_may_are_refused(stripe_simulator):
    booking = ten_days_ahead(stripe_simulator, threshold=10000)
    manager = two_people.manager(booking)
    percent(booking, 20)
    wish = wish_for(booking, keeps_terms=False)
    words = r"would return €102\.00 more than .* you can return €100\.00 alone\. Keep the terms as agreed"
    with pytest.raises(Refused, match=words):
        press(booking, wish, person=manager)
    assert (agreed(booking), quoted(booking), transitions(booking)[-1]) == ([0, 50, 100], (17000, 17000), "approve")
    assert at_stripe(stripe_simulator, booking) == TAKEN


@pytest.mark.parametrize(
    ("threshold", "fee", "keeps"),
    [
        (10200, 20, 6800),  # exactly what one person may return
        (None, 0, 0),  # no limit
        (0, 50, 17000),  # as agreed
        (0, 90, 30600),  # stricter than agreed
    ],
)
def test_today_s_terms_within_the_limit_are_one_manager_s_decision(stripe_simulator, threshold, fee, keeps):
    booking = ten_days_ahead(stripe_simulator, threshold=threshold)
    percent(booking, fee)
    wish = wish_for(booking, days=1, keeps_terms=False)
    assert press(booking, wish, person=two_people.manager(booking)).state == "done"
    assert quoted(booking) == (keeps, 34000 - keeps)


def test_own_price_and_today_s_terms_count_together(stripe_simulator):
    booking = ten_days_ahead(stripe_simulator, threshold=17000)
    manager = two_people.manager(booking)
    percent(booking, 0)
    wish = wish_for(booking, price=24000, keeps_terms=False)
    with pytest.raises(Refused, match=r"would return €120\.00 more .* you can return €70\.00 alone\."):
        press(booking, wish, person=manager)
    assert (stay(booking)[:2], at_stripe(stripe_simulator, booking)) == ((2, 34000), TAKEN)
    assert press(booking, wish_for(booking, keeps_terms=False, price=34000), person=manager).state == "done"


def test_what_was_refunded_before_counts_against_today_s_terms(stripe_simulator):
    booking = ten_days_ahead(stripe_simulator, threshold=17000)
    manager = two_people.manager(booking)
    two_people.refund(manager, booking, 5000)
    percent(booking, 0)
    with pytest.raises(Refused, match=r"would return €170\.00 more .* you can return €120\.00 alone\."):
        press(booking, wish_for(booking, keeps_terms=False), person=manager)
    assert agreed(booking) == [0, 50, 100]


def test_money_that_is_only_held_needs_no_second_person(stripe_simulator):
    booking = paid(stripe_simulator, two_people.draft(threshold=0))
    percent(booking, 0)
    wish = wish_for(booking, keeps_terms=False)
    assert press(booking, wish, person=two_people.manager(booking)).state == "done"
    assert agreed(booking) == [0, 0, 100]


def test_fewer_nights_return_no_more_alone_than_a_cancellation_and_the_limit(stripe_simulator):
    booking = confirmed(stripe_simulator, two_people.draft(threshold=16900, check_in=days_ahead(3)))
    assert quoted(booking) == (34000, 0)
    with pytest.raises(Refused, match=r"returns €170\.00 more than a cancellation would now, .* €169\.00 alone"):
        press(booking, wish_for(booking, nights=1), person=desk(booking))
    assert (stay(booking)[:2], at_stripe(stripe_simulator, booking)) == ((2, 34000), TAKEN)
    assert transitions(booking)[-1] == "approve"


@pytest.mark.parametrize(("threshold", "ahead"), [(17000, 3), (None, 3), (0, 10)])
def test_fewer_nights_within_the_limit_or_the_policy_are_one_person_s_decision(stripe_simulator, threshold, ahead):
    booking = confirmed(stripe_simulator, two_people.draft(threshold=threshold, check_in=days_ahead(ahead)))
    assert press(booking, wish_for(booking, nights=1), person=desk(booking)).state == "done"
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)


def test_what_fewer_nights_returned_counts_against_the_limit(stripe_simulator):
    booking = confirmed(stripe_simulator, two_people.draft(threshold=17000, check_in=days_ahead(3)))
    press(booking, wish_for(booking, nights=1), person=desk(booking))
    assert two_people.alone(booking) == 0
