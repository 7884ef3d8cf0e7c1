"""Moving a booking that is confirmed and paid: what the new stay costs less goes back first."""

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.models import KeptStay
from bookings.refusals import Refused
from payments import decisions, reconcile, reschedule
from payments.gateway import Declined
from payments.models import PaymentOperation, Refund
from tests import disputes
from tests.factories import BookingFactory, UserFactory
from tests.payments.moving import REFUNDS, move, other_room, press, stay, wish_for
from tests.stays import (
    AtStripe,
    at_stripe,
    confirmed,
    fresh,
    mails,
    submitted,
    transitions,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]
HELD = AtStripe()
TAKEN = AtStripe(captured=34000, captures=1)
ONE_NIGHT_BACK = AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)


def kinds():
    return list(PaymentOperation.objects.order_by("pk").values_list("kind", "status", "transition"))


def test_confirmed_and_cheaper_sends_the_difference_back_first(stripe_simulator):
    booking = confirmed(stripe_simulator)
    person = UserFactory()
    wish = wish_for(booking, nights=1, days=5)
    first = press(booking, wish, person=person, reason="Shorter trip")
    second = press(booking, wish, seen="", person=person)
    booking = fresh(booking)
    assert (first.state, second.state) == ("done", "already")
    assert (booking.status, stay(booking)[:2]) == ("CONFIRMED", (1, 17000))
    assert at_stripe(stripe_simulator, booking) == ONE_NIGHT_BACK
    assert transitions(booking) == ["submit", "authorize", "approve", "reschedule"]
    assert mails(booking)[-1] == "rescheduled"
    assert "You get back €170.00, the way you paid." in booking.messages.get(kind="rescheduled").text
    row = booking.history.first()
    assert (row.history_change_reason, row.history_user, row.total_amount) == ("Shorter trip", person, 17000)
    assert not KeptStay.objects.exists()


def test_confirmed_at_the_same_price_moves_no_money(stripe_simulator):
    booking = confirmed(stripe_simulator)
    room = other_room(booking)
    assert move(booking, room=room, days=1).state == "done"
    assert (stay(booking), at_stripe(stripe_simulator, booking)) == ((2, 34000, room.pk), TAKEN)


def test_arrival_paid_by_hand_and_dearer_is_refused_in_words():
    booking = submitted(payment_method="ARRIVAL")
    decisions.approve(booking)
    decisions.mark_paid(booking, method="Cash")
    with pytest.raises(Refused, match=r"costs €170\.00 more than what was paid\. .* A manager can keep the price"):
        move(booking, nights=3)
    assert (stay(booking)[:2], transitions(booking)[-1]) == ((2, 34000), "mark_paid")


def test_mail_about_a_move_replaces_the_stay_in_the_guest_s_calendar(stripe_simulator):
    booking = confirmed(stripe_simulator)
    move(booking, days=3)
    before, after = (booking.messages.get(kind=kind).calendar for kind in ("approved", "rescheduled"))
    first_day = fresh(booking).check_in
    assert f":{first_day:%Y%m%d}T150000" in after
    assert f":{first_day:%Y%m%d}T150000" not in before
    assert ("SEQUENCE:0" in before, "SEQUENCE:1" in after) == (True, True)


def test_no_more_goes_back_than_is_left(stripe_simulator):
    booking = confirmed(stripe_simulator)
    decisions.refund(booking, amount=30000, note="Noise")
    move(booking, nights=1)
    assert (stay(booking)[:2], at_stripe(stripe_simulator, booking).refunded) == ((1, 17000), 34000)


def test_refused_refund_leaves_the_booking_where_it_was(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("faults", kind="refused", match=REFUNDS)
    with pytest.raises(Declined):
        move(booking, nights=1)
    assert (stay(booking)[:2], at_stripe(stripe_simulator, booking)) == ((2, 34000), TAKEN)
    assert (mails(booking)[-1], KeptStay.objects.count()) == ("approved", 0)


@pytest.mark.parametrize("kind", ["drop_after", "drop_before"])
def test_unanswered_refund_keeps_both_stays_until_the_janitor_has_looked(stripe_simulator, kind):
    booking = confirmed(stripe_simulator)
    room = other_room(booking)
    stripe_simulator.control("faults", kind=kind, match=REFUNDS, times=3)
    assert move(booking, nights=1, room=room).state == "in_progress"
    assert stay(booking)[:2] == (2, 34000)
    for taken in (room, fresh(booking).room):
        with pytest.raises(Refused, match=f"already taken by booking {booking.booking_id}"):
            lifecycle.submit(BookingFactory(room=taken, check_in=booking.check_in))
    reconcile.reconcile(timezone.now() + reconcile.GRACE)
    assert (stay(booking), KeptStay.objects.count()) == ((1, 17000, room.pk), 0)
    assert at_stripe(stripe_simulator, booking) == ONE_NIGHT_BACK
    assert (transitions(booking).count("reschedule"), mails(booking).count("rescheduled")) == (1, 1)


def test_news_that_come_first_move_the_booking_and_a_second_press_finds_it_done(stripe_simulator):
    booking = confirmed(stripe_simulator)
    wish = wish_for(booking, nights=1)
    stripe_simulator.control("faults", kind="drop_after", match=REFUNDS, times=3)
    seen = reschedule.plan_of(fresh(booking), wish).seen()
    press(booking, wish, seen=seen)
    disputes.refresh(booking)
    assert press(booking, wish, seen=seen).state == "already"
    assert at_stripe(stripe_simulator, booking) == ONE_NIGHT_BACK


def test_pending_refund_moves_the_booking_and_a_failed_one_is_owed(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("refund_outcome", mode="pending", times=1)
    assert move(booking, nights=1).state == "done"
    assert stay(booking)[:2] == (1, 17000)
    stripe_simulator.control(f"refunds/{Refund.objects.get().stripe_refund_id}/resolve", status="failed")
    disputes.refresh(booking)
    assert stay(booking)[:2] == (1, 17000)
    assert [(each.provider, each.status) for each in Refund.objects.order_by("pk")] == [
        ("stripe", "failed"),
        ("manual", "pending"),
    ]


def test_disputed_money_is_owed_whether_we_have_heard_of_it_or_not(stripe_simulator):
    for is_known in (True, False):
        booking = confirmed(stripe_simulator)
        disputes.dispute(stripe_simulator, booking)
        if is_known:
            disputes.refresh(booking)
        assert move(booking, nights=1).state == "done"
        assert stay(booking)[:2] == (1, 17000)
        owed = Refund.objects.get(payment__booking=booking)
        assert (owed.provider, owed.status, owed.amount) == ("manual", "pending", 17000)
