"""What Stripe refuses to do when a time is over is asked for again once an hour, not every minute."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payments import reconcile
from payments.models import PaymentOperation
from tests.payments.moving import CLOSES
from tests.payments.test_difference import longer, page_of
from tests.stays import clock_at, fresh, with_page

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


def closings():
    rows = PaymentOperation.objects.filter(kind="expire_session").order_by("pk")
    return list(rows.values_list("transition", "status"))


def test_page_that_stripe_does_not_close_is_closed_an_hour_later(stripe_simulator):
    booking = with_page().booking
    stripe_simulator.control("faults", kind="refused", match=CLOSES)
    over = timezone.now() + timedelta(hours=25)
    for minutes in (0, 1, 59):
        with clock_at(over + timedelta(minutes=minutes)):
            assert reconcile.expire_due(timezone.now()) == 0
    assert (closings(), fresh(booking).status) == ([("expire", "failed")], "PENDING_PAYMENT")
    with clock_at(over + timedelta(minutes=61)):
        assert reconcile.expire_due(timezone.now()) == 1
    assert (closings()[1:], fresh(booking).status) == ([("expire", "succeeded")], "EXPIRED")


def test_change_whose_page_stripe_does_not_close_is_undone_an_hour_later(stripe_simulator):
    booking = longer(stripe_simulator)
    page_of(booking)
    stripe_simulator.control("faults", kind="refused", match=CLOSES)
    over = fresh(booking).kept_stay.due_at + timedelta(minutes=1)
    for minutes in (0, 1, 59):
        with clock_at(over + timedelta(minutes=minutes)):
            assert reconcile.undo_due(timezone.now()) == 0
    assert (closings(), fresh(booking).nights) == ([("undo_reschedule", "failed")], 3)
    with clock_at(over + timedelta(minutes=61)):
        assert reconcile.undo_due(timezone.now()) == 1
    assert (closings()[1:], fresh(booking).nights) == ([("undo_reschedule", "succeeded")], 2)
