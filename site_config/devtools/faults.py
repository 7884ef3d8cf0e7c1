"""`./run faults [--quick]`: kills, races and broken networks, on PostgreSQL.

Two halves run side by side, each with a database, a simulated Stripe and a table of its own. `--quick` is the part
that runs in CI. Other arguments go to pytest; files among them are run instead of the two halves. `--write` keeps in
docs/proof.md what was found.

`./run faults simulation` runs only the seeds: 50 with `--quick`, else 2,000, or as many as `--seeds 300` says. A seed
that ended wrong is done again, and told step by step, by `./run faults simulation --seed 17`.
"""

import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from site_config import processes
from site_config.devtools import postgresql, proof, proof_tests, suite
from site_config.devtools.proof import Row
from site_config.devtools.report import Report

FOLDER = Path("tests/faults")
# One half of the work; the other half is whatever else there is.
RACES = ("test_negative_controls.py", "test_races.py", "test_lost_answers.py", "test_outages.py")
# Its seeds are shared out among both halves.
SIMULATION, ONLY_SIMULATION = "test_simulation.py", "simulation"
# Nobody reads the product's log here, and keeping it for each test takes its time.
OPTIONS = ("-m", "faults", "-p", "no:logging", "--show-capture=no")


def main(arguments: list[str]) -> int:
    """Run what is marked `faults`; without a server there is nothing to run, and that is a failure."""
    is_written, arguments = proof.OPTION in arguments, [each for each in arguments if each != proof.OPTION]
    if is_written and (why := proof_tests.unfit(arguments)):
        print(why)
        return 2
    report, started = Report(), time.monotonic()
    try:
        with (
            processes.interruptible(),
            tempfile.TemporaryDirectory(prefix="innkeep-faults-") as folder,
            postgresql.server() as url,
        ):
            report.database = postgresql.version(url)
            run(report, arguments, url=url, folder=Path(folder))
    except postgresql.Unavailable as problem:
        report.broken.append(f"PostgreSQL: {problem}")
    except processes.Interrupted:
        report.broken.append("interrupted")
    minutes = (time.monotonic() - started) / 60
    if is_written and not report.broken:
        proof_tests.write("faults", report, arguments, minutes=minutes)
    print(f"\n{minutes:.1f} minutes in all")
    return report.close()


def run(report: Report, arguments: list[str], *, url: str, folder: Path) -> None:
    """Run the two halves at once, or what the arguments name."""
    if any(Path(argument.split("::")[0]).is_file() for argument in arguments):
        suite.pytest(report, [*OPTIONS, *arguments], part="PostgreSQL", url=url, folder=folder)
        return
    others = [path.name for path in sorted(FOLDER.glob("test_*.py")) if path.name not in (*RACES, SIMULATION)]
    is_only = ONLY_SIMULATION in arguments
    arguments = [each for each in arguments if each != ONLY_SIMULATION]
    if is_only and any(each.split("=")[0] == "--seed" for each in arguments):
        chosen = [*OPTIONS, str(FOLDER / SIMULATION), *arguments]
        suite.pytest(report, chosen, part="PostgreSQL", url=url, folder=folder)
        return
    halves = [
        [*(str(FOLDER / name) for name in (() if is_only else names)), str(FOLDER / SIMULATION), f"--every={share}"]
        for names, share in ((RACES, "1/2"), (others, "2/2"))
    ]
    with suite.beside(
        report,
        [*OPTIONS, *halves[0], *arguments],
        part="PostgreSQL: races",
        url=database(url, "races"),
        folder=folder,
    ):
        part = "PostgreSQL: kills"
        suite.pytest(report, [*OPTIONS, *halves[1], *arguments], part=part, url=database(url, "kills"), folder=folder)
    report.figures = summed(report.figures)


def summed(figures: list[Row]) -> list[Row]:
    """Add up what both halves have counted under the same name."""
    sums: dict[tuple[str, str], Row] = {}
    for row in figures:
        known = sums.get((row.goal, row.what))
        sums[row.goal, row.what] = replace(row, ours=row.ours + known.ours) if known else row
    return list(sums.values())


def database(url: str, name: str) -> str:
    """The address of another database of the same server; the tests make it, beside its name."""
    parts = urlsplit(url)
    return parts._replace(path=f"{parts.path}_{name}").geturl()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
