"""What a test run came to: counted from pytest's own JUnit files, said in the last lines."""

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from site_config.devtools.proof import Row

# What a test measures is a property of this name: a row, as JSON.
FIGURE: Final = "figure"


@dataclass(slots=True)
class Report:
    """Counts over several runs of pytest, and what could not be run."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    not_run: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    figures: list[Row] = field(default_factory=list)
    # By the test's module and whether it passed.
    outcomes: Counter[tuple[str, bool]] = field(default_factory=Counter)
    database: str = ""

    def add(self, junit: Path, *, part: str, exit_code: int) -> None:
        """Count one run. Exit 5 means that no test was chosen, which `-k` may cause in one part only."""
        if exit_code not in (0, 1, 5) or not junit.exists():
            self.broken.append(f"{part}: pytest stopped with exit {exit_code}")
        if not junit.exists():
            return
        written = ElementTree.parse(junit)  # noqa: S314  (written by our own pytest)
        for case in written.iter("testcase"):
            self.count(case, part)
        kept = (each for each in written.iter("property") if each.get("name") == FIGURE)
        self.figures += [Row(**json.loads(each.get("value", ""))) for each in kept]

    def count(self, case: ElementTree.Element, part: str) -> None:
        """Count one test."""
        skip = case.find("skipped")
        if case.find("failure") is not None or case.find("error") is not None:
            self.failed += 1
            self.outcomes[module_of(case), False] += 1
        elif skip is not None and skip.get("type") != "pytest.xfail":
            self.skipped += 1
            name = f"{case.get('classname')}.{case.get('name')}"
            self.not_run.append(f"{name} on {part}: {skip.get('message')}")
        else:
            self.passed += 1
            self.outcomes[module_of(case), True] += 1

    def close(self) -> int:
        """Say the last lines and return the exit code. In CI whatever was not run is a failure."""
        print()
        for line in self.not_run:
            print(f"Not run: {line}")
        for line in self.broken:
            print(f"Broken: {line}")
        print(f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped", flush=True)
        if self.failed or self.broken or not self.passed:
            return 1
        return 1 if self.not_run and in_ci() else 0


def module_of(case: ElementTree.Element) -> str:
    """The file that a test is in."""
    parts = case.get("classname", "").split(".")
    named = [number for number, part in enumerate(parts) if part.startswith("test_")]
    return "/".join(parts[: named[0] + 1] if named else parts) + ".py"


def in_ci() -> bool:
    """Whether nobody watches, and green has to mean that everything ran."""
    return os.environ.get("CI", "").lower() in ("1", "true")
