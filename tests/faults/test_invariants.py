"""The invariants notice what they are there for: each is broken by hand once."""

from copy import deepcopy

import pytest

from bookings.models import Booking
from payments.models import OperationStatus
from tests.faults import invariants
from tests.faults.flows import CANCELLED, GUEST_CANCEL, WAITING

pytestmark = pytest.mark.faults


@pytest.fixture
def booking(world):
    """A booking that its guest has cancelled, with half of the money returned."""
    booking = GUEST_CANCEL.prepare(world)
    assert world.forks.one(GUEST_CANCEL.job(world, booking)).answer == "done"
    assert world.broken_by(booking, CANCELLED) == []
    return booking


def test_stripe_with_other_records_is_noticed(world, booking):
    (row,) = world.rows(booking)
    assert letters(booking, row | {"captured": 33999}) == {"a"}
    assert letters(booking, row | {"refunded": 17001}) == {"a", "e"}
    assert letters(booking, row | {"refunded_settled": 0}) == {"a"}
    assert letters(booking, row | {"payment_intent": "pi_other"}) == {"a"}
    assert letters(booking, row | {"authorized": 20000}) == {"b"}
    assert letters(booking, row | {"captures": 2}) == {"c"}
    assert letters(booking, row | {"voids": 2}) == {"c"}
    assert letters(booking, row | {"refunds": row["refunds"] * 2}) == {"c"}
    assert letters(booking, row | {"refunds": []}) == {"c"}


def test_our_own_contradictions_are_noticed(world, booking):
    (row,) = world.rows(booking)
    assert letters(booking, row) == set()
    (message,) = booking.messages.filter(kind="cancelled_by_guest")
    message.pk = None
    message.save()
    assert letters(booking, row) == {"g"}
    last = booking.history.get(transition="cancel")
    last.pk = None
    last.save()
    assert letters(booking, row) == {"f", "g"}
    booking.operations.filter(kind="refund").update(status=OperationStatus.PENDING)
    assert letters(booking, row) == {"c", "d", "f", "g"}


@pytest.mark.parametrize("status", ["PENDING_PAYMENT", "PENDING_APPROVAL", "DECLINED", "EXPIRED"])
def test_a_status_that_stripe_contradicts_is_noticed(world, booking, status):
    Booking.objects.filter(pk=booking.pk).update(status=status, refund_amount=None)
    assert letters(booking, *world.rows(booking)) == {"e"}


def test_money_that_moved_unseen_is_noticed(world, booking):
    (row,) = world.rows(booking)
    before = row | {"captured": 0, "refunded": 0}
    assert invariants.unexplained(booking, [before], [row]) == []
    moved = row | {"refunded": 34000, "refunded_settled": 34000}
    assert [problem[0] for problem in invariants.unexplained(booking, [before], [moved])] == ["h"]
    assert invariants.unexplained(booking, [moved], [moved]) == []


def test_another_state_than_the_declared_one_is_noticed(world, booking):
    (problem,) = world.broken_by(booking, WAITING)
    assert problem.startswith("state: status CANCELLED instead of PENDING_APPROVAL, ")


def letters(booking, *rows):
    """The letters of the broken invariants."""
    return {problem[0] for problem in invariants.violations(booking, deepcopy(list(rows)))}
