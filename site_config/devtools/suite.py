"""`./run test`: everything on PostgreSQL, and beside it what touches the database once more on SQLite.

On PostgreSQL two halves go on beside each other, each on a database of its own. What follows on the command line
goes to pytest: `./run test -k refund -x`. `--write` tells docs/proof.md what it proved.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from site_config import processes
from site_config.devtools import chromium, pgbouncer, postgresql, proof, proof_tests, redis_server, stripe_openapi
from site_config.devtools.report import Report

PYTEST: Final = ("-m", "pytest")
NO_BROWSER: Final = "the browser tests: Chromium is not installed (Debian: apt install chromium)"


def main(arguments: list[str]) -> int:
    """Run both parts; 0 only when all that ran passed, and in CI only when all of it ran."""
    is_written, arguments = proof.OPTION in arguments, [each for each in arguments if each != proof.OPTION]
    if is_written and (why := proof_tests.unfit(arguments)):
        print(why)
        return 2
    report, started = Report(), time.monotonic()
    try:
        with processes.interruptible(), tempfile.TemporaryDirectory(prefix="innkeep-tests-") as folder:
            missing = {mark: reason for mark, (is_here, reason) in programs().items() if not is_here}
            report.not_run += missing.values()
            with on_sqlite(report, arguments, Path(folder)):
                on_postgresql(report, arguments, Path(folder), without=[*missing])
    except processes.Interrupted:
        report.broken.append("interrupted")
    if is_written and not report.broken:
        proof_tests.write("tests", report, arguments, minutes=(time.monotonic() - started) / 60)
    return report.close()


def programs() -> dict[str, tuple[bool, str]]:
    """Which programs of the system some tests need: their marker, whether it is here, what is not run without it."""
    return {
        "browser": (bool(chromium.find_or_install()), NO_BROWSER),
        "redis": (bool(redis_server.find()), redis_server.NOT_RUN),
        "pgbouncer": (bool(pgbouncer.find()), pgbouncer.NOT_RUN),
    }


def on_postgresql(report: Report, arguments: list[str], folder: Path, *, without: list[str]) -> None:
    """The whole suite but the faults, which have a command of their own, and what needs a program that is missing."""
    chosen = ["-m", " and ".join(f"not {mark}" for mark in ("faults", *without)), *arguments]
    try:
        with (
            postgresql.server() as url,
            beside(
                report, [*chosen, "--share=first"], part="PostgreSQL, first half", url=sibling(url), folder=folder
            ),
        ):
            report.database = f"{postgresql.version(url)} and SQLite"
            pytest(report, [*chosen, "--share=second"], part="PostgreSQL", url=url, folder=folder)
    except postgresql.Unavailable as problem:
        report.not_run.append(f"the whole suite on PostgreSQL: {problem}")


def sibling(url: str) -> str:
    """Return another database on the same server. pytest makes and drops `test_…` of it, so it need not exist."""
    parts = urlsplit(url)
    return parts._replace(path=f"{parts.path}_first").geturl()


@contextmanager
def on_sqlite(report: Report, arguments: list[str], folder: Path) -> Iterator[None]:
    """Tests without the database run once only; `--database-only` leaves them out, the markers what needs more."""
    chosen = "not faults and not browser and not postgres and not redis"
    url = f"sqlite:///{folder / 'tests.sqlite3'}"
    with beside(report, ["-m", chosen, "--database-only", *arguments], part="SQLite", url=url, folder=folder):
        yield


def pytest(
    report: Report, arguments: list[str], *, part: str, url: str, folder: Path, runner: Sequence[str] = PYTEST
) -> None:
    """One run of pytest, shown as it goes and counted in the report."""
    print(f"\n── Tests on {part} ──", flush=True)
    junit = folder / f"{part}.xml"
    exit_code = processes.attend(command(runner, junit, arguments), env=environment(url))
    report.add(junit, part=part, exit_code=exit_code)


@contextmanager
def beside(
    report: Report, arguments: list[str], *, part: str, url: str, folder: Path, runner: Sequence[str] = PYTEST
) -> Iterator[None]:
    """Another run of pytest, at the same time as the block; what it printed follows the block."""
    junit, log = folder / f"{part}.xml", folder / f"{part}.log"
    child = processes.start(command(runner, junit, arguments), log=log, env=environment(url))
    try:
        yield
        exit_code = child.wait()
    finally:
        processes.stop(child)
    print(f"\n── Tests on {part} ──\n{log.read_text(encoding='utf-8', errors='replace')}", flush=True)
    report.add(junit, part=part, exit_code=exit_code)


def command(runner: Sequence[str], junit: Path, arguments: list[str]) -> list[str]:
    """Return how pytest is started."""
    return [sys.executable, *runner, f"--junitxml={junit}", *arguments]


def environment(url: str) -> dict[str, str]:
    """Return the environment of a run on a database."""
    document = stripe_openapi.fetch()
    return os.environ | {"DATABASE_URL": url} | ({"STRIPE_OPENAPI": str(document)} if document else {})


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
