"""SIGKILL before and after every statement, commit and request of each flow, and of its recovery."""

import pytest

from tests.faults import points
from tests.faults.conftest import TALLIES
from tests.faults.flows import FLOWS, Flow
from tests.faults.kills import Harness, Tally
from tests.faults.world import World

pytestmark = pytest.mark.faults
ONE_IN, ONE_OF_THE_OTHERS_IN = 5, 15


@pytest.fixture
def harness(world: World, flow: Flow) -> Harness:
    """A harness whose tally ends up in the table."""
    tally = Tally(flow.name)
    TALLIES.append(tally)
    return Harness(world, flow, tally)


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.name)
def test_killed_flow_has_one_effect(harness, is_quick):
    labels = harness.count_points()
    harness.kill_at(sorted(chosen(labels, harness.flow) if is_quick else every(labels)))
    assert harness.tally.problems == []


@pytest.mark.parametrize(
    "flow",
    [pytest.param(flow, id=flow.name, marks=() if flow.is_named else pytest.mark.full) for flow in FLOWS],
)
def test_killed_recovery_has_one_effect(harness, is_quick):
    labels = harness.count_points()
    # Recovery finds the same after Stripe acted and before the settling commits.
    found = points.places(labels)
    for kill_at in found[:2] if is_quick else found:
        recovery = harness.count_recovery_points(kill_at)
        harness.kill_recovery_at(kill_at, sorted(points.edges(recovery) if is_quick else every(recovery)))
    assert harness.tally.problems == []


def every(labels: list[str]) -> set[int]:
    """All points."""
    return set(range(1, len(labels) + 1))


def chosen(labels: list[str], flow: Flow) -> set[int]:
    """One point in five of the named flows and all at a commit or a request; one in fifteen of the others.

    Each flow begins with another point, so that together they meet all kinds of points.
    """
    step = ONE_IN if flow.is_named else ONE_OF_THE_OTHERS_IN
    sample = set(range(1 + FLOWS.index(flow) % step, len(labels) + 1, step))
    return sample | points.edges(labels) if flow.is_named else sample
