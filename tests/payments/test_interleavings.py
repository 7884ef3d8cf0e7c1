"""Two processes at one booking, with the second one's steps laid exactly between two lines of the first."""

from unittest import mock

import pytest
from django.utils import timezone

from bookings import lifecycle
from bookings.models import Booking
from bookings.refusals import Refused
from payments import decisions, gateway, operations, reconcile, webhooks
from payments.models import PaymentOperation, Refund, StripeWebhookEvent
from payments.settle import settle
from tests.factories import UserFactory
from tests.payments.test_webhook_worker import events_of, stored
from tests.stays import (
    AtStripe,
    at_stripe,
    by_staff,
    clock_at,
    confirmed,
    fresh,
    guest_cancels,
    paid,
    pay,
    transitions,
    with_page,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def lose(simulator, kind, path="refunds", times=3):
    simulator.control("faults", match={"path_regex": path, "method": "POST"}, kind=kind, times=times)


def read_again(operation):
    return PaymentOperation.objects.select_related("booking", "payment__booking").get(pk=operation.pk)


def after_look_up(step):
    """Run a step of somebody else's right after the next look-up."""
    look_up, steps = operations.look_up, [step]

    def patched(operation):
        seen = look_up(operation)
        if steps:
            steps.pop()()
        return seen

    return mock.patch.object(operations, "look_up", patched)


def test_new_key_is_not_replaced_by_whoever_looked_up_before_it_was_used(stripe_simulator):
    booking = confirmed(stripe_simulator)
    lose(stripe_simulator, "error_500", times=1)
    decisions.refund(booking, amount=10000, note="Noise")
    operation = PaymentOperation.objects.get(kind="refund")

    def other_process_resolves():
        lose(stripe_simulator, "error_500_after", times=1)
        assert not operations.resolve(read_again(operation))

    with after_look_up(other_process_resolves):
        operations.resolve(read_again(operation))
    reconcile.resolve_open(timezone.now() + reconcile.GRACE)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, refunded=10000, captures=1, refunds=1)
    assert read_again(operation).status == "succeeded"


def test_refusal_fails_only_the_operation_that_was_refused(stripe_simulator):
    booking = confirmed(stripe_simulator)
    intent = booking.payments.get().stripe_payment_intent_id
    stripe_simulator.control(f"dashboard/payment_intents/{intent}/refund", amount=30000)

    def other_process_settles_it_and_refunds_less():
        refused = PaymentOperation.objects.get(kind="refund")
        operations.resolve(read_again(refused))
        lose(stripe_simulator, "drop_after")
        assert decisions.refund(booking, amount=4000, note="All that is left").state == "in_progress"

    with after_look_up(other_process_settles_it_and_refunds_less), pytest.raises(gateway.Declined):
        decisions.refund(booking, amount=10000, note="Too much")
    reconcile.resolve_open(timezone.now() + reconcile.GRACE)
    states = PaymentOperation.objects.filter(kind="refund").order_by("pk").values_list("amount", "status")
    assert list(states) == [(10000, "failed"), (4000, "succeeded")]
    assert transitions(booking)[-1] == "refund"


def test_older_snapshot_does_not_take_back_a_refund(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("refund_outcome", mode="pending", times=1)
    decisions.refund(booking, amount=10000, note="Noise")
    payment = booking.payments.get()
    older = gateway.read(session_id=payment.stripe_checkout_session_id, intent_id=None)
    stripe_simulator.control(f"refunds/{Refund.objects.get().stripe_refund_id}/resolve", status="succeeded")
    operations.refresh(payment)
    settle(payment, older)
    payment.refresh_from_db()
    assert (Refund.objects.get().status, payment.status, payment.amount_refunded) == (
        "succeeded",
        "PARTIALLY_REFUNDED",
        10000,
    )


def test_stay_is_not_completed_while_its_cancellation_waits_for_stripe(stripe_simulator):
    booking = confirmed(stripe_simulator)
    lose(stripe_simulator, "drop_after")
    assert guest_cancels(booking).state == "in_progress"
    at_check_out = timezone.now() + (booking.check_out - booking.hotel.today(timezone.now()))
    with clock_at(at_check_out), pytest.raises(Refused, match="Stripe"):
        lifecycle.complete(booking)
    reconcile.resolve_open(timezone.now() + reconcile.GRACE)
    assert (fresh(booking).status, transitions(booking)[-1]) == ("CANCELLED", "cancel")


def test_cancelling_behind_another_open_operation_is_not_called_in_progress(stripe_simulator):
    booking = paid(stripe_simulator)
    stripe_simulator.control("faults", match={}, kind="drop_before", times=100)
    with by_staff(UserFactory()):
        assert decisions.approve(booking).state == "in_progress"
        assert decisions.approve(booking).state == "in_progress"
        with pytest.raises(Refused, match="Nothing was started"):
            decisions.decline(booking, reason="No room")
    with pytest.raises(Refused, match="Nothing was started"):
        guest_cancels(booking)
    assert PaymentOperation.objects.filter(status="pending").count() == 1


def test_second_press_on_cancel_is_in_progress(stripe_simulator):
    booking = confirmed(stripe_simulator)
    stripe_simulator.control("faults", match={}, kind="drop_before", times=100)
    assert [guest_cancels(booking).state for _ in range(2)] == ["in_progress", "in_progress"]


def test_guests_first_refund_key_is_used_once_even_after_it_was_spent(stripe_simulator):
    booking = confirmed(stripe_simulator)
    lose(stripe_simulator, "error_500", times=1)
    assert guest_cancels(booking).state == "in_progress"
    lose(stripe_simulator, "refused", times=9)
    reconcile.resolve_open(timezone.now() + reconcile.GRACE)
    assert fresh(booking).status == "CONFIRMED"
    with pytest.raises(gateway.Declined):
        guest_cancels(booking)
    keys = PaymentOperation.objects.filter(kind="refund").order_by("pk").values_list("idempotency_key", flat=True)
    assert list(keys) == [f"refund:{booking.booking_id}:2", f"refund:{booking.booking_id}:3"]


def test_delivery_that_comes_during_processing_is_counted(stripe_simulator):
    payment = pay(stripe_simulator, with_page())
    event = stored(1, *events_of(payment)[0])
    refresh = operations.refresh

    def delivered_again(payment):
        StripeWebhookEvent.objects.filter(pk=event.pk).update(deliveries=2)
        refresh(payment)

    with mock.patch.object(operations, "refresh", delivered_again):
        webhooks.process_due(timezone.now())
    event.refresh_from_db()
    assert (event.processing_result, event.deliveries) == ("processed", 2)
    assert Booking.objects.get().status == "PENDING_APPROVAL"
