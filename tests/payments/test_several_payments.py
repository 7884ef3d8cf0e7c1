"""A stay that was paid in two parts: what goes back draws on the newest payment first, one after the other."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bookings.models import Hotel
from cancellations import cancel, no_show
from payments import decisions, ledger, operations, reconcile
from payments.gateway import Declined
from payments.models import Drift, PaymentOperation, Refund
from tests.factories import BookingFactory, UserFactory, days_ahead
from tests.payments import two_people
from tests.payments.books import full
from tests.payments.moving import REFUNDS, move, stay
from tests.payments.test_difference import pays
from tests.stays import AtStripe, at_stripe, by_staff, clock_at, confirmed, fresh, guest_cancels, mails, transitions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]
HALF = AtStripe(captured=51000, refunded=25500, captures=2, refunds=2)


def in_two_parts(simulator, *, days=10):
    """A confirmed stay of three nights: 340.00 and then 170.00 were paid."""
    booking = confirmed(simulator, BookingFactory(check_in=days_ahead(days)))
    move(booking, nights=3)
    pays(simulator, booking)
    return fresh(booking)


def refunds_of(booking):
    rows = Refund.objects.filter(payment__booking=booking).order_by("pk")
    return [(each.provider, each.status, each.payment.purpose, each.amount) for each in rows]


def decided(booking):
    booking = fresh(booking)
    return booking.status, booking.cancellation_fee, booking.refund_amount


def disputed(simulator, booking):
    newest = booking.payments.get(purpose="difference")
    simulator.control(f"dashboard/payment_intents/{newest.stripe_payment_intent_id}/dispute")
    operations.refresh(newest)


def test_cancel_by_policy_draws_on_the_newest_first_with_one_history_row_and_mail(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    first, second = guest_cancels(booking), guest_cancels(booking)
    assert (first.state, second.state) == ("done", "already")
    assert decided(booking) == ("CANCELLED", 25500, 25500)
    assert refunds_of(booking) == [
        ("stripe", "succeeded", "difference", 17000),
        ("stripe", "succeeded", "stay", 8500),
    ]
    assert at_stripe(stripe_simulator, booking) == HALF
    assert (transitions(booking).count("cancel"), mails(booking).count("cancelled_by_guest")) == (1, 1)
    keys = PaymentOperation.objects.filter(kind="refund").order_by("pk").values_list("idempotency_key", flat=True)
    assert list(keys) == [f"guest_cancel_refund:{booking.booking_id}", f"refund:{booking.booking_id}:2"]
    assert (full(), Drift.objects.count()) == (0, 0)


def test_small_refund_needs_the_newest_payment_only(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    decisions.refund(booking, amount=5000, note="Noise")
    assert refunds_of(booking) == [("stripe", "succeeded", "difference", 5000)]


def test_refund_larger_than_the_newest_payment_goes_on_with_the_one_before(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    assert decisions.refund(booking, amount=20000, note="Noise").state == "done"
    assert [row[2:] for row in refunds_of(booking)] == [("difference", 17000), ("stay", 3000)]
    assert (transitions(booking).count("refund"), mails(booking).count("refund_sent")) == (1, 1)
    assert "has sent €200.00 back to you" in booking.messages.get(kind="refund_sent").text
    assert ledger.left(fresh(booking)) == 31000


@pytest.mark.parametrize("lost", ["drop_after", "drop_before"])
@pytest.mark.parametrize("number", [1, 2])
def test_chain_that_loses_an_answer_is_finished_by_the_janitor(stripe_simulator, lost, number):
    booking = in_two_parts(stripe_simulator)
    if number == 2:
        stripe_simulator.control("faults", kind="slow", match=REFUNDS, seconds=0)
    stripe_simulator.control("faults", kind=lost, match=REFUNDS, times=3)
    assert guest_cancels(booking).state == "in_progress"
    assert decided(booking) == ("CONFIRMED", None, None)
    reconcile.reconcile(timezone.now() + reconcile.GRACE)
    assert (decided(booking), at_stripe(stripe_simulator, booking)) == (("CANCELLED", 25500, 25500), HALF)
    assert transitions(booking).count("cancel") == 1


def part_told(booking):
    """What the one history row and the one mail about a refund say: who, why, its reference; the amount."""
    row, mail = booking.history.get(transition="refund"), booking.messages.get(kind="refund_sent")
    newest = booking.payments.get(purpose="difference").refunds.get()
    assert f"Refund reference: {newest.stripe_refund_id}" in mail.text
    assert (row.actor_kind, row.refund_reference) == ("staff", newest.stripe_refund_id)
    return row.history_change_reason, "has sent €170.00 back to you, the way you paid" in mail.text


def test_part_that_went_back_before_stripe_refused_the_rest_is_told(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    stripe_simulator.control("faults", kind="slow", match=REFUNDS, seconds=0)
    stripe_simulator.control("faults", kind="refused", match=REFUNDS)
    with by_staff(UserFactory()), pytest.raises(Declined) as refused:
        decisions.refund(booking, amount=20000, note="Noise")
    assert refused.value.code == operations.PARTLY
    assert refunds_of(booking) == [("stripe", "succeeded", "difference", 17000)]
    assert part_told(booking) == ("Noise", True)


def test_part_that_came_back_before_stripe_refused_the_rest_is_not_called_sent(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    stripe_simulator.control("faults", kind="slow", match=REFUNDS, seconds=0)
    stripe_simulator.control("faults", kind="drop_before", match=REFUNDS, times=3)
    with by_staff(UserFactory()):
        assert decisions.refund(booking, amount=20000, note="Noise").state == "in_progress"
    newest = booking.payments.get(purpose="difference")
    stripe_simulator.control(f"refunds/{newest.refunds.get().stripe_refund_id}/resolve", status="failed")
    operations.refresh(newest)
    stripe_simulator.control("faults", kind="refused", match=REFUNDS)
    assert operations.resolve(booking.operations.get(status="pending"))
    assert [row[:2] for row in refunds_of(booking)] == [("stripe", "failed"), ("manual", "pending")]
    assert (transitions(booking)[-1], mails(booking)[-1]) == ("refund", "refund_failed")


def test_second_part_refused_leaves_the_booking_and_says_what_went_back(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    stripe_simulator.control("faults", kind="slow", match=REFUNDS, seconds=0)
    stripe_simulator.control("faults", kind="refused", match=REFUNDS)
    with by_staff(UserFactory()), pytest.raises(Declined) as refused:
        cancel.cancel_booking(booking, reason="Ill")
    assert refused.value.code == operations.PARTLY
    assert "€170.00 went back, but Stripe refused the rest" in refused.value.message
    assert decided(booking) == ("CONFIRMED", None, None)
    assert part_told(booking) == ("Ill", True)
    with by_staff(UserFactory()):
        cancel.cancel_booking(booking, reason="Ill")
    assert (transitions(booking)[-2:], mails(booking)[-1]) == (["refund", "cancel"], "cancelled_by_hotel")
    assert (decided(booking), at_stripe(stripe_simulator, booking)) == (("CANCELLED", 25500, 8500), HALF)


def test_disputed_part_is_owed_and_the_other_goes_back(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    disputed(stripe_simulator, booking)
    guest_cancels(booking)
    assert decided(booking) == ("CANCELLED", 25500, 25500)
    assert sorted(refunds_of(booking)) == [
        ("manual", "pending", "difference", 17000),
        ("stripe", "succeeded", "stay", 8500),
    ]


def test_dispute_of_the_later_part_that_nobody_has_heard_of_is_owed(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    main = booking.payments.get(purpose="stay")
    stripe_simulator.control(f"dashboard/payment_intents/{main.stripe_payment_intent_id}/dispute")
    guest_cancels(booking)
    assert decided(booking) == ("CANCELLED", 25500, 25500)
    assert refunds_of(booking) == [
        ("stripe", "succeeded", "difference", 17000),
        ("manual", "pending", "stay", 8500),
    ]


def test_staff_refund_draws_on_what_no_bank_holds(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    disputed(stripe_simulator, booking)
    decisions.refund(booking, amount=34000, note="Noise")
    assert refunds_of(booking) == [("stripe", "succeeded", "stay", 34000)]


def test_no_show_and_moving_back_draw_on_both(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    move(booking, nights=1)
    assert stay(booking)[:2] == (1, 17000)
    assert [row[2:] for row in refunds_of(booking)] == [("difference", 17000), ("stay", 17000)]
    with clock_at(booking.check_in_moment + timedelta(hours=1)):
        no_show.mark_no_show(booking)
    assert decided(booking) == ("NO_SHOW", 17000, 0)


def test_move_of_which_a_part_went_back_is_made_and_the_rest_is_owed(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    stripe_simulator.control("faults", kind="slow", match=REFUNDS, seconds=0)
    stripe_simulator.control("faults", kind="refused", match=REFUNDS)
    assert move(booking, nights=1).state == "done"
    assert stay(booking)[:2] == (1, 17000)
    assert refunds_of(booking) == [
        ("stripe", "succeeded", "difference", 17000),
        ("manual", "pending", "stay", 17000),
    ]


def test_four_eyes_count_all_parts(stripe_simulator):
    booking = in_two_parts(stripe_simulator)
    booking.hotel.four_eyes_threshold = 20000
    booking.hotel.save()
    with by_staff(UserFactory()):
        assert decisions.refund(booking, amount=20001, note="Noise").state == "asked"
    assert refunds_of(booking) == []


def in_two_parts_of_two_people(simulator):
    """Such a stay where more than 50.00 takes two people."""
    booking = in_two_parts(simulator)
    Hotel.objects.filter(pk=booking.hotel_id).update(four_eyes_threshold=5000)
    return fresh(booking)


def test_second_person_agrees_to_what_no_bank_holds(stripe_simulator):
    booking = in_two_parts_of_two_people(stripe_simulator)
    disputed(stripe_simulator, booking)
    wish = two_people.asked(two_people.manager(booking), fresh(booking), 10000)
    assert wish.seen_left == 34000
    assert two_people.approve(two_people.manager(booking), wish).state == "done"
    assert refunds_of(booking) == [("stripe", "succeeded", "stay", 10000)]


def test_dispute_of_one_part_withdraws_a_wish_about_both(stripe_simulator):
    booking = in_two_parts_of_two_people(stripe_simulator)
    wish = two_people.asked(two_people.manager(booking), booking, 10000)
    disputed(stripe_simulator, booking)
    wish.refresh_from_db()
    why = "What is left to refund has changed from €510.00 to €340.00."
    assert (wish.status, wish.decision_note) == ("withdrawn", why)
    assert refunds_of(booking) == []


def test_part_refunded_at_stripe_meanwhile_is_not_sent_twice(stripe_simulator):
    booking = in_two_parts(stripe_simulator, days=30)
    main = booking.payments.get(purpose="stay")
    stripe_simulator.control(f"dashboard/payment_intents/{main.stripe_payment_intent_id}/refund", amount=10000)
    assert guest_cancels(booking).state == "done"
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=51000, refunded=51000, captures=2, refunds=3)
