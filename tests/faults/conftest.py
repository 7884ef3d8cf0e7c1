"""The world of the fault tests, and the table that they print at the end."""

from collections.abc import Iterator

import pytest
from django.db import connection

from tests.faults import forks
from tests.faults.forks import Forks
from tests.faults.kills import Tally
from tests.faults.world import World
from tests.simulator_process import StripeSimulator

TALLIES: list[Tally] = []
CAUGHT: list[tuple[str, str]] = []


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
def world(transactional_db: None, stripe_simulator: StripeSimulator, child: Forks) -> World:
    """The product with an empty database and an empty Stripe."""
    return World(simulator=stripe_simulator, forks=child)


@pytest.fixture(scope="session")
def is_quick(request: pytest.FixtureRequest) -> bool:
    """Whether this is the part that runs in CI."""
    return bool(request.config.getoption("--quick"))


def by_flow(tallies: list[Tally]) -> list[Tally]:
    """One line for each flow, its kills and its recovery's kills together."""
    lines = {each.flow: Tally(each.flow) for each in tallies}
    for each in tallies:
        line = lines[each.flow]
        line.points = each.points
        line.killed += each.killed
        line.recovery_kills += each.recovery_kills
        line.problems += each.problems
    return list(lines.values())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was killed, and which broken builds were caught."""
    if TALLIES:
        terminalreporter.section("kills")
        terminalreporter.line(f"{'flow':<24}{'points':>8}{'killed':>8}{'recovery kills':>16}  result")
    for each in by_flow(TALLIES):
        result = f"{len(each.problems)} problems" if each.problems else "ok"
        numbers = f"{each.points:>8}{each.killed:>8}{each.recovery_kills:>16}"
        terminalreporter.line(f"{each.flow:<24}{numbers}  {result}")
    if CAUGHT:
        terminalreporter.section("negative controls")
        for name, why in CAUGHT:
            terminalreporter.line(f"{name.replace('_', ' '):<36}{'caught: ' + why[:70] if why else 'NOT CAUGHT'}")
        caught = sum(bool(why) for _, why in CAUGHT)
        terminalreporter.line(f"{caught}/{len(CAUGHT)} caught")
