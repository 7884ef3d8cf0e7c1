"""What a run of the tests proves: figures that tests left behind, and goals of which no test may fail."""

from collections.abc import Sequence

from site_config.devtools import proof, proof_page
from site_config.devtools.proof import Row
from site_config.devtools.proof_goals import GOALS, Goal
from site_config.devtools.report import Report


def unfit(arguments: Sequence[str]) -> str:
    """Why a run with these arguments is no proof: nothing where it is one."""
    chosen = [each for each in arguments if each != "--quick" and (each.startswith("-") or "::" in each)]
    return f"{proof.OPTION} wants the whole, or whole files: {' '.join(chosen)}" if chosen else ""


def write(part: str, report: Report, arguments: Sequence[str], *, minutes: float) -> None:
    """Keep what a run of some tests proves; what other tests proved stays."""
    rows = [*report.figures, *(row for goal in GOALS for row in tests_of(goal, report))]
    if not arguments:
        rows.append(Row(what="tests passed", ours=report.passed, digits=0))
        rows.append(Row(what="tests failed", ours=report.failed, at_most=0, digits=0))
        rows.append(Row(goal="suite" * (part == "tests"), what="minutes", ours=minutes, at_most=10))
    command = {"tests": "test"}.get(part, part)
    proof.write(part, rows, proof.stamp(command, *arguments, database=report.database), beside=proof.read(part))
    proof_page.write()


def tests_of(goal: Goal, report: Report) -> list[Row]:
    """How many of a goal's tests failed, where all its files were run."""
    passed, failed = ([report.outcomes[name, way] for name in goal.tests] for way in (True, False))
    if not goal.tests or not all(map(sum, zip(passed, failed, strict=True))):
        return []
    note = f"of {sum(passed) + sum(failed)} in {', '.join(goal.tests)}"
    return [Row(goal=goal.key, what="tests that fail", ours=sum(failed), at_most=0, note=note, digits=0)]
