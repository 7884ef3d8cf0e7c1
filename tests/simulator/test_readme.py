"""The simulator's README names every lever there is, and no test card that isn't."""

from __future__ import annotations

import re

import pytest

from payments.simulator import control, faults, refunds
from payments.simulator.cards import CARDS
from payments.simulator.forgeries import FORGERIES
from tests.simulator.world import ROOT

README = (ROOT / "payments" / "simulator" / "README.md").read_text()
ADDRESSES = [(method, pattern) for method, pattern, _ in control.COMMANDS]


@pytest.mark.parametrize(("method", "pattern"), ADDRESSES)
def test_every_control_is_described(method: str, pattern: str) -> None:
    described = re.sub(r"<[\w ]+>", "x", README)
    head, _, last = pattern.replace("([^/]+)", "x").rpartition("/")
    rows = [line for line in described.splitlines() if line.startswith("|") and f"/_sim/{head}" in line]
    assert [line for line in rows if f"{last}`" in line or f"{last}?" in line or f"{last} " in line]


@pytest.mark.parametrize(
    "names", [control.SETTINGS, faults.KINDS, FORGERIES, refunds.OUTCOMES, CARDS], ids=lambda names: next(iter(names))
)
def test_every_name_is_described(names: dict[str, object]) -> None:
    assert [name for name in names if not re.search(rf"\b{name}\b", README)] == []


def test_every_card_of_the_readme_exists() -> None:
    assert set(re.findall(r"\b4\d{15}\b", README)) == set(CARDS)
