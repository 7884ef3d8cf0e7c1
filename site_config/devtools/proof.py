"""What was measured: figures beside their goals, kept below `docs/proof/`, one file for each part that measures.

Only commands write them (`./run bench`, `./run faults`, `./run test` and `./run mutants`, each with `--write`), and
each figure says by which command it was found, when, on what, and on which commit.
"""

import json
import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

CHECKOUT: Final = Path(__file__).resolve().parents[2]
FOLDER: Final = CHECKOUT / "docs" / "proof"
PAGE: Final = CHECKOUT / "docs" / "proof.md"
OPTION: Final = "--write"
# What writing changes itself says nothing about the code that was measured.
NOT_CODE: Final = ("docs/proof/", "docs/proof.md")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure. Its limits are for the ratio to its reference, or for itself where it has none.

    `goal` names the line of the table that it belongs to; without it, it is said beside. `against` says what the
    reference is, `note` what else there is to know.
    """

    what: str
    ours: float
    goal: str = ""
    reference: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    against: str = ""
    note: str = ""
    digits: int = 1

    @property
    def ratio(self) -> float | None:
        """Ours as a multiple of the reference."""
        return None if not self.reference else self.ours / self.reference

    @property
    def judged(self) -> float:
        """What the limits are for."""
        return self.ours if self.ratio is None else self.ratio

    @property
    def reached(self) -> bool:
        """Whether it keeps to its limits; without one it does."""
        is_enough = self.at_least is None or self.judged >= self.at_least
        return is_enough and (self.at_most is None or self.judged <= self.at_most)

    @property
    def limit(self) -> str:
        """Its goal in words."""
        signs = (("≥", self.at_least), ("≤", self.at_most))
        said = [f"{sign} {value:g}{'' if self.ratio is None else ' ×'}" for sign, value in signs if value is not None]
        if self.at_least == self.at_most is not None:
            return "as many" if self.ratio is not None else f"{self.at_most:g}"
        return ", ".join(said)

    @property
    def strain(self) -> float:
        """How near its limit it is: above 1 it has missed it."""
        over = self.judged / self.at_most if self.at_most else float(self.at_most == 0 and self.judged > 0) * 1e9
        under = self.at_least / self.judged if self.at_least and self.judged else float(bool(self.at_least)) * 1e9
        return max(over, under)


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """By which command figures were found, when (UTC), on what and on which commit."""

    command: str
    date: str
    cores: int
    database: str
    commit: str


@dataclass(frozen=True, kw_only=True)
class Found:
    """A figure with its stamp."""

    row: Row
    stamp: Stamp


def stamp(*command: str, database: str) -> Stamp:
    """The stamp of what is measured now by a command of `./run`."""
    return Stamp(
        command=shlex.join(("./run", *command)),
        date=f"{datetime.now(tz=UTC):%Y-%m-%d %H:%M} UTC",
        cores=len(os.sched_getaffinity(0)),
        database=database,
        commit=commit(),
    )


def commit() -> str:
    """The commit that is checked out, and whether something is changed beside it."""
    known = git("rev-parse", "--short=10", "HEAD") or "unknown"
    changed = [line[3:] for line in git("status", "--porcelain", "--untracked-files=no").splitlines()]
    return f"{known} with changes" if any(not name.startswith(NOT_CODE) for name in changed) else known


def git(*arguments: str) -> str:
    """What git answers; nothing where there is no git."""
    try:
        done = subprocess.run(("git", *arguments), cwd=CHECKOUT, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.rstrip()


def write(part: str, rows: Iterable[Row], found_by: Stamp, *, beside: Iterable[Found] = ()) -> None:
    """Keep what a part has found, in place of what was known of it. `beside` it stays what is handed in."""
    new = [Found(row=row, stamp=found_by) for row in rows]
    names = {(each.row.goal, each.row.what) for each in new}
    kept = [each for each in beside if (each.row.goal, each.row.what) not in names]
    FOLDER.mkdir(exist_ok=True)
    lines = [json.dumps(plain(each), ensure_ascii=False) for each in [*kept, *new]]
    (FOLDER / f"{part}.json").write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


def plain(found: Found) -> dict[str, Any]:
    """A figure for its file: what says nothing is left out."""
    said = {name: value for name, value in asdict(found.row).items() if value not in (None, "")}
    return {**said, "ratio": found.row.ratio, "reached": found.row.reached, **asdict(found.stamp)}


def read(part: str) -> list[Found]:
    """What is known of a part: nothing, where nobody has measured it."""
    path = FOLDER / f"{part}.json"
    return [found(each) for each in json.loads(path.read_text(encoding="utf-8"))] if path.exists() else []


def found(kept: Mapping[str, Any]) -> Found:
    """A figure from its file."""
    row = {each.name: kept[each.name] for each in fields(Row) if each.name in kept}
    return Found(row=Row(**row), stamp=Stamp(**{each.name: kept[each.name] for each in fields(Stamp)}))
