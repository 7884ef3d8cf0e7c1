"""SIGKILL before and after every statement, commit and request of each flow, and of its recovery."""

import pytest

from tests.faults import points
from tests.faults.conftest import TALLIES
from tests.faults.flows import FLOWS, NAMED, Flow
from tests.faults.kills import Harness, Tally
from tests.faults.world import World

pytestmark = pytest.mark.faults
ONE_IN = 5


@pytest.fixture
def harness(world: World, flow: Flow) -> Harness:
    """A harness whose tally ends up in the table."""
    tally = Tally(flow.name)
    TALLIES.append(tally)
    return Harness(world, flow, tally)


def flows(*those: Flow) -> pytest.MarkDecorator:
    """The same test for each flow."""
    return pytest.mark.parametrize("flow", those, ids=lambda flow: flow.name.replace(" ", "-"))


@flows(*FLOWS)
def test_killed_flow_has_one_effect(harness, is_quick):
    labels = harness.count_points()
    harness.kill_at(sorted(chosen(labels, named=harness.flow.is_named) if is_quick else every(labels)))
    assert harness.tally.problems == []


@flows(*NAMED)
def test_killed_recovery_has_one_effect(harness, is_quick):
    labels = harness.count_points()
    # Recovery finds the same after Stripe acted and before the settling commits.
    found = list(points.places(labels).values())
    for kill_at in found[:2] if is_quick else found:
        recovery = harness.count_recovery_points(kill_at)
        harness.kill_recovery_at(kill_at, sorted(points.edges(recovery) if is_quick else every(recovery)))
    assert harness.tally.problems == []


def every(labels: list[str]) -> set[int]:
    """All points."""
    return set(range(1, len(labels) + 1))


def chosen(labels: list[str], *, named: bool) -> set[int]:
    """One point in five; for the named flows also all at a commit or a request."""
    sample = set(range(1, len(labels) + 1, ONE_IN))
    return sample | points.edges(labels) if named else sample
