"""`./run test`: everything on PostgreSQL, and what touches the database once more on SQLite.

What follows on the command line goes to pytest: `./run test -k refund -x`.
"""

import os
import sys
import tempfile
from pathlib import Path

from site_config import processes
from site_config.devtools import chromium, postgresql, stripe_openapi
from site_config.devtools.report import Report

NO_BROWSER = "the browser tests: Chromium is not installed (Debian: apt install chromium)"


def main(arguments: list[str]) -> int:
    """Run both parts; 0 only when all that ran passed, and in CI only when all of it ran."""
    report = Report()
    try:
        with processes.interruptible(), tempfile.TemporaryDirectory(prefix="innkeep-tests-") as folder:
            browser = chromium.find_or_install()
            if browser is None:
                report.not_run.append(NO_BROWSER)
            on_postgresql(report, arguments, Path(folder), browser=browser)
            on_sqlite(report, arguments, Path(folder))
    except processes.Interrupted:
        report.broken.append("interrupted")
    return report.close()


def on_postgresql(report: Report, arguments: list[str], folder: Path, *, browser: str | None) -> None:
    """The whole suite but the faults, which have a command of their own."""
    chosen = "not faults" if browser else "not faults and not browser"
    try:
        with postgresql.server() as url:
            pytest(report, ["-m", chosen, *arguments], part="PostgreSQL", url=url, folder=folder)
    except postgresql.Unavailable as problem:
        report.not_run.append(f"the whole suite on PostgreSQL: {problem}")


def on_sqlite(report: Report, arguments: list[str], folder: Path) -> None:
    """Tests without the database have run already; `--database-only` leaves them out."""
    chosen = "not faults and not browser and not postgres"
    url = f"sqlite:///{folder / 'tests.sqlite3'}"
    pytest(report, ["-m", chosen, "--database-only", *arguments], part="SQLite", url=url, folder=folder)


def pytest(report: Report, arguments: list[str], *, part: str, url: str, folder: Path) -> None:
    """One run of pytest, shown as it goes and counted in the report."""
    print(f"\n── Tests on {part} ──", flush=True)
    junit = folder / f"{part}.xml"
    command = [sys.executable, "-m", "pytest", f"--junitxml={junit}", *arguments]
    document = stripe_openapi.fetch()
    data = {"STRIPE_OPENAPI": str(document)} if document else {}
    exit_code = processes.attend(command, env=os.environ | {"DATABASE_URL": url} | data)
    report.add(junit, part=part, exit_code=exit_code)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
