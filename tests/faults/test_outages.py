"""The database, the host or the mail server fails in the middle of each flow: the same single effect in the end."""

import re
from collections import Counter

import pytest
from django.utils import timezone

from bookings.models import Booking, Message
from tests.faults import outages, points
from tests.faults.conftest import STRUCK
from tests.faults.flows import FLOWS, Flow
from tests.faults.forks import Ended
from tests.faults.kills import Harness, Tally, is_known

pytestmark = pytest.mark.faults
DAY = 24 * 3600
# Django's own errors, which a visitor sees as a plain 500.
OF_THE_DATABASE = re.compile(r"^django\.db\.utils\.(Operational|Interface|Internal)Error: ", re.MULTILINE)
KINDS = (*outages.OUTAGES, "full_pool", "dead_mail_server", "dead_worker")


def of_each_flow(kinds: tuple[str, ...]) -> pytest.MarkDecorator:
    """Every kind in every flow; the quick part has all of them in the named flows, and one in each of the others."""
    pairs = [(flow, kind) for flow in FLOWS for kind in kinds]
    chosen = [
        pytest.param(
            flow, kind, id=f"{flow.name}, {kind}", marks=() if is_quick_one(flow, kind) else pytest.mark.full
        )
        for flow, kind in pairs
    ]
    return pytest.mark.parametrize(("flow", "kind"), chosen)


def is_quick_one(flow: Flow, kind: str) -> bool:
    """Whether a pair belongs to the quick part, too."""
    return flow.is_named or FLOWS.index(flow) % len(KINDS) == KINDS.index(kind)


@pytest.fixture
def harness(world, flow, kind) -> Harness:
    """A harness for one flow."""
    STRUCK[kind] += 1
    return Harness(world, flow, Tally(flow.name))


@of_each_flow(tuple(outages.OUTAGES))
def test_an_outage_in_the_middle_leaves_one_effect(harness, kind, is_quick):
    found = moments(kind, harness.count_points())
    for point in found[len(found) // 2 :][:1] if is_quick else found:
        strike(harness, kind, point)
    assert harness.tally.problems == []


def moments(outage: str, labels: list[str]) -> list[int]:
    """Where an outage can happen: the server refuses a change of a row, and anything may cut a connection."""
    return (points.changes if outage in outages.REFUSALS else points.places)(labels)


def strike(harness: Harness, outage: str, point: int) -> None:
    """Let it happen once, recover, do the same again."""
    booking, job = harness.start()
    ended = harness.world.forks.one({**job, "fail_at": point, "outage": outage})
    where = f"{outage} at {ended.last}"
    if len(ended.points) < point or not is_expected(ended):
        harness.note(where, [f"{ended.answer} {ended.error}"])
    harness.finish(where, booking, job)


def is_expected(ended: Ended) -> bool:
    """Whether nothing but the database's failure came out, if anything did."""
    last = ended.error.rpartition("Traceback (most recent call last)")[2]
    return not ended.error or bool(OF_THE_DATABASE.search(last))


@of_each_flow(("full_pool",))
def test_a_full_pool_changes_nothing(harness):
    booking, job = harness.start()
    before = harness.world.truth(booking), booking.history.count()
    with outages.full_pool() as role:
        ended = harness.world.forks.one({**job, "role": role})
    assert "too many connections" in ended.error
    assert (harness.world.truth(booking), booking.history.count()) == before
    harness.finish("full pool", booking, job)
    assert harness.tally.problems == []


@of_each_flow(("dead_mail_server",))
def test_a_dead_mail_server_delays_mails_only(harness):
    world, expected = harness.world, harness.flow.result
    booking, job = harness.start()
    before = mails(booking)["sent"]
    world.forks.one({**job, "mail": "down"})
    world.recover(mail="down")
    down = mails(booking)
    assert (down["sent"], down["failed"]) == (before, 0)
    assert world.broken_by(booking, expected) == []
    Message.objects.filter(booking=booking).update(next_at=timezone.now())
    world.recover()
    assert mails(booking) == {"sent": down.total()}
    assert world.broken_by(booking, expected) == []


def mails(booking: Booking) -> Counter[str]:
    """A booking's mails by their status."""
    return Counter(Message.objects.filter(booking=booking).values_list("status", flat=True))


@of_each_flow(("dead_worker",))
def test_a_worker_that_was_dead_for_a_day_settles_all(harness):
    labels = harness.count_points()
    booking, job = harness.start()
    harness.kill(booking, job, points.places(labels)[-1])
    harness.world.recover(later=DAY)
    # Nothing but Stripe knows of an event that was not stored: it comes again.
    if is_known(job) and not harness.flow.has_news:
        harness.note("a day later", harness.world.violations(booking, external=harness.flow.result.external))
    assert harness.tally.problems == []
