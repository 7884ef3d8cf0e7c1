"""A confirmed stay that becomes dearer: moved at once, the difference paid on a page of its own, or all undone."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.models import KeptStay
from bookings.refusals import Refused
from bookings.stay import Stay
from cancellations import cancel
from payments import checkout, decisions, ledger, operations, reconcile, reopen
from payments.models import Drift, Payment
from tests.factories import BookingFactory, RoomFactory
from tests.payments.books import full
from tests.payments.moving import CLOSES, move, other_room, stay
from tests.stays import (
    REFUSED_CARD,
    AtStripe,
    at_stripe,
    by_guest,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    mails,
    pay,
    transitions,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]
TAKEN = AtStripe(captured=34000, captures=1)
BOTH_TAKEN = AtStripe(captured=51000, captures=2)


def longer(simulator, **wish):
    """A confirmed booking that was moved to three nights; the difference of 170.00 is not paid yet."""
    booking = confirmed(simulator)
    assert move(booking, **{"nights": 3, **wish}).state == "done"
    return fresh(booking)


def page_of(booking):
    with by_guest():
        _, payment = checkout.open_payment_page(fresh(booking))
    return payment


def pays(simulator, booking):
    payment = pay(simulator, page_of(booking))
    operations.refresh(payment)
    return Payment.objects.get(pk=payment.pk)


def due_at(booking):
    return KeptStay.objects.get(booking=booking).due_at


def later(booking):
    """The moment after the difference was due."""
    return due_at(booking) + timedelta(seconds=1)


def test_dearer_stay_is_changed_at_once_and_the_guest_is_asked_for_the_difference(stripe_simulator):
    booking = longer(stripe_simulator)
    assert (booking.status, stay(booking)[:2], at_stripe(stripe_simulator, booking)) == (
        "CONFIRMED",
        (3, 51000),
        TAKEN,
    )
    assert (ledger.due(booking).price, ledger.due(booking).purpose) == (17000, "difference")
    assert timedelta(hours=23) < due_at(booking) - timezone.now() < timedelta(hours=24)
    assert (transitions(booking)[-1], mails(booking)[-1]) == ("reschedule", "rescheduled")
    assert "costs €170.00 more than you have paid" in booking.messages.get(kind="rescheduled").text


def test_difference_is_captured_at_once_outside_the_attempt_limit(stripe_simulator):
    booking = longer(stripe_simulator)
    booking.hotel.payment_attempts = 1
    booking.hotel.save()
    payment = pays(stripe_simulator, booking)
    assert (payment.purpose, payment.amount, payment.status) == ("difference", 17000, "SUCCEEDED")
    assert payment.accepted_at is not None
    booking = fresh(booking)
    assert (booking.status, at_stripe(stripe_simulator, booking)) == ("CONFIRMED", BOTH_TAKEN)
    assert (ledger.due(booking), KeptStay.objects.count()) == (None, 0)
    assert (transitions(booking)[-1], mails(booking)[-1]) == ("difference_paid", "difference_paid")
    assert ledger.paying_payment(booking).amount == 34000
    assert cancel.quote(booking, at=timezone.now()).paid == 51000
    assert reconcile.strays().count() == 0
    assert (full(), Drift.objects.count()) == (0, 0)


def test_news_of_a_paid_difference_twice_changes_nothing(stripe_simulator):
    booking = longer(stripe_simulator)
    payment = pays(stripe_simulator, booking)
    operations.refresh(payment)
    assert (transitions(booking).count("difference_paid"), mails(booking).count("difference_paid")) == (1, 1)


def test_unheard_payment_of_a_difference_is_found_by_the_janitor(stripe_simulator):
    booking = longer(stripe_simulator)
    pay(stripe_simulator, page_of(booking))
    with clock_at(later(booking)):
        reconcile.reconcile(timezone.now())
        reconcile.reconcile(timezone.now())
    assert (stay(booking)[:2], at_stripe(stripe_simulator, booking)) == ((3, 51000), BOTH_TAKEN)
    assert transitions(booking)[-1] == "difference_paid"


def test_refused_card_is_tried_again_on_another_page(stripe_simulator):
    booking = longer(stripe_simulator)
    payment = pay(stripe_simulator, page_of(booking), REFUSED_CARD)
    operations.refresh(payment)
    with by_guest():
        _, second = checkout.retry_payment(fresh(booking))
    assert (second.attempt_number, second.amount, second.purpose) == (3, 17000, "difference")
    pay(stripe_simulator, second)
    operations.refresh(second)
    assert at_stripe(stripe_simulator, booking) == BOTH_TAKEN


def test_open_page_for_a_difference_is_left_open_by_the_janitor(stripe_simulator):
    booking = longer(stripe_simulator)
    payment = page_of(booking)
    reconcile.reconcile(timezone.now() + reconcile.GRACE)
    operations.refresh(payment)
    assert Payment.objects.get(pk=payment.pk).status == "PROCESSING"
    assert page_of(booking) == payment


@pytest.mark.parametrize("has_page", [True, False])
def test_difference_not_paid_in_time_undoes_only_the_change(stripe_simulator, has_page):
    booking = confirmed(stripe_simulator)
    before = Stay.of(fresh(booking))
    move(booking, nights=3, room=other_room(booking))
    if has_page:
        page_of(booking)
    with clock_at(later(booking)):
        reconcile.reconcile(timezone.now())
        reconcile.reconcile(timezone.now())
    booking = fresh(booking)
    assert (booking.status, Stay.of(booking), KeptStay.objects.count()) == ("CONFIRMED", before, 0)
    assert at_stripe(stripe_simulator, booking) == TAKEN
    assert transitions(booking)[-2:] == ["reschedule", "undo_reschedule"]
    assert booking.history.first().history_change_reason == "The guest did not pay the difference in time."
    assert mails(booking)[-2:] == ["rescheduled", "move_undone"]
    assert "was not paid in time, so the change is undone" in booking.messages.get(kind="move_undone").text
    assert [each.status for each in booking.payments.all()] == ["EXPIRED", "SUCCEEDED"][not has_page :]
    with by_guest(), pytest.raises(Refused):
        checkout.open_payment_page(booking)


def test_both_rooms_are_kept_until_the_difference_is_paid(stripe_simulator):
    booking = confirmed(stripe_simulator)
    old, new = booking.room, other_room(booking)
    move(booking, nights=3, room=new)
    for room in (old, new):
        with pytest.raises(Refused, match=f"already taken by booking {booking.booking_id}"):
            lifecycle.submit(BookingFactory(room=room, check_in=booking.check_in))
    pays(stripe_simulator, booking)
    assert lifecycle.submit(BookingFactory(room=old, check_in=booking.check_in)).state == "done"


def test_nights_kept_twice_count_as_one_room_of_the_type(stripe_simulator):
    booking = longer(stripe_simulator)
    RoomFactory(room_type=booking.room_type)
    other = BookingFactory(room=booking.room, check_in=booking.check_in)
    other.room = None
    other.save()
    assert lifecycle.submit(other).state == "done"


def test_guest_who_pays_while_the_change_is_undone_keeps_it(stripe_simulator):
    booking = longer(stripe_simulator)
    pay(stripe_simulator, page_of(booking))
    with clock_at(later(booking)):
        assert reconcile.undo_due(timezone.now()) == 0
    assert (stay(booking)[:2], transitions(booking)[-1]) == ((3, 51000), "difference_paid")


def test_money_that_comes_after_the_undoing_goes_back_by_itself(stripe_simulator):
    booking = longer(stripe_simulator)
    payment = pay(stripe_simulator, page_of(booking))
    kept = KeptStay.objects.get(booking=booking)
    lifecycle.record_move_undone(fresh(booking), kept, reason="As if the page had been closed.")
    operations.refresh(payment)
    payment = Payment.objects.get(pk=payment.pk)
    assert (payment.status, payment.unwanted_since is not None) == ("REFUNDED", True)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=51000, refunded=17000, captures=2, refunds=1)
    assert (fresh(booking).status, stay(booking)[:2]) == ("CONFIRMED", (2, 34000))


def test_page_that_is_not_known_to_be_closed_keeps_the_change_until_it_is(stripe_simulator):
    booking = longer(stripe_simulator)
    page_of(booking)
    stripe_simulator.control("faults", kind="drop_before", match=CLOSES, times=3)
    with clock_at(later(booking)):
        reconcile.undo_due(timezone.now())
        assert stay(booking)[:2] == (3, 51000)
        reconcile.reconcile(timezone.now() + reconcile.GRACE)
    assert (stay(booking)[:2], mails(booking).count("move_undone")) == ((2, 34000), 1)


def test_no_other_change_while_a_difference_is_due(stripe_simulator):
    booking = longer(stripe_simulator)
    with pytest.raises(Refused, match="has not paid the difference of the last change yet"):
        move(booking, nights=1)


def test_second_change_after_the_first_is_paid_has_its_own_difference(stripe_simulator):
    booking = longer(stripe_simulator)
    pays(stripe_simulator, booking)
    move(booking, nights=4)
    assert ledger.due(fresh(booking)).price == 17000
    pays(stripe_simulator, booking)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=68000, captures=3)


def test_cancelling_before_the_difference_is_paid_counts_by_the_stay_that_was_paid(stripe_simulator):
    booking = confirmed(stripe_simulator)
    move(booking, nights=3, days=-25)
    page = page_of(booking)
    with by_staff():
        cancel.cancel_booking(fresh(booking), reason="Ill")
    booking = fresh(booking)
    assert (booking.status, booking.cancellation_fee, booking.refund_amount) == ("CANCELLED", 0, 34000)
    assert KeptStay.objects.count() == 0
    reconcile.reconcile(timezone.now() + reconcile.GRACE)
    assert Payment.objects.get(pk=page.pk).status == "EXPIRED"


def test_dearer_stay_that_begins_too_soon_to_pay_online_is_refused(stripe_simulator):
    booking = confirmed(stripe_simulator)
    with (
        clock_at(fresh(booking).check_in_moment - timedelta(minutes=10)),
        pytest.raises(Refused, match=r"too little time left for the guest to pay"),
    ):
        move(booking, nights=3)
    assert stay(booking)[:2] == (2, 34000)


def test_guest_in_house_may_stay_longer_and_pays_until_the_old_check_out(stripe_simulator):
    booking = fresh(confirmed(stripe_simulator))
    with clock_at(booking.check_in_moment + timedelta(hours=30)):
        move(booking, nights=3)
        assert due_at(booking) == booking.hotel.check_out_moment(booking.check_out)


def test_stay_with_an_unpaid_difference_is_not_completed(stripe_simulator):
    booking = longer(stripe_simulator)
    with clock_at(timezone.now() + timedelta(days=40)), pytest.raises(Refused, match="has not paid the difference"):
        lifecycle.complete(booking)


def test_booking_reopened_after_everything_went_back_asks_for_the_whole_price(stripe_simulator):
    booking = longer(stripe_simulator)
    pays(stripe_simulator, booking)
    decisions.refund(booking, amount=51000, note="All of it")
    assert reopen.reopen(booking).state == "done"
    assert (fresh(booking).status, ledger.due(fresh(booking)).price) == ("PENDING_PAYMENT", 51000)
    assert at_stripe(stripe_simulator, booking).refunded == 51000
