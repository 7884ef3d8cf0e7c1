"""Rows and answers that make no sense must stay visible, and harm nobody else."""

from dataclasses import replace

import pytest

from bookings.models import Booking
from payments import gateway
from payments.models import OperationStatus, PaymentOperation, Refund
from payments.settle import settle
from tests.faults import presses
from tests.faults.flows import APPROVE
from tests.faults.results import APPROVED, WAITING
from tests.faults.scenes import EVERY_TRY, with_news_at_stripe
from tests.stays import confirmed

pytestmark = pytest.mark.faults


def test_an_operation_that_cannot_be_settled_does_not_stop_the_others(world):
    poisoned, healthy = stuck(world), stuck(world)
    Booking.objects.filter(pk=poisoned.pk).update(status="COMPLETED")
    world.recover()
    assert world.broken_by(healthy, APPROVED) == []
    left = PaymentOperation.objects.filter(status=OperationStatus.PENDING)
    assert [operation.booking for operation in left] == [poisoned]


def stuck(world):
    """A booking whose approval got no answer."""
    booking = APPROVE.prepare(world)
    world.plan_fault("drop_after", times=EVERY_TRY)
    assert world.forks.one(APPROVE.job(world, booking)).answer == "in_progress"
    return booking


def test_an_older_snapshot_does_not_take_back_a_payment(world):
    booking = with_news_at_stripe(world)
    payment = booking.payments.get()
    now = gateway.read(session_id=payment.stripe_checkout_session_id, intent_id=None)
    settle(payment, now)
    before_it_was_paid = replace(
        now, session_status="open", intent_status="requires_payment_method", failure_message="Card declined."
    )
    settle(payment, before_it_was_paid)
    assert world.broken_by(booking, WAITING) == []


def test_a_second_refund_in_the_name_of_one_operation_is_shown_as_external(world):
    booking = confirmed(world.simulator)
    assert world.forks.one(presses.refund("100.00")(world, booking)).answer == "done"
    payment, operation = booking.payments.get(), booking.operations.get(kind="refund")
    metadata = {"operation": operation.reference, "booking": booking.booking_id}
    intent = payment.stripe_payment_intent_id
    world.simulator.control(
        f"dashboard/payment_intents/{intent}/refund", amount=5000, reason="duplicate", metadata=metadata
    )
    assert world.forks.one({"do": "refresh", "booking": booking.pk}).error == ""
    assert sorted(Refund.objects.values_list("amount", "is_external")) == [(5000, True), (10000, False)]
