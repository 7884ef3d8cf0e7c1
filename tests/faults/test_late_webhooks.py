"""Recovery needs no webhook, and webhooks that arrive after it change nothing."""

import pytest

from tests.faults import late_news, points
from tests.faults.flows import FLOWS
from tests.faults.kills import Harness, Tally

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_late_webhooks_change_nothing(world, flow, is_quick):
    harness = Harness(world, flow, Tally(flow.name))
    labels = harness.count_points()
    killed_at = points.places(labels)
    if is_quick and not flow.is_named:
        killed_at = killed_at[-1:]
    for seed, point in enumerate(killed_at):
        booking, job = harness.start()
        harness.finish(harness.kill(booking, job, point), booking, job)
        harness.tally.problems += late_news.tell_late(world, booking, seed=seed)
    assert harness.tally.problems == []
