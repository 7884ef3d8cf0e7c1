"""The world of the fault tests, and the table that they print at the end."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
import stripe
from django.db import connection

from site_config.devtools.proof import Row
from site_config.devtools.report import FIGURE
from tests.faults import forks
from tests.faults.forks import Forks
from tests.faults.kills import Tally
from tests.faults.world import World
from tests.simulator_process import StripeSimulator

QUICK_SEEDS, ALL_SEEDS = 50, 2_000
TALLIES: list[Tally] = []
# The race, the number of people, how often.
RACED: list[tuple[str, int, int]] = []
# The broken build, whether it is one of the eight, and what caught it.
CAUGHT: list[tuple[str, bool, str]] = []

# The seed, and what is wrong after it.
PLAYED: list[tuple[int, list[str]]] = []
# How often each outage happened in the middle of a flow.
STRUCK: Counter[str] = Counter()


def pytest_configure(config: pytest.Config) -> None:
    """The quick part leaves out what is marked `full`."""
    config.addinivalue_line("markers", "full: left out of the quick part of the faults")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the simulation's seeds."""
    if "seed" in metafunc.fixturenames:
        metafunc.parametrize("seed", chosen_seeds(metafunc.config))


def chosen_seeds(config: pytest.Config) -> list[int]:
    """Return the seeds that are named, or this run's share of the first ones."""
    if named := config.getoption("--seed"):
        parts = [list(map(int, part.split("-"))) for part in named.split(",")]
        return [seed for part in parts for seed in range(part[0], part[-1] + 1)]
    many = config.getoption("--seeds") or (QUICK_SEEDS if config.getoption("--quick") else ALL_SEEDS)
    share, of = map(int, config.getoption("--every").split("/"))
    return list(range(share, many + 1, of))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--quick`, leave out the rest."""
    left_out = [item for item in items if config.getoption("--quick") and item.get_closest_marker("full")]
    if not config.getoption("--every").startswith("1/"):
        # Only the seeds are shared out; what else is about the simulation belongs to the first share.
        left_out += [item for item in items if item.path.name == "test_simulation.py" and not is_seed(item)]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


def is_seed(item: pytest.Item) -> bool:
    """Whether a test is one of the simulation's seeds."""
    return "seed" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def child(
    django_db_setup: None, stripe_process: StripeSimulator, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Forks]:
    """The process that forks whatever is to be killed, on the test database."""
    log = tmp_path_factory.mktemp("faults") / "child.log"
    database = str(connection.settings_dict["NAME"])
    with forks.running(database=database, stripe=stripe_process.url, log=log) as running:
        yield running


@pytest.fixture
def world(
    transactional_db: None, stripe_simulator: StripeSimulator, child: Forks, monkeypatch: pytest.MonkeyPatch
) -> World:
    """The product with an empty database and an empty Stripe."""
    # Stripe's library waits half a second and more before it asks again.
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0.01)
    return World(simulator=stripe_simulator, forks=child)


@pytest.fixture(scope="session")
def is_quick(request: pytest.FixtureRequest) -> bool:
    """Whether this is the part that runs in CI."""
    return bool(request.config.getoption("--quick"))


@pytest.fixture(scope="session", autouse=True)
def figures(record_testsuite_property: Any) -> Iterator[None]:
    """Leave behind, for docs/proof.md, what the tables at the end say."""
    yield
    for row in [*kill_figures(), *race_figures(), *control_figures(), *seed_figures()]:
        record_testsuite_property(FIGURE, json.dumps(asdict(row)))


def kill_figures() -> list[Row]:
    """Kills, over all flows."""
    flows = by_flow(TALLIES)
    if not flows:
        return []
    points, killed, again, recovered = map(sum, zip(*(each.numbers for each in flows), strict=True))
    note = f"of {killed + again:,} kills at {points:,} points of {len(flows)} flows, {recovered:,} recoveries checked"
    wrong = sum(len(each.problems) for each in flows)
    return [
        Row(goal="kills", what="kills with another end than declared", ours=wrong, at_most=0, note=note, digits=0)
    ]


def race_figures() -> list[Row]:
    """Races that ended well, by the number of people."""
    people = sorted({each for _, each, _ in RACED})
    rounds = {each: [number for _, here, number in RACED if here == each] for each in people}
    return [
        Row(what=f"rounds of races, {each} at once", ours=sum(found), note=f"{len(found)} races", digits=0)
        for each, found in rounds.items()
    ]


def control_figures() -> list[Row]:
    """Builds with a known mistake that were caught."""
    found = {wanted: [bool(why) for _, is_control, why in CAUGHT if is_control is wanted] for wanted in (True, False)}
    goals = ((True, "controls", "controls caught"), (False, "", "more broken builds caught"))
    return [
        Row(goal=goal, what=what, ours=sum(found[wanted]), at_least=len(found[wanted]), digits=0)
        for wanted, goal, what in goals
        if found[wanted]
    ]


def seed_figures() -> list[Row]:
    """Seeds of the simulation, and those that ended wrong."""
    if not PLAYED:
        return []
    wrong = sum(bool(problems) for _, problems in PLAYED)
    return [
        Row(goal="simulation", what="seeds that end wrong", ours=wrong, at_most=0, digits=0),
        Row(what="seeds of 100 steps", ours=len(PLAYED), digits=0),
    ]


def by_flow(tallies: list[Tally]) -> list[Tally]:
    """One line for each flow, its kills and its recovery's kills together."""
    lines = {each.flow: Tally(each.flow) for each in tallies}
    for each in tallies:
        line = lines[each.flow]
        line.points = each.points
        line.killed += each.killed
        line.recovery_kills += each.recovery_kills
        line.recovered += each.recovered
        line.problems += each.problems
    return list(lines.values())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was killed, how often people raced, what else failed, and which broken builds were caught."""
    for name, lines in (
        ("kills", kill_lines()),
        ("races", race_lines()),
        ("outages", outage_lines()),
        ("negative controls", control_lines()),
        ("simulation", seed_lines()),
    ):
        if lines:
            terminalreporter.section(name)
        for line in lines:
            terminalreporter.line(line)


def kill_lines() -> list[str]:
    """The table of the flows, with the sums below."""
    flows = by_flow(TALLIES)
    rows = [(each.flow, each.numbers, each.result) for each in flows]
    sums = tuple(map(sum, zip(*(numbers for _, numbers, _ in rows), strict=True)))
    head = ("flow", ("points", "killed", "in recovery", "recoveries"), "result")
    return [row(*each) for each in (head, *rows, (f"{len(flows)} flows", sums, ""))] if flows else []


def row(name: str, numbers: tuple[object, ...], result: str) -> str:
    """One line of the table."""
    return f"{name:<46}{''.join(f'{number:>13}' for number in numbers)}  {result}"


def race_lines() -> list[str]:
    """How often each race was run, by the number of people."""
    rounds: dict[str, list[str]] = {}
    for name, people, number in RACED:
        rounds.setdefault(name, []).append(f"{number} × {people}")
    return [f"{name:<34}{', '.join(numbers)}" for name, numbers in rounds.items()]


def outage_lines() -> list[str]:
    """How often each outage happened."""
    return [f"{name.replace('_', ' '):<34}{number:>6}" for name, number in STRUCK.items()]


def control_lines() -> list[str]:
    """Which broken builds were caught, and by what."""
    lines = []
    for wanted, title in ((True, "controls"), (False, "more")):
        found = [(name, why) for name, is_control, why in CAUGHT if is_control is wanted]
        lines += [
            f"{name.replace('_', ' '):<36}{f'caught: {why[:90]}' if why else 'NOT CAUGHT'}" for name, why in found
        ]
        lines += [f"{sum(bool(why) for _, why in found)}/{len(found)} {title} caught"] if found else []
    return lines


def seed_lines() -> list[str]:
    """How many seeds were played, and how to play again those that ended wrong."""
    wrong = [str(seed) for seed, problems in PLAYED if problems]
    again = [f"./run faults simulation --seed {','.join(wrong)}"] if wrong else []
    return [f"{len(PLAYED)} seeds, {len(wrong)} wrong", *again] if PLAYED else []
