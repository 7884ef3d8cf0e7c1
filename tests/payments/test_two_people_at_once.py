"""Two people at one refund, twice, at once, or with a crash between: one refund, and no person is left in doubt."""

from threading import Barrier, Thread
from unittest import mock

import pytest
from django.db import connection
from django.utils import timezone

from bookings import audit
from bookings.audit import ActorKind
from bookings.refusals import Refused
from cancellations import cancel
from payments import decisions, operations, reconcile
from payments.models import RefundRequest
from tests.factories import UserFactory
from tests.payments.two_people import PAID, alone, approve, asked, draft, manager, refund
from tests.stays import AtStripe, at_stripe, confirmed, guest_cancels

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stripe_simulator")]


@pytest.fixture
def booking(stripe_simulator):
    """A confirmed and paid booking of that hotel."""
    return confirmed(stripe_simulator, draft())


@pytest.fixture
def nora(booking):
    """Who asks."""
    return manager(booking, first_name="Nora", last_name="Byrne")


@pytest.fixture
def ciara(booking):
    """Who decides."""
    return manager(booking, first_name="Ciara", last_name="Walsh")


def test_approving_twice_is_one_refund_and_says_who(stripe_simulator, booking, nora, ciara):
    wish, other = asked(nora, booking), manager(booking)
    assert approve(ciara, wish).state == "done"
    for person in (ciara, other):
        again = approve(person, wish)
        assert (again.state, again.message[:21]) == ("already", "This was approved on ")
        assert " by Ciara Walsh." in again.message
    assert at_stripe(stripe_simulator, booking).refunds == 1


def test_approving_what_waits_for_stripe_says_who_was_first(stripe_simulator, booking, nora, ciara):
    wish, other = asked(nora, booking), manager(booking)
    stripe_simulator.control("faults", match={}, kind="drop_before", times=100)
    assert approve(ciara, wish).state == "in_progress"
    second = approve(other, wish)
    assert (second.state, " by Ciara Walsh." in second.message, "Stripe's answer is awaited." in second.message) == (
        "already",
        True,
        True,
    )
    stripe_simulator._send("DELETE", "faults", None)
    with audit.acting_as(ActorKind.WORKER):
        reconcile.resolve_open(timezone.now() + reconcile.GRACE)
    assert at_stripe(stripe_simulator, booking).refunds == 1


class Killed(Exception):
    """The process ends here."""


def test_crash_before_the_decision_is_stored_leaves_a_wish_that_waits(stripe_simulator, booking, nora, ciara):
    wish = asked(nora, booking)
    with mock.patch.object(decisions, "open_next", side_effect=Killed), pytest.raises(Killed):
        approve(ciara, wish)
    wish.refresh_from_db()
    assert (wish.is_pending, booking.operations.filter(kind="refund").count()) == (True, 0)
    assert at_stripe(stripe_simulator, booking) == PAID
    assert approve(ciara, wish).state == "done"


def test_crash_after_the_decision_is_finished_in_the_approvers_name(stripe_simulator, booking, nora, ciara):
    wish = asked(nora, booking)
    with mock.patch.object(operations, "perform", side_effect=Killed), pytest.raises(Killed):
        approve(ciara, wish)
    wish.refresh_from_db()
    assert (wish.status, booking.operations.get(kind="refund").is_open) == ("approved", True)
    with audit.acting_as(ActorKind.WORKER):
        reconcile.resolve_open(timezone.now() + reconcile.GRACE)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1, refunded=30000, refunds=1)
    assert booking.history.first().history_user == ciara


def at_once(*jobs):
    """Run jobs in threads that start together; return what each came to, in any order."""
    start, came_to = Barrier(len(jobs)), []

    def run(job):
        start.wait()
        try:
            came_to.append(job())
        except Refused as refused:
            came_to.append(refused)
        finally:
            connection.close()

    threads = [Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came_to) == len(jobs), "one of them ended with another error"
    return sorted("refused" if isinstance(each, Refused) else each.state for each in came_to)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("people", [2, 5])
def test_race_of_approvals_is_one_refund(stripe_simulator, people):
    booking = confirmed(stripe_simulator, draft())
    wish = asked(UserFactory(role="owner"), booking)
    approvers = [UserFactory(role="owner") for _ in range(people)]
    states = at_once(*[lambda each=each: approve(each, wish) for each in approvers])
    assert (states.count("done") <= 1, set(states) <= {"done", "already", "in_progress"}) == (True, True)
    reconcile.resolve_open(timezone.now() + reconcile.GRACE)
    assert at_stripe(stripe_simulator, booking) == AtStripe(captured=34000, captures=1, refunded=30000, refunds=1)
    wish.refresh_from_db()
    assert booking.operations.get(kind="refund").details["actor"]["user_id"] == wish.decided_by_id


@pytest.mark.django_db(transaction=True)
def test_race_of_wishes_is_one_wish(stripe_simulator):
    booking = confirmed(stripe_simulator, draft())
    people = [UserFactory(role="owner") for _ in range(4)]
    states = at_once(*[lambda each=each: refund(each, booking, 30000) for each in people])
    assert (states, RefundRequest.objects.count()) == (["asked", "refused", "refused", "refused"], 1)
    assert at_stripe(stripe_simulator, booking) == PAID


@pytest.mark.django_db(transaction=True)
def test_race_of_small_refunds_does_not_slip_under_the_threshold(stripe_simulator):
    booking = confirmed(stripe_simulator, draft())
    people = [UserFactory(role="owner") for _ in range(2)]
    states = at_once(*[lambda each=each: refund(each, booking, 15000) for each in people])
    assert states in (["asked", "done"], ["asked", "in_progress"], ["in_progress", "refused"], ["done", "refused"])
    assert (at_stripe(stripe_simulator, booking).refunded, alone(booking)) == (15000, 5000)


@pytest.mark.django_db(transaction=True)
def test_race_of_approval_and_guest_moves_one_of_the_two(stripe_simulator):
    booking = confirmed(stripe_simulator, draft())
    wish = asked(UserFactory(role="owner"), booking)
    other = UserFactory(role="owner")
    states = at_once(lambda: approve(other, wish), lambda: guest_or_asked_again(booking))
    reconcile.resolve_open(timezone.now() + reconcile.GRACE)
    wish.refresh_from_db()
    moved = at_stripe(stripe_simulator, booking).refunded
    assert (wish.status, moved) in (("approved", 30000), ("withdrawn", 17000), ("approved", 30000)), states


def guest_or_asked_again(booking):
    """The guest cancels; when the amounts have changed meanwhile, the page asks again."""
    try:
        return guest_cancels(booking)
    except cancel.QuoteChanged as changed:
        return Refused(str(changed))
