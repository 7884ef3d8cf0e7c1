"""What approving and cancelling cost us beside Stripe, next to the least that any such act could cost.

    python -m tests.performance.own EACH

The least is one bare call of Stripe's library to the same simulated Stripe, and one commit. Ours is everything but
the wait for Stripe's answer. Acts and calls take turns, and the middle one of each counts, so that a busy moment of
the machine hits both. It works in a process of its own and prints what it measured as JSON.
"""

import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Final

import django

from tests.performance.working import measured

EACH: Final = 20
GOAL: Final = 4


@dataclass(frozen=True)
class Cost:
    """Milliseconds of one act: by the clock without Stripe's answer, and of our CPU; and its SQL statements."""

    what: str
    wall: float
    cpu: float
    statements: float


@dataclass(frozen=True)
class Measured:
    """The acts, and the bare call with its commit, whose time includes Stripe's answer."""

    acts: tuple[Cost, ...]
    bare: Cost


def main(each: int) -> None:
    """Prepare, measure by turns, print."""
    # Only now can the models be imported.
    stage = import_module("tests.performance.own_stage")
    with tempfile.TemporaryDirectory() as folder, stage.stripe(Path(folder)) as simulator:
        acts, bare = stage.by_turns(stage.prepared(simulator, each))
    print(json.dumps(asdict(Measured(acts, bare))))


def measure(env: Mapping[str, str]) -> Measured:
    """Run this file as a process of its own and return what it measured."""
    said = measured("own", env, str(EACH))
    return Measured(tuple(Cost(**act) for act in said["acts"]), Cost(**said["bare"]))


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")
    django.setup()
    main(int(sys.argv[1]))
