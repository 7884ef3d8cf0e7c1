"""`./run coverage`: which lines the tests run, and which branches of the code that decides about money none takes.

All tests but those in a browser go once, on SQLite in two halves beside each other, then those that need PostgreSQL.
What a process of its own does is not counted, so the true figures are higher. `--write` keeps them in docs/proof.md.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from coverage import Coverage

from site_config import processes
from site_config.devtools import postgresql, proof, proof_page, suite
from site_config.devtools.covered_known import why_untested
from site_config.devtools.proof import CHECKOUT, Row
from site_config.devtools.report import Report

GOAL: Final = 95  # percent of lines
# The product; what developers run, what draws demo data and the simulated Stripe are programs of their own.
SOURCES: Final = ("bookings", "payments", "cancellations", "trail", "site_config")
LEFT_OUT: Final = ("*/migrations/*", "site_config/devtools/*", "site_config/demo/*", "payments/simulator/*")
# What decides about money: every module of these two but those that only show or ask.
RULES: Final = ("payments", "cancellations")
SHOWN: Final = ("api", "apps", "urls", "views", "forms", "pages")
WITHOUT_DATABASE_TOO: Final = "not faults and not browser and not redis and not pgbouncer"


@dataclass(frozen=True)
class Untaken:
    """A branch that no test takes: where it begins, the code there, where it would lead, and why none takes it."""

    module: str
    line: int
    code: str
    to: int
    why: str


def main(arguments: list[str]) -> int:
    """0 when all tests passed, enough lines were run, and each branch never taken has a reason."""
    named = [each for each in arguments if each != proof.OPTION]
    report = Report()
    try:
        with processes.interruptible(), tempfile.TemporaryDirectory(prefix="innkeep-coverage-") as folder:
            measure(report, Path(folder), named)
            if report.close():
                return 1
            found = figures(Path(folder))
    except processes.Interrupted:
        print("Interrupted.")
        return 1
    lines, untaken = percent(found), list(branches(found))
    if proof.OPTION in arguments and not named:
        write(lines, untaken, report.database)
    return say(lines, untaken)


def measure(report: Report, folder: Path, arguments: list[str]) -> None:
    """Run the tests, each run with a file of its own for what it saw."""
    runner = traced(folder)
    chosen = [*arguments, "-m", f"{WITHOUT_DATABASE_TOO} and not postgres"]
    with suite.beside(
        report,
        [*chosen, "--share=first"],
        part="SQLite, first half",
        url=f"sqlite:///{folder / 'first.sqlite3'}",
        folder=folder,
        runner=runner,
    ):
        url = f"sqlite:///{folder / 'second.sqlite3'}"
        suite.pytest(report, [*chosen, "--share=second"], part="SQLite", url=url, folder=folder, runner=runner)
    only = [*arguments, "-m", f"{WITHOUT_DATABASE_TOO} and postgres"]
    with postgresql.server() as url:
        report.database = f"SQLite and {postgresql.version(url)}"
        suite.pytest(report, only, part="PostgreSQL", url=url, folder=folder, runner=runner)


def traced(folder: Path) -> list[str]:
    """How a test run is started so that it counts lines and branches."""
    configuration = folder / "coverage.ini"
    listed = {"source": SOURCES, "omit": LEFT_OUT}
    text = [f"{name} =\n    " + "\n    ".join(values) for name, values in listed.items()]
    configuration.write_text(
        "\n".join(["[run]", "branch = True", "parallel = True", f"data_file = {folder / 'seen'}", *text]) + "\n",
        encoding="utf-8",
    )
    return ["-m", "coverage", "run", f"--rcfile={configuration}", "-m", "pytest"]


def figures(folder: Path) -> Mapping[str, Any]:
    """What all runs together saw, by file."""
    seen = Coverage(config_file=str(folder / "coverage.ini"))
    seen.combine()
    seen.json_report(outfile=str(folder / "seen.json"), ignore_errors=False)
    kept: Mapping[str, Any] = json.loads((folder / "seen.json").read_text(encoding="utf-8"))
    return kept


def percent(found: Mapping[str, Any]) -> float:
    """The share of lines that some test ran."""
    total = found["totals"]
    return 100 * float(total["covered_lines"]) / float(total["num_statements"])


def branches(found: Mapping[str, Any]) -> Iterator[Untaken]:
    """The branches of the rule modules that no test takes."""
    for module, each in sorted(found["files"].items()):
        if not decides(Path(module)):
            continue
        code = (CHECKOUT / module).read_text(encoding="utf-8").splitlines()
        for line, to in each["missing_branches"]:
            text = code[line - 1].strip()
            yield Untaken(module, line, text, to, why_untested(module, text))


def decides(module: Path) -> bool:
    """Whether a module is one of those that decide about money."""
    is_shown = any(module.stem == word or module.stem.endswith(f"_{word}") for word in SHOWN)
    return module.parts[0] in RULES and len(module.parts) == 2 and not is_shown and not module.stem.startswith("api_")


def write(lines: float, untaken: list[Untaken], database: str) -> None:
    """Keep the figures."""
    open_ones = sum(not each.why for each in untaken)
    rows = [
        Row(goal="coverage", what="lines, %", ours=lines, at_least=GOAL),
        Row(goal="branches", what="without a reason", ours=open_ones, at_most=0, note=explained(untaken), digits=0),
    ]
    proof.write("coverage", rows, proof.stamp("coverage", database=database))
    proof_page.write()


def explained(untaken: list[Untaken]) -> str:
    """How many have a reason."""
    return f"{sum(bool(each.why) for each in untaken)} more have one"


def say(lines: float, untaken: list[Untaken]) -> int:
    """Print the figures, the branches without a reason last."""
    for each in sorted(untaken, key=lambda each: not each.why):
        print(f"{each.module}:{each.line} → {each.to if each.to > 0 else 'end'}  {each.code}")
        print(f"    {each.why or 'nobody has said why'}")
    left = [each for each in untaken if not each.why]
    print(f"\n{lines:.1f} % of lines (goal {GOAL}), {len(left)} branches without a reason, {explained(untaken)}")
    return int(lines < GOAL or bool(left))


if __name__ == "__main__":
    os.nice(5)
    sys.exit(main(sys.argv[1:]))
