"""The invariants notice what they are there for: each is broken by hand once."""

from copy import deepcopy
from dataclasses import replace

import pytest

from bookings.models import Booking
from payments.models import OperationStatus, Refund
from tests.faults import invariants, scenes
from tests.faults.flows import GUEST_CANCEL
from tests.faults.results import CANCELLED, WAITING
from tests.faults.state import Truth
from tests.stays import fresh
from tests.unguarded import rewriting, unguarded

pytestmark = pytest.mark.faults


@pytest.fixture
def booking(world):
    """A booking that its guest has cancelled, with half of the money returned."""
    booking = GUEST_CANCEL.prepare(world)
    assert world.forks.one(GUEST_CANCEL.job(world, booking)).answer == "done"
    assert world.broken_by(booking, CANCELLED) == []
    return booking


def letters(world, booking, truth=None, **changed):
    """The letters of the broken invariants, with Stripe's row changed."""
    truth = truth or world.truth(booking)
    rows = tuple({**deepcopy(row), **changed} for row in truth.rows)
    found = invariants.violations(booking, replace(truth, rows=rows), world.shown(booking))
    return {problem[0] for problem in found}


def test_stripe_with_other_records_is_noticed(world, booking):
    (row,) = world.truth(booking).rows
    (refund,) = row["refunds"]
    assert letters(world, booking) == set()
    assert letters(world, booking, captured=33999) == {"a", "e"}
    assert letters(world, booking, refunded=17001) == {"e"}
    assert letters(world, booking, refunded=34001) == {"b", "e"}
    assert letters(world, booking, refunded_settled=0) == {"a"}
    assert letters(world, booking, currency="usd") == {"a"}
    assert letters(world, booking, payment_intent="pi_other") == {"a", "e"}
    assert letters(world, booking, authorized=20000) == {"b"}
    assert letters(world, booking, captures=2) == {"c"}
    assert letters(world, booking, voids=2) == {"c"}
    assert letters(world, booking, refunds=[refund, refund]) == {"c"}
    assert letters(world, booking, refunds=[]) == {"a", "c"}
    assert letters(world, booking, refunds=[{**refund, "metadata": {}}]) == {"c", "h"}
    assert letters(world, booking, refunds=[{**refund, "status": "failed"}]) == {"a", "g", "h"}


def test_pages_that_nobody_asked_for_are_noticed(world, booking):
    truth = world.truth(booking)
    (page,) = truth.pages
    assert letters(world, booking, replace(truth, pages=(page, page))) == {"c"}
    assert letters(world, booking, replace(truth, pages=())) == {"c"}


def test_a_dispute_that_nobody_sees_is_noticed(world, booking):
    assert letters(world, booking, disputes=[{"status": "needs_response", "amount": 34000}]) == {"g", "h"}


def test_our_own_contradictions_are_noticed(world, booking):
    (message,) = booking.messages.filter(kind="cancelled_by_guest")
    message.pk = None
    message.save()
    assert letters(world, booking) == {"g"}
    last = booking.history.get(transition="cancel")
    last.pk = None
    last.save()
    # Told twice that it was cancelled, the guest has two mails, but the hotel has one.
    assert letters(world, booking) == {"f", "g"}
    booking.operations.filter(kind="refund").update(status=OperationStatus.PENDING)
    assert letters(world, booking) == {"c", "d", "f", "g"}


def test_history_that_misses_the_last_change_is_noticed(world, booking):
    with unguarded():
        booking.history.filter(transition="cancel")._raw_delete(booking._state.db)
    assert letters(world, booking) == {"f", "g"}


def test_a_change_without_a_name_is_noticed(world, booking):
    with rewriting():
        booking.history.filter(transition="cancel").update(transition="")
    assert letters(world, booking) == {"f", "g"}


def test_money_promised_twice_is_noticed(world, booking):
    Refund.objects.create(payment=booking.payments.get(), provider="manual", amount=17001, currency="EUR")
    assert letters(world, booking) == {"b", "e"}


def test_what_is_owed_and_on_no_worklist_is_noticed(world):
    booking = scenes.with_refund_owed(world)
    assert world.violations(booking) == []
    found = invariants.violations(booking, world.truth(booking), ())
    assert found == ["h: not on the worklist “Refunds to pay out by hand”, only on ()"]


@pytest.mark.parametrize("status", ["PENDING_PAYMENT", "PENDING_APPROVAL", "DECLINED", "EXPIRED"])
def test_a_status_that_stripe_contradicts_is_noticed(world, booking, status):
    Booking.objects.filter(pk=booking.pk).update(status=status, refund_amount=None, cancellation_fee=None)
    assert letters(world, booking) == {"e", "f"}


def nowhere(_booking):
    """No worklist leads to a booking."""
    return ()


def test_money_that_moved_unseen_is_noticed(world, booking):
    after = world.truth(booking)
    (row,) = after.rows
    before = replace(after, rows=({**row, "captured": 0, "refunded": 0},))
    assert invariants.unexplained(booking, before, after, nowhere) == []
    moved = Truth(({**row, "refunded": 34000, "refunded_settled": 34000},))
    assert [problem[0] for problem in invariants.unexplained(booking, before, moved, nowhere)] == ["h"]
    assert invariants.unexplained(booking, before, moved, lambda _: ("Waiting for Stripe",)) == []
    assert invariants.unexplained(booking, moved, moved, nowhere) == []


def test_another_state_than_the_declared_one_is_noticed(world, booking):
    (problem,) = world.broken_by(fresh(booking), WAITING)
    assert problem.startswith("state: status CANCELLED instead of PENDING_APPROVAL, ")
