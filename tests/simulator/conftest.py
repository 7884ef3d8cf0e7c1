"""One simulator process for each file, reset before each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.simulator import checked
from tests.simulator.world import Receiver, Simulator


@pytest.fixture(autouse=True)
def documented_answers() -> Iterator[None]:
    """Fail a test that got an answer which Stripe's OpenAPI document does not allow."""
    with checked.answers():
        yield


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulator]:
    """A simulator without a webhook endpoint."""
    simulator = Simulator(tmp_path_factory.mktemp("simulator") / "state.sqlite3")
    yield simulator
    simulator.stop()


@pytest.fixture
def simulator(process: Simulator) -> Simulator:
    """The process of this file, as new."""
    process.control("POST", "reset", {})
    return process


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A webhook endpoint; every event it gets has to be one that Stripe's document describes."""
    endpoint = Receiver()
    yield endpoint
    endpoint.close()
    assert endpoint.undocumented == []


@pytest.fixture
def told(tmp_path: Path, receiver: Receiver) -> Iterator[Simulator]:
    """A simulator of its own that tells the receiver."""
    simulator = Simulator(tmp_path / "state.sqlite3", webhook=receiver.url)
    yield simulator
    simulator.stop()
