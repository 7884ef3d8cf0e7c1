"""`./run faults [--quick]`: kills, races and broken networks, on PostgreSQL.

`--quick` is the part that runs in CI; other arguments go to pytest.
"""

import sys
import tempfile
from pathlib import Path

from site_config import processes
from site_config.devtools import postgresql, suite
from site_config.devtools.report import Report

FOLDER = "tests/faults"


def main(arguments: list[str]) -> int:
    """Run what is marked `faults`; without a server there is nothing to run, and that is a failure."""
    report = Report()
    chosen = [FOLDER, "-m", "faults", *arguments]
    try:
        with (
            processes.interruptible(),
            tempfile.TemporaryDirectory(prefix="innkeep-faults-") as folder,
            postgresql.server() as url,
        ):
            suite.pytest(report, chosen, part="PostgreSQL", url=url, folder=Path(folder))
    except postgresql.Unavailable as problem:
        report.broken.append(f"PostgreSQL: {problem}")
    except processes.Interrupted:
        report.broken.append("interrupted")
    return report.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
