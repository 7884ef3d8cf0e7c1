"""Builds with a known mistake must be caught by the very checks that the product passes."""

from collections.abc import Callable, Mapping
from typing import Final

import pytest

from tests.faults import late_news, lost, points, races
from tests.faults.broken import BUILDS
from tests.faults.conftest import CAUGHT
from tests.faults.flows import APPROVE, GUEST_CANCEL, STAFF_REFUND, Flow
from tests.faults.kills import Harness, Tally
from tests.faults.lost import LOSSES, Loss
from tests.faults.races import RACES
from tests.faults.world import World

pytestmark = pytest.mark.faults
FIVE_DAYS: Final = 5 * 24 * 3600
type Check = Callable[[World, str], list[str]]


def kills_of(flow: Flow) -> Check:
    """Kill a flow at each commit and request."""

    def check(world: World, build: str) -> list[str]:
        tally = Tally(flow.name)
        harness = Harness(world, flow, tally, build=build)
        harness.kill_at(sorted(points.edges(harness.count_points())))
        return tally.problems

    return check


def race(name: str) -> Check:
    """Run a race a few times."""
    (wanted,) = (each for each in RACES if each.name == name)
    return lambda world, build: [bad for _ in range(5) for bad in races.run(world, wanted, build=build)]


def loss(name: str, flow: Flow, *, later: float = 0) -> Check:
    """Lose an answer."""
    wanted: Loss = next(each for each in LOSSES if each.name == name)
    return lambda world, build: lost.lose(world, flow, wanted, build=build, later=later)


def late_webhooks_of(flow: Flow) -> Check:
    """Deliver the webhooks of a flow that is long done."""

    def check(world: World, build: str) -> list[str]:
        booking = flow.prepare(world)
        assert world.forks.one(flow.job(world, booking)).answer == "done"
        return late_news.tell_late(world, booking, seed=1, build=build)

    return check


CAUGHT_BY: Final[Mapping[str, Check]] = {
    "stripe_inside_the_transaction": kills_of(APPROVE),
    "a_new_key_for_each_call": race("refund × reconcile"),
    "no_look_up": loss("dropped after acting", STAFF_REFUND),
    "no_lock": race("approve × 8"),
    "no_open_operation": race("guest cancel × 8"),
    "mail_after_the_commit": kills_of(APPROVE),
    "history_after_the_commit": kills_of(APPROVE),
    "settles_twice": late_webhooks_of(APPROVE),
    "amount_worked_out_again": loss("dropped before acting", GUEST_CANCEL, later=FIVE_DAYS),
}


@pytest.mark.parametrize("build", BUILDS)
def test_broken_build_is_caught(world, build):
    found = CAUGHT_BY[build](world, build)
    CAUGHT.append((build, found[0].strip().splitlines()[-1] if found else ""))
    assert found
