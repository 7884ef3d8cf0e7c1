"""`./run fuzz [--cases 60] [--seed N] [--write]`: odd API calls, webhooks and forms, on PostgreSQL.

Every operation of the OpenAPI document gets so many ordinary and as many odd requests, each of them from every kind
of caller; Stripe's address gets fifty odd deliveries for each case, and the forms of all pages thirty odd posts. What
comes back has to be described, no refused call may write, and nothing may be a 5xx. The same seed sends the same
requests. `--write` keeps in docs/proof.md what was found.
"""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from site_config import processes
from site_config.devtools import postgresql, proof, proof_page, suite
from site_config.devtools.proof import Row
from site_config.devtools.report import Report

TESTS = "tests/fuzz"
SEEDS = 2**31
LEAST = 20_000
# What the tests call their figures.
SENT, WRONG = "sent: ", "answered wrongly: "


def main(arguments: list[str]) -> int:
    """Run the tests of the suite with more cases; what they print has the figures."""
    said = parsed(arguments)
    report = Report()
    options = [TESTS, f"--cases={said.cases}", f"--fuzz-seed={said.seed}", "--show-capture=no"]
    try:
        with (
            processes.interruptible(),
            tempfile.TemporaryDirectory(prefix="innkeep-fuzz-") as folder,
            postgresql.server() as url,
        ):
            report.database = postgresql.version(url)
            suite.pytest(report, options, part="PostgreSQL", url=url, folder=Path(folder))
    except postgresql.Unavailable as problem:
        report.broken.append(f"PostgreSQL: {problem}")
    except processes.Interrupted:
        report.broken.append("interrupted")
    rows = summed_up(report)
    print("\n" + "; ".join(f"{row.what}: {row.ours:,.0f}" for row in rows))
    if said.is_written and not report.broken:
        command = ("fuzz", f"--cases={said.cases}", f"--seed={said.seed}")
        proof.write("fuzz", rows, proof.stamp(*command, database=report.database))
        proof_page.write()
    return report.close()


def summed_up(report: Report) -> list[Row]:
    """Return the figures of the tests, and their sums before. A test that failed without a figure counts, too."""
    sent, wrong = (sum(row.ours for row in report.figures if row.what.startswith(how)) for how in (SENT, WRONG))
    return [
        Row(goal="fuzz", what="bad inputs sent", ours=sent, at_least=LEAST, digits=0),
        Row(goal="fuzz", what="of them answered wrongly", ours=max(wrong, report.failed), at_most=0, digits=0),
        *report.figures,
    ]


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Return how many, and from which seed; one of its own for each run unless it is given."""
    parser = argparse.ArgumentParser(prog="./run fuzz")
    parser.add_argument("--cases", type=int, default=60, help="for each operation, caller and kind (default: 60)")
    parser.add_argument("--seed", type=int, default=1 + secrets.randbelow(SEEDS), help="to send the same again")
    parser.add_argument(proof.OPTION, action="store_true", dest="is_written", help="keep it in docs/proof.md")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
