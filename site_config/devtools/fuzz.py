"""`./run fuzz [--cases 40] [--seed N]`: the whole API from its OpenAPI document, on PostgreSQL and a live server.

Every documented operation gets so many ordinary and as many odd requests from each kind of caller. What comes back
has to be described, no refused call may write, and nothing may be a 5xx. The same seed sends the same requests.
"""

import argparse
import secrets
import sys
import tempfile
from pathlib import Path

from site_config import processes
from site_config.devtools import postgresql, suite
from site_config.devtools.report import Report

TESTS = "tests/fuzz"
SEEDS = 2**31


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
            suite.pytest(report, options, part="PostgreSQL", url=url, folder=Path(folder))
    except postgresql.Unavailable as problem:
        report.broken.append(f"PostgreSQL: {problem}")
    except processes.Interrupted:
        report.broken.append("interrupted")
    return report.close()


def parsed(arguments: list[str]) -> argparse.Namespace:
    """Return how many, and from which seed; one of its own for each run unless it is given."""
    parser = argparse.ArgumentParser(prog="./run fuzz")
    parser.add_argument("--cases", type=int, default=40, help="for each operation, caller and kind (default: 40)")
    parser.add_argument("--seed", type=int, default=1 + secrets.randbelow(SEEDS), help="to send the same again")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
