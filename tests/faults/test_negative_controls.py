"""Builds with a known mistake must be caught by the very checks that the product passes."""

import re
from collections.abc import Callable, Mapping
from typing import Final

import pytest

from tests.faults import late_news, lost, points, races
from tests.faults.broken import BUILDS, CONTROLS, unguarded
from tests.faults.conftest import CAUGHT
from tests.faults.flows import APPROVE, FREE_CANCEL, REFUND_FAILED, SECOND_REFUND, STAFF_REFUND, Flow
from tests.faults.kills import Harness, Tally
from tests.faults.lost import LOSSES, Loss
from tests.faults.world import World

pytestmark = pytest.mark.faults
FIVE_DAYS: Final = 5 * 24 * 3600
# An invariant, or another end than the declared one. An error is no proof: it may be what prevents the harm.
PROOF: Final = re.compile(r"(?:^|: )((?:[a-h]|state): .*)")
type Check = Callable[[World, str], list[str]]


def kills_of(flow: Flow) -> Check:
    """Kill a flow at each commit and request, until something is wrong. In peace the build does what it should."""

    def check(world: World, build: str) -> list[str]:
        harness = Harness(world, flow, Tally(flow.name), build=build)
        edges = sorted(points.edges(harness.count_points()))
        assert harness.tally.problems == []
        while edges and not proofs(harness.tally.problems):
            harness.kill_at([edges.pop(0)])
        return harness.tally.problems

    return check


def peace_of(flow: Flow) -> Check:
    """Do a flow that nobody disturbs."""

    def check(world: World, build: str) -> list[str]:
        harness = Harness(world, flow, Tally(flow.name), build=build)
        harness.count_points()
        return harness.tally.problems

    return check


def race(name: str) -> Check:
    """Run a race a few times."""
    wanted = races.named(name)
    return lambda world, build: [bad for _ in range(5) for bad in races.run(world, wanted, build=build)]


def interleaved(name: str) -> Check:
    """Let one come in between before whatever the other writes or asks, until something is wrong."""
    wanted = races.named(name)
    first, second = wanted.presses[0], wanted.presses[-1]

    def check(world: World, build: str) -> list[str]:
        found: list[str] = []
        for point in points.writes(races.points_of(world, wanted, first)):
            found += races.run_interleaved(world, wanted, first, second, point, build=build)
            if proofs(found):
                break
        return found

    return check


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
    # An owed refund is handed over and sent through Stripe, too: nothing but the lock stands between the two.
    "no_lock": interleaved("pay out × send again"),
    "no_stored_key": interleaved("reconcile × caller"),
    "key_per_booking": peace_of(SECOND_REFUND),
    "stripe_inside_the_transaction": kills_of(APPROVE),
    "recalculated_amount": loss("dropped before acting", FREE_CANCEL, later=FIVE_DAYS),
    "no_deduplication": kills_of(REFUND_FAILED),
    "mail_before_commit": kills_of(APPROVE),
    "history_outside": kills_of(APPROVE),
    "mail_after_the_commit": kills_of(APPROVE),
    "no_look_up": loss("dropped after acting", STAFF_REFUND),
    "no_open_operation": race("refund × refund"),
    "settles_twice": late_webhooks_of(STAFF_REFUND),
}


@pytest.mark.parametrize("build", BUILDS)
def test_broken_build_is_caught(world, build):
    with unguarded(build):
        try:
            found = CAUGHT_BY[build](world, build)
        finally:
            world.empty()
    proof = proofs(found)
    CAUGHT.append((build, BUILDS[build] in CONTROLS, proof[0] if proof else ""))
    assert proof, found


def proofs(found: list[str]) -> list[str]:
    """Keep what shows a wrong end, and not merely an error."""
    return [match[1] for each in found if "Traceback" not in each for match in [PROOF.search(each)] if match]
