"""`docs/proof.md`: the table of all goals with what was found for each, and below it all figures, part by part.

    python -m site_config.devtools.proof_page

writes it anew from the files below `docs/proof/`; every command that measures does so itself with `--write`.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Final

from site_config.devtools import proof
from site_config.devtools.proof import Found, Row
from site_config.devtools.proof_goals import GOALS, PARTS, Goal
from site_config.devtools.proof_why import WHY

HEAD: Final = """# Proof

Commands write this page, nobody else: each part's figures are in a file below `docs/proof/` and come there by the
command that is named with them and `--write`. A time is worth little alone on a shared machine, so a goal is a count
or a ratio to a reference that was measured in the same minutes. Where a goal is about many figures, the table shows
the one that is nearest to its limit, or furthest beyond; the part below has them all.

"""
MISSED: Final = "**no**"
TABLE: Final = ("What", "Figure", "Measured", "Reference", "Ratio", "Goal", "Reached", "Command")
FIGURES: Final = ("What", "Measured", "Reference", "Ratio", "Goal", "Reached")


def write() -> None:
    """Write the page anew."""
    proof.PAGE.write_text(page({part: proof.read(part) for part in PARTS}), encoding="utf-8")


def page(known: Mapping[str, Sequence[Found]]) -> str:
    """The whole page, from what is known of each part."""
    areas = [area(name, list(goals), known) for name, goals in groupby(GOALS, key=lambda goal: goal.area)]
    parts = [section(part, known.get(part, ())) for part in PARTS]
    return HEAD + summary(known) + "\n" + "\n".join(areas) + "\n# Figures\n\n" + "\n".join(parts)


def area(name: str, goals: Sequence[Goal], known: Mapping[str, Sequence[Found]]) -> str:
    """One area's goals, and below them why those that are missed are missed."""
    missed = [goal for goal in goals if verdict(figures_of(goal, known)) == MISSED]
    told = [f"\n{goal.what}, {goal.limit}: {WHY[goal.key]}\n" for goal in missed if goal.key in WHY]
    return f"## {name}\n\n{table(goals, known)}{''.join(told)}"


def summary(known: Mapping[str, Sequence[Found]]) -> str:
    """How many goals are reached, missed, and not measured."""
    verdicts = [verdict(figures_of(goal, known)) for goal in GOALS]
    return (
        f"{len(GOALS)} goals: {verdicts.count('yes')} reached, {verdicts.count(MISSED)} missed, "
        f"{verdicts.count('not measured')} not measured.\n"
    )


def figures_of(goal: Goal, known: Mapping[str, Sequence[Found]]) -> list[Found]:
    """All figures that belong to a goal."""
    return [each for part in known.values() for each in part if each.row.goal == goal.key]


def verdict(figures: Sequence[Found]) -> str:
    """Whether a goal is reached."""
    if not figures:
        return "not measured"
    return "yes" if all(each.row.reached for each in figures) else MISSED


def table(goals: Iterable[Goal], known: Mapping[str, Sequence[Found]]) -> str:
    """The goals of one area."""
    return rows(TABLE, (goal_cells(goal, figures_of(goal, known)) for goal in goals))


def goal_cells(goal: Goal, figures: Sequence[Found]) -> tuple[str, ...]:
    """One goal, with the figure that is nearest to its limit."""
    if not figures:
        command = f"`{goal.command}`" if goal.command else ""
        return (goal.what, "", "not measured", "", "", goal.limit, "", command)
    worst = max(figures, key=lambda each: each.row.strain)
    what, *numbers, _, _ = cells(worst.row)
    missed = sum(not each.row.reached for each in figures)
    of = f", {missed} of {len(figures)} figures miss it" if missed and len(figures) > 1 else ""
    return (goal.what, what, *numbers, goal.limit, verdict(figures) + of, f"`{worst.stamp.command}`")


def cells(row: Row) -> tuple[str, ...]:
    """One figure."""
    reference = "" if row.reference is None else f"{row.reference:,.{row.digits}f}"
    return (
        row.what,
        f"{row.ours:,.{row.digits}f}{f' ({row.note})' if row.note else ''}",
        f"{reference}{f' ({row.against})' if row.against else ''}",
        "" if row.ratio is None else f"{row.ratio:.2f}",
        row.limit,
        ("yes" if row.reached else MISSED) if row.limit else "",
    )


def section(part: str, figures: Sequence[Found]) -> str:
    """A part's figures, between its marks."""
    told = [stamped(stamp, list(group)) for stamp, group in groupby(figures, key=lambda each: each.stamp)]
    body = "\n".join(told) if told else f"Not measured: `{PARTS[part]}`\n"
    return f"<!-- {part} -->\n## {part}\n\n{body}<!-- end of {part} -->\n"


def stamped(stamp: proof.Stamp, figures: Sequence[Found]) -> str:
    """Figures that were found together, and where."""
    where = f"{stamp.cores} cores, {stamp.database}, commit {stamp.commit}"
    return f"`{stamp.command}`, {stamp.date}, {where}\n\n{rows(FIGURES, (cells(each.row) for each in figures))}"


def rows(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A table."""
    return "".join(f"| {' | '.join(line)} |\n" for line in (head, ["---"] * len(head), *lines))


if __name__ == "__main__":
    write()
