"""A stay that became cheaper, and whose hold somebody captured at Stripe for more than it costs now."""

import pytest

from payments import decisions, payouts
from payments.gateway import Declined
from payments.models import PaymentOperation, Refund
from payments.money import spoken
from tests import disputes
from tests.factories import UserFactory
from tests.payments.moving import REFUNDS, move
from tests.stays import AtStripe, at_stripe, by_staff, fresh, mails, paid, transitions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]
WHY = "More was captured at Stripe than the stay costs."


def captured_elsewhere(simulator, booking, **given):
    intent = booking.payments.get().stripe_payment_intent_id
    simulator.control(f"dashboard/payment_intents/{intent}/capture", **given)


def cheaper(simulator):
    booking = paid(simulator)
    assert move(booking, nights=1).state == "done"
    return booking


def owed():
    return list(Refund.objects.order_by("pk").values_list("provider", "status", "amount"))


@pytest.mark.parametrize("captured", [17001, 20000, 34000])
def test_booking_is_confirmed_and_what_is_beyond_its_price_goes_back(stripe_simulator, captured):
    booking = cheaper(stripe_simulator)
    captured_elsewhere(stripe_simulator, booking, amount=captured)
    disputes.refresh(booking)
    disputes.refresh(booking)
    beyond = captured - 17000
    assert (fresh(booking).status, transitions(booking)[-2:]) == ("CONFIRMED", ["confirm_paid", "refund"])
    expected = AtStripe(captured=captured, refunded=beyond, captures=1, refunds=1)
    assert at_stripe(stripe_simulator, booking) == expected
    assert mails(booking)[-2:] == ["approved", "refund_sent"]
    assert f"You have paid {spoken(captured, 'EUR')}." in booking.messages.get(kind="approved").text
    assert f"has sent {spoken(beyond, 'EUR')} back to you" in booking.messages.get(kind="refund_sent").text
    assert owed() == [("manual", "canceled", beyond), ("stripe", "succeeded", beyond)]
    history = fresh(booking).history.latest("history_id")
    assert (history.transition, history.history_change_reason) == ("refund", WHY)


def test_approval_that_finds_it_captured_is_refused_and_the_stay_confirmed_all_the_same(stripe_simulator):
    booking = cheaper(stripe_simulator)
    captured_elsewhere(stripe_simulator, booking)
    with by_staff(UserFactory()), pytest.raises(Declined):
        decisions.approve(booking)
    assert fresh(booking).status == "CONFIRMED"
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)


def test_what_stripe_refuses_to_send_back_is_owed_until_it_is_sent(stripe_simulator):
    booking = cheaper(stripe_simulator)
    captured_elsewhere(stripe_simulator, booking)
    stripe_simulator.control("faults", kind="refused", match=REFUNDS)
    with pytest.raises(Declined):
        disputes.refresh(booking)
    assert (fresh(booking).status, owed()) == ("CONFIRMED", [("manual", "pending", 17000)])
    disputes.refresh(booking)
    assert PaymentOperation.objects.filter(kind="refund").count() == 1
    with by_staff(UserFactory()):
        assert payouts.send_again(Refund.objects.get()).state == "done"
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=1)


def test_what_is_beyond_the_price_and_went_back_at_stripe_already_is_not_sent_twice(stripe_simulator):
    booking = cheaper(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    captured_elsewhere(stripe_simulator, booking)
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=15000)
    disputes.refresh(booking)
    assert fresh(booking).status == "CONFIRMED"
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=17000, captures=1, refunds=2)
