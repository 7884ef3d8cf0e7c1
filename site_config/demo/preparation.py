"""Migrations and test data: done when something changed, so that a second start is quick."""

import hashlib
import json
import sys
from datetime import date
from pathlib import Path

from site_config import processes
from site_config.demo.logs import last_lines
from site_config.demo.surroundings import CHECKOUT, Refused, Surroundings, say

DECIDING_FILES = (
    "*/migrations/*.py",
    "*/management/commands/seed_demo*.py",
    "*/demo/seed*.py",
    "requirements.txt",
)


def forget_half_made(demo: Surroundings) -> None:
    """Begin anew where the first preparation was interrupted; call it before the simulator starts.

    Bookings made halfway would look finished to the seed, and the simulator would know of others.
    """
    if not demo.database.exists() or stamp_of(demo).exists():
        return
    simulator = [] if demo.test_mode else [demo.simulator_state]
    for database in (demo.database, *simulator):
        for path in demo.folder.glob(f"{database.name}*"):
            path.unlink()


def prepare(demo: Surroundings) -> None:
    """Bring the database up to date and fill it. Test data moves with the calendar: a new day is a change."""
    stamp = stamp_of(demo)
    wanted = {"files": fingerprint(CHECKOUT), "day": date.today().isoformat()}  # noqa: DTZ011  (this machine's day)
    if demo.database.exists() and read_stamp(stamp) == wanted:
        return
    say("Preparing the database …")
    manage(demo, "migrate", "--verbosity", "0")
    manage(demo, "seed_demo")
    stamp.write_text(json.dumps(wanted), encoding="utf-8")


def stamp_of(demo: Surroundings) -> Path:
    """The file that tells for what the database was prepared last."""
    return demo.database.with_suffix(".prepared.json")


def fingerprint(checkout: Path) -> str:
    """One hash over every file that decides what the database looks like."""
    digest = hashlib.sha256()
    for pattern in DECIDING_FILES:
        for path in sorted(checkout.glob(pattern)):
            digest.update(str(path.relative_to(checkout)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def read_stamp(path: Path) -> object:
    """What was prepared last, or None."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def manage(demo: Surroundings, *arguments: str) -> None:
    """Run one management command; what it printed is shown only when it fails."""
    log = demo.log("prepare")
    child = processes.start([sys.executable, "manage.py", *arguments], log=log, env=demo.environment())
    try:
        exit_code = child.wait()
    finally:
        processes.stop(child)
    if exit_code != 0:
        hint = "If the database is from an older checkout, `./run demo --fresh` starts over."
        raise Refused(f"{last_lines(log)}\n`manage.py {arguments[0]}` failed; all it printed is in {log}. {hint}")
