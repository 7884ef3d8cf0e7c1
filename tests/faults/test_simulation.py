"""Seeds of the simulation: a hundred random steps each, and at the end both books agree."""

import re
from typing import Any, Final

import pytest
import stripe

from tests.faults.broken import unguarded
from tests.faults.conftest import PLAYED
from tests.faults.simulation.play import Play
from tests.faults.world import World

pytestmark = pytest.mark.faults
NAMES: Final = re.compile(
    r"cs_test_\w+|\bbooking [A-Z0-9]{10}\b|by [A-Z]\w+ Byrne \d+|Room \d+|http://\S+|Double \d+"
)


@pytest.fixture
def world(transactional_db, stripe_process, monkeypatch, settings) -> World:
    """The product with an empty database and an empty Stripe; nothing of it is another process but Stripe."""
    settings.STRIPE_API_BASE = stripe_process.url
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
    # Stripe's library waits half a second and more before it asks again.
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.001)
    stripe_process.reset()
    nobody: Any = None
    return World(simulator=stripe_process, forks=nobody)


def test_seed(world, seed):
    play = Play(seed, world)
    problems = play.run()
    PLAYED.append((seed, problems))
    if problems:
        pytest.fail("\n".join([f"seed {seed}", *play.protocol, *problems]), pytrace=False)


# Builds with a known mistake, and a seed that finds each.
FOUND_BY: Final = {
    "history_outside": 1,
    "mail_before_commit": 2,
    "no_deduplication": 1,
    "recalculated_amount": 1,
    "no_look_up": 2,
}


@pytest.mark.parametrize("build", FOUND_BY)
def test_a_known_mistake_is_found_by_a_seed(world, build):
    with unguarded(build):
        try:
            problems = Play(FOUND_BY[build], world, build=build).run()
        finally:
            world.empty()
    assert problems, "nothing was wrong"


def test_the_same_seed_does_the_same_again(world):
    first, second = (Play(7, world), Play(7, world))
    first.run(30)
    world.empty()
    second.run(30)
    assert [without_names(line) for line in first.protocol] == [without_names(line) for line in second.protocol]


def without_names(line: str) -> str:
    """A line of the protocol without what is drawn for each object anew: references, and Stripe's pages."""
    return NAMES.sub("…", line)
